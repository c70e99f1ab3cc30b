"""Whom a reminder is for today: asked when it falls due, when its list leaves, and when somebody else has the seat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.case import Case
from domain.directory import Directory
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.kinds import Settles, kind_of
from domain.responsibility import keeps_seat, place_of, reached_at, receiver_of, works_at
from handlers.disclosure import covers, may_hear
from handlers.enqueue import channel_of
from handlers.view import View


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a reminder goes: a chat address, or an agency's mailbox. `person` is whom it is for, if that is one."""

    address: str = ""
    mailbox: str = ""
    person: str = ""


def may_be_told(view: View, case: Case, due: Due, agency: str) -> bool:
    """Say whether somebody of `agency` may hear of this now: what goes outside the responsible unit needs consent."""
    if case.protected and due.to in {To.MANAGER, To.MAILBOX}:
        return False  # whoever is named hears, and nobody besides (law 4D.4)
    if due.to is To.PERSON or kind_of(due).after_end:
        return True
    return covers(view, case, agency) if due.to is To.ATTENDEES else may_hear(view, case, agency)


def receivers(view: View, case: Case, due: Due) -> Iterator[Receiver]:
    """Find who it is for now.

    Where there is no chat, the function mailbox stands in; for somebody who is away their deputy; for somebody who has
    left, the unit's manager (R40); and for a chair who has left, whoever answers for the case.
    """
    directory = view.directory
    if due.to is To.ATTENDEES:
        yield from _attendees(view, case, due)
    elif due.to is To.PERSON and is_still_meant(case, due, directory):
        yield Receiver(reached_at(case, due.who, directory), person=due.who)
    elif due.to is To.PERSON and _has_a_seat(case, due):
        yield Receiver(receiver_of(case, case.responsible, directory), person=case.responsible)
    elif due.to is To.PERSON:
        yield from _of_unit(directory, due.unit, manager=True)
    elif case.protected and may_be_told(view, case, due, due.unit):
        yield from _named_alone(view, case, due)
    elif may_be_told(view, case, due, due.unit) and _was_asked_in_chat(directory, due):
        yield from _of_unit(directory, due.unit, manager=due.to is To.MANAGER, mailbox=due.to is To.MAILBOX)


def _named_alone(view: View, case: Case, due: Due) -> Iterator[Receiver]:
    """Find who hears of a protected case: the one named person of the unit, no manager and no mailbox (law 4D.4)."""
    address = place_of(case, due.unit, view.directory) if due.to is To.UNIT else ""
    if address:
        yield Receiver(address)


def _was_asked_in_chat(directory: Directory, due: Due) -> bool:
    """Say whether an agency can be reminded of a summons: without a channel it got none, and is phoned."""
    if kind_of(due).settles not in {Settles.RECEIPT, Settles.NAMES}:
        return True
    return bool(channel_of(directory, due.unit))


def is_still_meant(case: Case, due: Due, directory: Directory) -> bool:
    """Say whether whom a reminder is for works where they did; a chair may be of any agency that hears of the case."""
    if _has_a_seat(case, due):
        return keeps_seat(case, due.who, directory)
    return works_at(due.who, due.unit, directory)


def _has_a_seat(case: Case, due: Due) -> bool:
    return due.who not in {case.coordinator, case.lead} and due.kind is ReminderKind.REPORT_MEETING


def _attendees(view: View, case: Case, due: Due) -> Iterator[Receiver]:
    meeting = case.coming_meeting
    for agency, attendee in meeting.invitees() if meeting is not None else ():
        known = works_at(attendee.staff, agency, view.directory) and not attendee.stays_away
        if known and may_be_told(view, case, due, agency):
            yield Receiver(reached_at(case, attendee.staff, view.directory), person=attendee.staff)


def _of_unit(directory: Directory, agency: str, *, manager: bool, mailbox: bool = False) -> Iterator[Receiver]:
    if agency not in directory.agencies:
        return
    address = directory.address_of_manager(agency) if manager else directory.address_of_agency(agency)
    yield Receiver(mailbox=agency) if mailbox or not address else Receiver(address)
