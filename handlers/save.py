"""Keeping what has changed: one transaction holds the new state, the journal's entries and the letters to send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from domain.audience import asked_how_it_was
from domain.case import Case, State
from domain.directory import Directory
from domain.figures.counting import WAY, grown
from domain.listing import Listing, Party
from domain.meeting import Meeting
from domain.next_step import next_step
from domain.reminders.deadlines import deadlines, next_due
from domain.reminders.foremost import escalates
from domain.rules import Rules
from domain.steps.deliver_summons import without_place
from domain.turning import next_turn
from handlers import enqueue
from handlers.calendar_index import keep_calendaring
from handlers.enqueue import board_owner
from handlers.services import Services
from storage.outbox.outbox import Letter
from storage.transaction import Transaction

# Actors of the journal that are not people.
CLOCK = "clock"
COURIER = "courier"
CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: what was done, by whom (staff id, or "clock"), for which agency, with safe details."""

    action: str
    actor: str
    agency: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)


def save(
    services: Services,
    tx: Transaction,
    before: Case | None,
    after: Case,
    entries: Iterable[Entry],
    letters: Iterable[Letter | None] = (),
) -> Case:
    """Save the case with its deadlines, write the journal, put the letters in the outbox and refresh the board."""
    directory = tx.directory
    saved, settled = store(services, tx, before, without_place(after, directory, tx.now))
    was = before.state if before is not None else None
    for entry in entries:
        write_entry(tx, saved, entry, was)
    shown = (
        *_boards(before, saved, directory, tx.now),
        *_roles(before, saved, directory, tx.now),
        *_cards_of_the_past(before, saved, directory, tx.now),
    )
    put_letters(tx, [*letters, *shown, *settled_reminders(tx, saved, settled)])
    return saved


def store(services: Services, tx: Transaction, before: Case | None, after: Case) -> tuple[Case, frozenset[str]]:
    """Save the case with the instant at which it is next looked at: its next deadline, or when its cards turn.

    Return it, and the keys of reminders whose matter is settled or has become pointless.
    """
    rules = services.rules_of(after)
    dues = deadlines(after, rules, tx.now)
    pointless = frozenset(due.key for due in dues if due.until is not None and due.until <= tx.now)
    open_keys = frozenset(due.key for due in dues)
    fired = after.fired & open_keys
    kept = after if (after.fired, after.counted) == (fired, WAY) else replace(after, fired=fired, counted=WAY)
    tx.figures.grow(grown(before, kept, rules), rules.local_date(tx.now))
    keep_calendaring(tx, before, kept)
    moments = (next_due(kept, dues), next_turn(kept, rules, tx.now))
    due_at = min((moment for moment in moments if moment is not None), default=None)
    listing = listing_of(kept, rules, tx.directory, tx.now)
    if before is None:
        tx.profiles.note(kept.profile)
        tx.cases.add(kept, listing, due_at)
        return kept, frozenset()
    return tx.cases.save(kept, listing, due_at), after.fired - (open_keys - pointless)


def put_letters(tx: Transaction, letters: Iterable[Letter | None]) -> None:
    """Put letters in the outbox. One without an address has nowhere to go; its writer sees to that."""
    tx.outbox.put_many([letter for letter in letters if letter is not None and letter.address])


def write_entry(tx: Transaction, case: Case, entry: Entry, was: State | None) -> None:
    """Write one line of the journal about a case that has just been saved."""
    tx.journal.write(
        case.code,
        entry.action,
        entry.actor,
        agency=entry.agency,
        before="" if was is None else was.value,
        after=case.state.value,
        details=entry.details,
    )


def _boards(before: Case | None, after: Case, directory: Directory, now: datetime) -> Iterable[Letter]:
    if after.denial is not None:
        return
    yield enqueue.board(after, directory, now)
    if before is not None and before.responsible != after.responsible:
        yield enqueue.handed_over(after, before.responsible, directory, now)


def _roles(before: Case | None, after: Case, directory: Directory, now: datetime) -> Iterable[Letter]:
    """The cards of chair and secretary, when something that they show is another."""
    meeting = after.meeting
    if meeting is None:
        return
    old = next((m for m in before.meetings if m.number == meeting.number), None) if before is not None else None
    if old is not None and before is not None and _shown_of(before, old) == _shown_of(after, meeting):
        return
    people = (meeting.chair, meeting.secretary, *(() if old is None else (old.chair, old.secretary)))
    # Who answers for the case has its board and no such card; who has only just come to, may have one to be changed.
    without = after.responsible if before is None or old is None or before.responsible == after.responsible else ""
    for who in dict.fromkeys(people):
        if who in directory.staff and who != without:
            yield enqueue.role(after, meeting, who, directory, now)


def _shown_of(case: Case, meeting: Meeting) -> tuple[object, ...]:
    """Return what the cards of chair and secretary rest on."""
    scope = None if case.consent is None else case.consent.agencies
    over = case.closure is not None or not meeting.is_open
    people = [who.name for _, who in meeting.coming()]
    asked = (meeting.day, meeting.clock, meeting.place, meeting.mode, meeting.purpose, meeting.length)
    return (case.responsible, case.flags, scope, over, meeting.chair, meeting.secretary, people, asked)


def _cards_of_the_past(before: Case | None, after: Case, directory: Directory, now: datetime) -> Iterable[Letter]:
    """Draw the summonses anew of a meeting that has just been told of: they cannot be answered any more.

    And of one that has passed, when other agencies than before are asked how it was (R147).
    """
    known = {meeting.number: meeting for meeting in before.meetings} if before is not None else {}
    for meeting in after.meetings:
        was = known.get(meeting.number)
        if before is None or was is None or meeting.is_open:
            continue
        if was.is_open or asked_how_it_was(before, was) != asked_how_it_was(after, meeting):
            yield from enqueue.summonses(after, meeting, directory, now)


def settled_reminders(tx: Transaction, case: Case, settled: frozenset[str]) -> Iterable[Letter]:
    """Done means gone: the reminders about it are taken out of the lists they stand in."""
    places = settle_reminders(tx, case.code, settled)
    for place in places:
        occasion = f"{case.code}:{case.version}{':manager' if place.manager else ''}"
        yield enqueue.reminders(place.address, occasion, tx.now, anew=False, manager=place.manager)
    # What has stood behind another thing until now has been put to nobody: it is news, when a list is next posted.
    for behind in tx.reminders.of_case(case.code) if places else ():
        place = Place(behind.address, escalates(behind.subject))
        if place in places and behind.done_at is None and not behind.posted and behind.fired_at < tx.now:
            occasion = f"{case.code}:{behind.subject}:next"
            yield enqueue.reminders(place.address, occasion, tx.now, anew=True, manager=place.manager)


class Place(NamedTuple):
    """One list of reminders: an address, and whether it is the list that it has as a manager."""

    address: str
    manager: bool


def settle_reminders(tx: Transaction, code: str, due_keys: frozenset[str], address: str = "") -> tuple[Place, ...]:
    """Mark what was sent about these deadlines as done; return the lists that are now shorter.

    With `address` only what was sent there.
    """
    if not due_keys:
        return ()
    found = [
        reminder
        for reminder in tx.reminders.of_case(code)
        if reminder.subject in due_keys and reminder.done_at is None and address in {"", reminder.address}
    ]
    tx.reminders.done(code, [reminder.key for reminder in found], tx.now)
    return tuple(dict.fromkeys(Place(reminder.address, escalates(reminder.subject)) for reminder in found))


def listing_of(case: Case, rules: Rules, directory: Directory, now: datetime) -> Listing:
    """Return the few facts by which lists find the case."""
    coming = next_step(case, rules, now)
    return Listing(
        state=case.state.value,
        step=coming.step.value,
        owner=board_owner(case, directory) or case.responsible,
        urgent_at=None if coming.by is None else rules.calendar.end_of(coming.by),
        open=case.is_open,
        protected=case.protected,
        parties=_parties(case),
    )


def _parties(case: Case) -> tuple[Party, ...]:
    """Return which agencies know of the case, and which of them owe an answer."""
    meeting = case.coming_meeting
    if case.closure is not None:
        return tuple(
            Party(n.agency, waiting=n.confirmed is None, urgent_at=case.closure.closed.at) for n in case.closure.notices
        )
    # A deviation that is not answered stands in the lists of the unit it concerns, too (R183).
    owing = {deviation.agency for deviation in case.deviations if deviation.answer is None}
    if meeting is None:
        return tuple(Party(agency, waiting=agency in owing) for agency in case.parties())
    owing |= {summons.agency for summons in case.owing(meeting)}
    return tuple(Party(agency, waiting=agency in owing, urgent_at=meeting.start) for agency in case.parties())
