"""What a list of reminders looks like: a place a case, what is new first, and what rests as a count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from domain.case import Case
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.foremost import CEILING
from domain.reminders.kinds import Settles, kind_of, may_be_snoozed
from handlers.ui.actions import ROOM_FOR_KEYS, Action, OneReminder
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.view import View
from storage.reminders import Reminder

# So many cases stand in one message; the rest are counted, and `/sip lista` has them all.
LONGEST_LIST: Final = 12
# And so many parts of them, of which each takes up to three of the fifty pieces that a platform's message may hold.
_MOST_PARTS: Final = 15


@dataclass(frozen=True, slots=True)
class Line:
    """One case's place in a list: its next thing, which may be asked of several agencies with the same words."""

    case: Case
    items: tuple[tuple[Reminder, Due], ...]

    @property
    def due(self) -> Due:
        """The first of them."""
        return self.items[0][1]

    @property
    def parts(self) -> int:
        """How much room it takes: a part for each agency, and one for what is said of several together."""
        return len(self.items) + (len(self.items) > 1)

    @property
    def newest(self) -> int:
        """The version of the newest of them."""
        return max(version_of(reminder) for reminder, _ in self.items)

    @property
    def rests(self) -> bool:
        """Say whether it has been put often enough and is only counted now."""
        return all(reminder.posted >= CEILING and not kind_of(due).at_once for reminder, due in self.items)


def version_of(reminder: Reminder) -> int:
    """Return the version that a list has with this reminder as its newest."""
    return int(reminder.fired_at.timestamp() * 1000)


def with_room(lines: list[Line]) -> list[Line]:
    """Return the lines that one message has room for, from the first on; what is cut would count as put."""
    taken = accumulate(line.parts for line in lines)
    fitting = sum(parts <= _MOST_PARTS for parts in taken)
    return lines[: min(max(fitting, 1), LONGEST_LIST)]


def _nothing_left(view: View) -> Card:
    title, text = view.words("reminders.done.title"), view.words("reminders.done.text")
    return Card(title, f"{title}. {text}", (Section(text=text),))


def list_card(view: View, lines: list[Line], ordered: list[Line], new: frozenset[str]) -> Card:
    """Return the card of a list: the lines in order, and how many there are beside them; `new` are codes of cases."""
    if not lines:
        return _nothing_left(view)
    words, count, manager = view.words, len(lines), lines[0].due.to is To.MANAGER
    news = sum(line.case.code in new for line in ordered)
    headed = {0: words("reminders.new"), news: words("reminders.before")} if 0 < news < len(ordered) else {}
    sections = [part for number, line in enumerate(ordered) for part in _sections(view, line, headed.get(number, ""))]
    resting = sum(line.rests for line in lines)
    if more := count - resting - len(ordered):
        sections.append(Section(text=words("reminders.more", count=more)))
    if resting:
        key = "reminders.resting.manager" if manager else "reminders.resting"
        sections.append(Section(text=words(key, count=resting)))
    title = _title(view, count, manager=manager)
    return Card(title, sections[0].text if len(sections) == 1 else title, tuple(sections))


def _title(view: View, count: int, *, manager: bool) -> str:
    if count == 1:
        return view.words("reminders.manager.title.one" if manager else "reminders.title.one")
    return view.words("reminders.manager.title.many" if manager else "reminders.title.many", count=count)


def reminder_text(view: View, case: Case, due: Due) -> str:
    """Return one reminder in words: code, agency, days; nothing else may stand in it."""
    words = view.words
    meeting = case.meeting
    when = ""
    if meeting is not None and not case.protected:
        when = words("when.short", day=words.short_day(meeting.day), clock=words.clock(meeting.clock))
    day = words.day(due.day) if due.day is not None and not (case.protected and kind_of(due).tells_time) else ""
    agency = view.agency(due.agency) if due.agency else ""
    basis, own = basis_of(view, case, due), is_of_own_unit(due)
    return words(due.text, code=case.code, agency=agency, day=day, when=when, basis=basis, own=own)


def is_of_own_unit(due: Due) -> bool:
    """Say whether the word of the end has not reached the unit of whoever is reminded: they tell it to colleagues."""
    return kind_of(due).settles is Settles.PHONED and due.agency == due.unit


def basis_of(view: View, case: Case, due: Due) -> str:
    """Return what the day of a reminder rests on, so that a default of this product never reads as a duty."""
    rules = view.services.rules_of(case)
    return rules.plan_basis if due.kind is ReminderKind.SEND_PLAN else rules.meeting_basis(case)


def _sections(view: View, line: Line, heading: str) -> Iterator[Section]:
    """Yield the parts of a line: one, or for several agencies a head, a part each, and one button to put all off."""
    order = {agency: number for number, agency in enumerate(view.directory.agencies)}
    case, dues = line.case, sorted((due for _, due in line.items), key=lambda due: order.get(due.agency, len(order)))
    if len(dues) == 1:
        yield replace(_item(view, case, dues[0]), heading=heading)
        return
    together = _put_off_together(dues)
    if heading:
        yield Section(heading=heading)
    yield Section(heading=case.code)
    for due in dues:
        item = _item(view, case, due)
        # The head says which case it is, and needs no echo on every line.
        text = item.text.removeprefix(f"{case.code}: ")
        buttons = tuple(b for b in item.buttons if not together or b.action != Action.REMINDER_SNOOZE)
        yield replace(item, text=text[:1].upper() + text[1:], buttons=buttons)
    if together:
        yield Section(buttons=(_snooze(view, case.code, together, view.words("reminders.snooze_all.do")),))


def _put_off_together(dues: list[Due]) -> list[Due]:
    """Return those of a line that one button puts off; none where each has its own, or there is no room for them."""
    later = [due for due in dues if may_be_snoozed(due)]
    return later if len(later) > 1 and len(_keys(later)) <= ROOM_FOR_KEYS else []


def _item(view: View, case: Case, due: Due) -> Section:
    text = reminder_text(view, case, due)
    if due.to is To.MANAGER:
        return Section(text=text, buttons=_of_manager(view, case, due))
    label = view.words("ending.confirm.do") if is_of_own_unit(due) else view.words(f"{due.text}.do")
    done = _button(view, case, due, Action.REMINDER_DONE, label)
    later = (_snooze(view, case.code, [due], view.words("reminders.snooze.do")),) if may_be_snoozed(due) else ()
    return Section(text=text, buttons=(done, *later))


def _of_manager(view: View, case: Case, due: Due) -> tuple[Button, ...]:
    known = _button(view, case, due, Action.REMINDER_DONE, view.words("reminders.known.do"))
    if kind_of(due).at_once:
        return (known,)
    take = _button(view, case, due, Action.REMINDER_TAKE, view.words("reminders.take.do"))
    return (take, replace(known, tone=Tone.PLAIN))


def _button(view: View, case: Case, due: Due, action: Action, label: str) -> Button:
    # Heard one after the other, buttons of one case differ by the agency that each is about.
    about = ", ".join(filter(None, (label, case.code, due.agency and view.agency(due.agency))))
    return Button(action, label, view.seal(OneReminder(case.code, due.key)), Tone.PRIMARY, hint=about)


def _snooze(view: View, code: str, dues: list[Due], label: str) -> Button:
    agency = dues[0].agency if len(dues) == 1 else ""
    about = ", ".join(filter(None, (label, code, agency and view.agency(agency))))
    token = view.seal(OneReminder(code, _keys(dues)))
    return Button(Action.REMINDER_SNOOZE, label, token, hint=about)


def _keys(dues: list[Due]) -> str:
    return " ".join(due.key for due in dues)
