"""What a list of reminders says: one message a person or channel, with what is still open, as it is when it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from domain.address import Address
from domain.case import Case, Flag
from domain.reminders.deadlines import deadlines
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.foremost import escalates, foremost
from domain.reminders.kinds import kind_of
from domain.rules import WEEK
from handlers.enqueue import channel_of
from handlers.receivers import may_be_told, receivers
from handlers.screens.reminder_card import Line, basis_of, is_of_own_unit, list_card, version_of, with_room
from handlers.screens.stand_in import manager_id, said_first
from handlers.screens.undrawn import but_for_faulty, sections_of
from handlers.ui.outgoing import Drop, Later, Outgoing, PlainMail, Show
from handlers.view import View
from storage.posts import Post
from storage.reminders import Reminder
from storage.transaction import Reader

# A manager needs so much time to do something about a meeting.
WARNING = timedelta(days=2)

# What an agency is reminded of once it has been summoned.
_OF_SUMMONS = frozenset({ReminderKind.CONFIRM_RECEIPT, ReminderKind.NAME_ATTENDEES})


def surface_of(address: str, *, manager: bool) -> str:
    """Return the surface of the list at an address: what is asked of somebody, or what a manager is to know."""
    return f"{'escalations' if manager else 'reminders'}:{address}"


def digest(view: View, reader: Reader, address: str, *, manager: bool, anew: bool) -> Outgoing:
    """Return the list of reminders of one address as it is now: posted `anew` for a new one, else changed in place.

    What has only just fallen due is left to the letter that posts it, or nobody would notice it.
    """
    reminders = reader.reminders.open_for(address)

    def draw(left_out: frozenset[str]) -> Outgoing:
        some = [reminder for reminder in reminders if reminder.code not in left_out]
        return _digest(view, reader, address, some, manager=manager, anew=anew)

    drawn, faulty = but_for_faulty({reminder.code for reminder in reminders}, draw)
    person = view.directory.by_identity(Address.parse(address).identity)
    if not isinstance(drawn, Show) or not (named := sections_of(view, reader, person, faulty)):
        return drawn
    return replace(drawn, card=replace(drawn.card, sections=(*drawn.card.sections, *named)))


def _digest(
    view: View, reader: Reader, address: str, own: Iterable[Reminder], *, manager: bool, anew: bool
) -> Outgoing:
    surface = surface_of(address, manager=manager)
    shown = reader.posts.get(surface)
    reminders = [
        n
        for n in own
        if escalates(n.subject) is manager and (anew or (shown is not None and version_of(n) <= shown.version))
    ]
    lines = _lines(view, reader, address, reminders)
    if not anew or not lines:
        return Drop("done") if shown is None else _show(view, surface, shown.version + 1, lines)
    fresh = [line for line in lines if not line.rests and _is_news(line, shown)]
    if not fresh:
        return Drop("gathered")
    if not any(_at_any_hour(line) for line in fresh):
        opens = min(view.services.rules_of(line.case).opening(view.now) for line in fresh)
        calm = _calm_until(view, shown, fresh, manager=manager)
        if calm > view.now:
            return Later(calm, "calm")
        if opens > view.now:
            return Later(opens, "hours")
    newest = max(version_of(reminder) for reminder in reminders)
    return _show(view, surface, newest, lines, frozenset(line.case.code for line in fresh), anew=True)


def count_managed(view: View, reader: Reader, address: str) -> int:
    """Count the cases in the list of what somebody is to know as a manager, as it would be now."""
    reminders = [reminder for reminder in reader.reminders.open_for(address) if escalates(reminder.subject)]

    def count(left_out: frozenset[str]) -> int:
        some = [reminder for reminder in reminders if reminder.code not in left_out]
        return len(_lines(view, reader, address, some))

    counted, _ = but_for_faulty({reminder.code for reminder in reminders}, count)
    return counted


def _lines(view: View, reader: Reader, address: str, reminders: list[Reminder]) -> list[Line]:
    return _one_a_case(list(_still_due(view, reader, address, reminders)))


def _is_news(line: Line, shown: Post | None) -> bool:
    """Say whether a line is new to who reads: it is newer than the list, or has stood behind another in each post."""
    if shown is None or line.newest > shown.version:
        return True
    return shown.posted_at is not None and all(not reminder.posted for reminder, _ in line.items)


def _calm_until(view: View, shown: Post | None, fresh: list[Line], *, manager: bool) -> datetime:
    """Return until when the list is left alone: one post a day, to a manager one a week.

    Before that goes what would come too late, and what is said at an hour of its own.
    """
    if shown is None or shown.posted_at is None:
        return view.now
    rules = view.services.rules_of(fresh[0].case)
    again = rules.local_date(shown.posted_at) + (WEEK if manager else timedelta(1))
    calm = rules.morning(again)
    too_late = calm + (WARNING if manager else timedelta())
    if any(line.due.timed or (line.due.until is not None and line.due.until <= too_late) for line in fresh):
        return view.now
    return calm


def _at_any_hour(line: Line) -> bool:
    return at_any_hour(line.case, line.due)


def _show(
    view: View,
    surface: str,
    version: int,
    lines: list[Line],
    new: frozenset[str] = frozenset(),
    *,
    anew: bool = False,
) -> Show:
    """Return the list as a card; what is `new` in it (by code) comes first."""
    standing = [line for line in lines if not line.rests]
    ordered = with_room(sorted(standing, key=lambda line: line.case.code not in new))
    put = tuple(reminder.key for line in ordered for reminder, _ in line.items) if anew else ()
    card = list_card(view, lines, ordered, new)
    first = said_first(view, _meant_for(view, ordered), surface.partition(":")[2])
    return Show(surface, version, replace(card, sections=(*first, *card.sections)), anew, put)


def _meant_for(view: View, lines: list[Line]) -> Iterator[str]:
    """Yield whom a list's lines are meant for: those who are reminded, or the managers of the units it is about."""
    for reminder, due in (item for line in lines for item in line.items):
        if due.to is To.MANAGER:
            yield manager_id(view, due.unit)
        elif due.to in {To.PERSON, To.ATTENDEES}:
            yield due.who or reminder.person


def reminder_mail(view: View, reader: Reader, case: Case, agency: str, key: str) -> Outgoing:
    """Return a reminder to a function mailbox, by open networks: the agency stands in it by its alias (law 4D)."""
    due = find_due(view, case, key)
    if due is None or not may_be_told(view, case, due, agency) or not was_shown(view, reader, case, due):
        return Drop("done")
    opens = view.services.rules_of(case).opening(view.now)
    if opens > view.now and not at_any_hour(case, due):
        return Later(opens, "hours")
    agency = view.alias(due.agency) if due.agency else ""
    day = view.words.day(due.day) if due.day is not None else ""
    # Who reads it in a mailbox has no button to press.
    key = "reminder.confirm_plan.mailbox" if due.text == "reminder.confirm_plan.unit" else due.text
    basis, own = basis_of(view, case, due), is_of_own_unit(due)
    text = view.words(key, code=case.code, agency=agency, day=day, basis=basis, own=own)
    return PlainMail(view.words("reminder.mail.subject", code=case.code), f"{text}\n")


def at_any_hour(case: Case, due: Due) -> bool:
    """Say whether a reminder goes out at any hour: of a withdrawal (R77), and in acute cases (days 5B.6)."""
    return kind_of(due).at_once or Flag.ACUTE in case.flags


def was_shown(view: View, reader: Reader, case: Case, due: Due) -> bool:
    """Say whether the agency had been shown what it is reminded of when that fell due (R125).

    While chat is away summonses wait, and so does every word that they have not been answered. Who summoned is told.
    """
    meeting = case.coming_meeting
    if due.kind not in _OF_SUMMONS or due.to is To.PERSON or meeting is None:
        return True
    if not channel_of(view.directory, due.agency):
        return True
    told = reader.posts.get(f"told:{case.code}:{meeting.number}:{due.agency}")
    if told is not None:
        return told.shown_at <= due.at
    return reader.posts.get(f"summons:{case.code}:{meeting.number}:{due.agency}") is not None


def find_due(view: View, case: Case, key: str) -> Due | None:
    """Return the reminder with this key when its matter is still open."""
    return next((due for due in deadlines(case, view.services.rules_of(case), view.now) if due.key == key), None)


def _still_due(
    view: View, reader: Reader, address: str, reminders: list[Reminder]
) -> Iterator[tuple[Reminder, Case, Due]]:
    """Yield the reminders whose matter is still open. A case is decrypted once, however many reminders it has."""
    agency = _agency_at(view, address)
    of_case: dict[str, list[Reminder]] = {}
    for reminder in reminders:
        of_case.setdefault(reminder.code, []).append(reminder)
    for code, own in of_case.items():
        case = reader.cases.find(code)
        if case is None:
            continue
        dues = {due.key: due for due in reversed(deadlines(case, view.services.rules_of(case), view.now))}
        for reminder in own:
            due = dues.get(reminder.subject)
            if due is None or (due.until is not None and due.until <= view.now):
                continue
            told = agency if due.to is To.ATTENDEES else due.unit
            may = was_shown(view, reader, case, due) and may_be_told(view, case, due, told)
            if may and is_for(view, case, due, address):
                yield reminder, case, due


def is_for(view: View, case: Case, due: Due, address: str) -> bool:
    """Say whether what is read at an address is for whoever is to be reminded today (law 4D.9)."""
    return any(receiver.address == address for receiver in receivers(view, case, due))


def _agency_at(view: View, address: str) -> str:
    """Return the agency of the person who is written to at an address; "" for anybody else."""
    person = view.directory.by_identity(Address.parse(address).identity)
    return person.agency if person is not None else ""


def _one_a_case(items: list[tuple[Reminder, Case, Due]]) -> list[Line]:
    """Keep one place a case: the next thing, with its newest words; the most pressing case first."""
    of_case: dict[str, tuple[Case, dict[str, tuple[Reminder, Due]]]] = {}
    for reminder, case, due in sorted(items, key=lambda item: item[2].at):
        # A later step of a ladder stands in the place of the earlier ones.
        of_case.setdefault(case.code, (case, {}))[1][due.group] = (reminder, due)
    lines = []
    for case, groups in of_case.values():
        due_of = {group: due for group, (_, due) in groups.items()}
        first = due_of[foremost(due_of, due_of)]
        same = tuple(item for item in groups.values() if (item[1].kind, item[1].text) == (first.kind, first.text))
        lines.append(Line(case, same))
    return sorted(lines, key=lambda line: (line.due.day or date.max, line.case.code))
