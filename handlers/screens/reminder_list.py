"""What a list of reminders says: one message a person or channel, with what is still open, as it is when it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby

from domain.address import Address
from domain.case import Case, Flag
from domain.reminders.deadlines import deadlines
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.kinds import kind_of, may_be_snoozed
from handlers.disclosure import covers, may_hear
from handlers.enqueue import channel_of
from handlers.ui.actions import Action, OneReminder
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.ui.outgoing import Drop, Later, Outgoing, PlainMail, Show
from handlers.view import View
from storage.reminders import Reminder
from storage.transaction import Reader

# So many reminders stand in one message; the rest are counted, and `/sip lista` has them all.
LONGEST_DIGEST = 12


# What an agency is reminded of once it has been summoned.
_OF_SUMMONS = frozenset({ReminderKind.CONFIRM_RECEIPT, ReminderKind.NAME_ATTENDEES})


def digest(view: View, reader: Reader, address: str, *, anew: bool) -> Outgoing:
    """Return the list of reminders of one address as it is now: posted `anew` for a new one, else changed in place.

    What has only just fallen due is left to the letter that posts it, or nobody would notice it.
    """
    surface = f"reminders:{address}"
    shown = reader.posts.get(surface)
    reminders = [
        n for n in reader.reminders.open_for(address) if anew or (shown is not None and _version(n) <= shown.version)
    ]
    items = _newest_of_each(list(_still_due(view, reader, address, reminders)))
    if not anew or not items:
        return Drop("done") if shown is None else Show(surface, shown.version + 1, _digest_card(view, items))
    newest = max(_version(reminder) for reminder, _, _ in items)
    if shown is not None and shown.version >= newest:
        return Drop("gathered")
    opens = opening(view)
    fresh = [item for item in items if shown is None or _version(item[0]) > shown.version]
    if opens > view.now and not any(at_any_hour(case, due) for _, case, due in fresh):
        return Later(opens, "hours")
    return Show(surface, newest, _digest_card(view, items), anew=True)


def reminder_mail(view: View, reader: Reader, case: Case, agency: str, key: str) -> Outgoing:
    """Return a reminder to a function mailbox, by open networks: the agency stands in it by its alias (law 4D)."""
    due = find_due(view, case, key)
    if due is None or not may_be_told(view, case, due, agency) or not was_shown(view, reader, case, due):
        return Drop("done")
    opens = opening(view)
    if opens > view.now and not at_any_hour(case, due):
        return Later(opens, "hours")
    agency = view.alias(due.agency) if due.agency else ""
    day = view.words.day(due.day) if due.day is not None else ""
    text = view.words(due.text, code=case.code, agency=agency, day=day, basis=basis_of(view, case, due))
    return PlainMail(view.words("reminder.mail.subject", code=case.code), f"{text}\n")


def opening(view: View) -> datetime:
    """Return the present instant within working hours, else when they next begin (days 5B.6)."""
    rules = view.services.rules
    return rules.calendar.next_opening(view.now, rules.profile.opens, rules.profile.closes)


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
    return next((due for due in deadlines(case, view.services.rules, view.now) if due.key == key), None)


def may_be_told(view: View, case: Case, due: Due, agency: str) -> bool:
    """Say whether somebody of `agency` may hear of this now: what goes outside the responsible unit needs consent."""
    if due.to is To.PERSON or kind_of(due).after_end:
        return True
    return covers(view, case, agency) if due.to is To.ATTENDEES else may_hear(view, case, agency)


def _still_due(
    view: View, reader: Reader, address: str, reminders: list[Reminder]
) -> Iterator[tuple[Reminder, Case, Due]]:
    """Yield the reminders whose matter is still open. A case is decrypted once, however many reminders it has."""
    rules, agency = view.services.rules, _agency_at(view, address)
    of_case: dict[str, list[Reminder]] = {}
    for reminder in reminders:
        of_case.setdefault(reminder.code, []).append(reminder)
    for code, own in of_case.items():
        case = reader.cases.get(code)
        dues = {due.key: due for due in reversed(deadlines(case, rules, view.now))}
        for reminder in own:
            due = dues.get(reminder.subject)
            if due is None or (due.until is not None and due.until <= view.now):
                continue
            told = agency if due.to is To.ATTENDEES else due.unit
            if was_shown(view, reader, case, due) and may_be_told(view, case, due, told):
                yield reminder, case, due


def _agency_at(view: View, address: str) -> str:
    """Return the agency of the person who is written to at an address; "" for anybody else."""
    person = view.directory.by_identity(Address.parse(address).identity)
    return person.agency if person is not None else ""


def _newest_of_each(items: list[tuple[Reminder, Case, Due]]) -> list[tuple[Reminder, Case, Due]]:
    """Keep the newest word about each matter.

    A later step replaces the earlier ones, and a unit that has named nobody need not also be asked whether the summons
    has come.
    """
    kept: dict[str, tuple[Reminder, Case, Due]] = {}
    for reminder, case, due in sorted(items, key=lambda item: item[2].at):
        matter = f"{case.code}:unit:{due.agency}" if due.to is To.UNIT else f"{case.code}:{due.group}"
        kept[matter] = (reminder, case, due)
    return _by_case(sorted(kept.values(), key=lambda item: (item[2].day or date.max, item[1].code)))


def _by_case(items: list[tuple[Reminder, Case, Due]]) -> list[tuple[Reminder, Case, Due]]:
    """Keep the reminders of one case together, where its most urgent one stands."""
    first: dict[str, int] = {}
    for place, (_, case, _) in enumerate(items):
        first.setdefault(case.code, place)
    return sorted(items, key=lambda item: first[item[1].code])


def _version(reminder: Reminder) -> int:
    return int(reminder.fired_at.timestamp() * 1000)


def _nothing_left(view: View) -> Card:
    title, text = view.words("reminders.done.title"), view.words("reminders.done.text")
    return Card(title, f"{title}. {text}", (Section(text=text),))


def _digest_card(view: View, items: list[tuple[Reminder, Case, Due]]) -> Card:
    words, count = view.words, len(items)
    if not count:
        return _nothing_left(view)
    sections = list(_sections(view, items[:LONGEST_DIGEST]))
    if count > LONGEST_DIGEST:
        sections.append(Section(text=words("reminders.more", count=count - LONGEST_DIGEST)))
    title = words("reminders.title.one") if count == 1 else words("reminders.title.many", count=count)
    summary = sections[0].text if count == 1 else title
    return Card(title, summary, tuple(sections))


def reminder_text(view: View, case: Case, due: Due) -> str:
    """Return one reminder in words: code, agency, days; nothing else may stand in it."""
    words = view.words
    meeting = case.meeting
    when = ""
    if meeting is not None and not case.protected:
        when = words("when.short", day=words.short_day(meeting.day), clock=words.clock(meeting.clock))
    day = words.day(due.day) if due.day is not None and not (case.protected and kind_of(due).tells_time) else ""
    agency = view.agency(due.agency) if due.agency else ""
    return words(due.text, code=case.code, agency=agency, day=day, when=when, basis=basis_of(view, case, due))


def basis_of(view: View, case: Case, due: Due) -> str:
    """Return what the day of a reminder rests on, so that a default of this product never reads as a duty."""
    rules = view.services.rules
    return rules.plan_basis if due.kind is ReminderKind.SEND_PLAN else rules.meeting_basis(case)


def _sections(view: View, items: list[tuple[Reminder, Case, Due]]) -> Iterator[Section]:
    """Yield a section a reminder; a case with several has a head, and one button that puts them off together."""
    for code, of_case in groupby(items, lambda item: item[1].code):
        dues = [(case, due) for _, case, due in of_case]
        if len(dues) == 1:
            yield _item(view, *dues[0])
            continue
        later = [due for _, due in dues if may_be_snoozed(due)]
        yield Section(heading=code)
        for case, due in dues:
            item = _item(view, case, due)
            # The head says which case it is, and needs no echo on every line.
            text = item.text.removeprefix(f"{code}: ")
            buttons = item.buttons if len(later) == 1 else item.buttons[:1]
            yield replace(item, text=text[:1].upper() + text[1:], buttons=buttons)
        if len(later) > 1:
            yield Section(buttons=(_snooze(view, code, later, view.words("reminders.snooze_all.do")),))


def _item(view: View, case: Case, due: Due) -> Section:
    label = view.words(f"{due.text}.do")
    # Heard one after the other, buttons of one case differ by the agency that each is about.
    about = ", ".join(filter(None, (label, case.code, due.agency and view.agency(due.agency))))
    done = Button(Action.REMINDER_DONE, label, view.seal(OneReminder(case.code, due.key)), Tone.PRIMARY, hint=about)
    later = (_snooze(view, case.code, [due], view.words("reminders.snooze.do")),) if may_be_snoozed(due) else ()
    return Section(text=reminder_text(view, case, due), buttons=(done, *later))


def _snooze(view: View, code: str, dues: list[Due], label: str) -> Button:
    agency = dues[0].agency if len(dues) == 1 else ""
    about = ", ".join(filter(None, (label, code, agency and view.agency(agency))))
    token = view.seal(OneReminder(code, " ".join(due.key for due in dues)))
    return Button(Action.REMINDER_SNOOZE, label, token, hint=about)
