"""Reminders: the clock finds what is due, and one list a person and morning is sent (process 7D)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.case import Case, Flag
from domain.directory import Directory
from domain.next_step import next_step
from domain.reminders.deadlines import deadlines
from domain.reminders.due import Due, To
from handlers import enqueue
from handlers.save import CLOCK, Entry, note, put, save, settled_nags
from handlers.screens.reminder_list import may_be_told
from handlers.services import Office
from handlers.view import Look
from storage.outbox.outbox import Letter
from storage.reminders import Nag
from storage.transaction import Transaction

# Reminders that fall due together are gathered for this long, so that a person gets one message and not five.
GATHERING = timedelta(seconds=10)

# Reminders at which the board's next step is another than it was: the meeting is over, the consent has run out.
TURNING = frozenset({"T7", "T11"})

# A withdrawal is phoned at any hour (R77).
AT_ONCE = "T14"


class SnoozeReason(StrEnum):
    """Why a reminder is put off; categories, since free text would be about the person."""

    WAITING = "waiting"
    AGREED = "agreed"
    ABSENT = "absent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a reminder goes: a chat address, or an agency's mailbox."""

    address: str = ""
    mailbox: str = ""


def tick(office: Office, tx: Transaction, limit: int) -> int:
    """Fire what is due in at most `limit` cases; return how many cases were looked at."""
    codes = tx.cases.due(tx.now, limit)
    for code in codes:
        fire(office, tx, code)
    return len(codes)


def fire(office: Office, tx: Transaction, code: str) -> None:
    """Send what is due in one case.

    Of a ladder's steps that are due at once only the newest goes out, and what has become pointless, or may no longer
    be told, does not: these stand in the journal as missed.
    """
    case = tx.cases.get(code)
    look = Look(office, office.speak(office.language), tx.directory, tx.now)
    due_now = [d for d in deadlines(case, office.rules, tx.now) if d.at <= tx.now and d.key not in case.fired]
    newest = {due.group: due for due in due_now if due.until is None or due.until > tx.now}
    saved, settled = save(office, tx, case, replace(case, fired=case.fired | {due.key for due in due_now}))
    letters = {due.key: list(_letters(look, tx, saved, due)) for due in newest.values()}
    for due in due_now:
        action = "nag.sent" if letters.get(due.key) else "nag.missed"
        entry = Entry(action, CLOCK, due.agency, {"nag": due.key, "at": due.at.isoformat()})
        note(tx, saved, entry, case.state)
    out = [letter for found in letters.values() for letter in found]
    # A list that is about to be posted anew needs no change in place; that would take the newness from it.
    anew = {letter.address for letter in out}
    put(tx, [*out, *(letter for letter in settled_nags(tx, saved, settled) if letter.address not in anew)])
    if any(due.nag in TURNING for due in due_now):
        put(tx, [enqueue.board(saved, look.directory, tx.now)])


def _letters(look: Look, tx: Transaction, case: Case, due: Due) -> Iterator[Letter]:
    at = _sending_time(look, case, due)
    for receiver in _receivers(look, case, due):
        if receiver.mailbox:
            mail = enqueue.nag_mail(case, receiver.mailbox, due.key, due.text, look.directory, at)
            yield from () if mail is None else (mail,)
        elif tx.nags.add(_nag(case, due, receiver.address, tx.now)):
            occasion = f"{case.code}:{due.key}"
            yield enqueue.nags(receiver.address, occasion, at, anew=True, urgent=due.nag == AT_ONCE)
            yield from _mail_beside(look, tx, case, due, receiver.address)


def _sending_time(look: Look, case: Case, due: Due) -> datetime:
    """Return when a reminder that has fallen due may go out: in working hours, unless it must be now (days 5B.6)."""
    if due.nag == AT_ONCE:
        return look.now
    if Flag.ACUTE in case.flags:
        return look.now + GATHERING
    rules = look.office.rules
    return rules.calendar.next_opening(look.now, rules.profile.opens, rules.profile.closes) + GATHERING


def _mail_beside(look: Look, tx: Transaction, case: Case, due: Due, address: str) -> Iterable[Letter]:
    """Return the word by mail that an agency must be phoned, when the one before has not arrived in chat (R77)."""
    if due.nag != AT_ONCE or due.to is not To.PERSON:
        return ()
    before = [n.fired_at for n in tx.nags.open_for(address) if n.kind == AT_ONCE and n.fired_at < tx.now]
    shown = tx.posts.get(f"nags:{address}")
    if not before or (shown is not None and shown.shown_at >= min(before)):
        return ()
    mail = enqueue.note_mail(
        case, due.who, "note.undeliverable", look.directory, tx.now, agency=due.agency, letter="ending"
    )
    return () if mail is None else (mail,)


def _nag(case: Case, due: Due, address: str, now: datetime) -> Nag:
    return Nag(
        key=f"{case.code}|{due.key}|{address}",
        code=case.code,
        address=address,
        person=due.who,
        kind=due.nag,
        step=due.step,
        subject=due.key,
        fired_at=now,
    )


def _receivers(look: Look, case: Case, due: Due) -> Iterator[Receiver]:
    """Find who it is for now.

    Where there is no chat, the function mailbox stands in; for somebody who has left, the unit's manager (R40).
    """
    directory = look.directory
    if due.to is To.ATTENDEES:
        yield from _attendees(look, case, due)
    elif due.to is To.PERSON and due.who in directory.staff:
        yield Receiver(directory.address_of(due.who))
    elif due.to is To.PERSON:
        yield from _of_unit(directory, due.unit, manager=True)
    elif may_be_told(look, case, due, due.unit):
        yield from _of_unit(directory, due.unit, manager=due.to is To.MANAGER, mailbox=due.to is To.MAILBOX)


def _attendees(look: Look, case: Case, due: Due) -> Iterator[Receiver]:
    meeting = case.coming_meeting
    for agency, attendee in meeting.attendees() if meeting is not None else ():
        known = attendee.staff in look.directory.staff and not attendee.stays_away
        if known and may_be_told(look, case, due, agency):
            yield Receiver(look.directory.address_of(attendee.staff))


def _of_unit(directory: Directory, agency: str, *, manager: bool, mailbox: bool = False) -> Iterator[Receiver]:
    if agency not in directory.agencies:
        return
    address = directory.address_of_manager(agency) if manager else directory.address_of_agency(agency)
    yield Receiver(mailbox=agency) if mailbox or not address else Receiver(address)


# The step that settles a reminder; none when pressing "done" only takes the reminder away.
STEP_OF_NAG: Mapping[str, str] = {"T7": "held", "T8": "plan", "T9": "held", "T10": "summon", "T11": "consent"}


def step_of(case: Case, due: Due, office: Office, now: datetime) -> str:
    """Return the step that a reminder to a coordinator leads to, or "" when there is none."""
    if due.nag == "T2":
        step = next_step(case, office.rules, now).step.value
        return {"wait": "move", "meet": "move"}.get(step, step)
    return "close" if due.text == "nag.T9.close" else STEP_OF_NAG.get(due.nag, "")


def first_free_day(today: date, office: Office) -> date:
    """Suggest the second working day from now for a snooze."""
    return office.rules.calendar.add_working_days(today, 2)
