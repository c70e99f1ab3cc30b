"""Reminders: the clock finds what is due, and one list a person and morning is sent (process 7D)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.case import Case, Flag
from domain.next_step import next_step
from domain.reminders.deadlines import deadlines
from domain.reminders.due import Due, To
from domain.reminders.foremost import matter_of
from domain.reminders.kinds import KIND_OF, NEXT, kind_of
from domain.turning import evaluation_over, turns
from handlers import enqueue, mails
from handlers.receivers import Receiver, receivers
from handlers.save import CLOCK, Entry, put_letters, settled_reminders, store, write_entry
from handlers.screens.reminder_list import surface_of, was_shown
from handlers.services import Services
from handlers.view import View
from storage.outbox.outbox import Letter
from storage.reminders import DamagedReminder, Reminder
from storage.transaction import Transaction

# Reminders that fall due together are gathered for this long, so that a person gets one message and not five.
GATHERING = timedelta(seconds=10)
# A case in which nothing can be fired is looked at again after so long.
_LOOKED_AT_AGAIN = timedelta(minutes=10)


class SnoozeReason(StrEnum):
    """Why a reminder is put off; categories, since free text would be about the person."""

    WAITING = "waiting"
    AGREED = "agreed"
    ABSENT = "absent"
    OTHER = "other"


class ManagerAnswer(StrEnum):
    """What a manager says of what others have left undone; these stand as the reason of a snooze."""

    KNOWN = "known"
    TAKEN = "taken"


def tick(services: Services, tx: Transaction, limit: int) -> int:
    """Fire what is due in at most `limit` cases; return how many cases were looked at."""
    codes = tx.cases.due(tx.now, limit)
    for code in codes:
        fire(services, tx, code)
    return len(codes)


def put_off(tx: Transaction, code: str) -> None:
    """Leave a case in which nothing can be fired for a while, so that those behind it have their turn."""
    tx.cases.put_off(code, tx.now + _LOOKED_AT_AGAIN)


def fire(services: Services, tx: Transaction, code: str) -> None:
    """Send what is due in one case.

    Of a ladder's steps that are due at once only the newest goes out, and what has become pointless, or may no longer
    be told, does not: these stand in the journal as missed.
    """
    case, looked_for = tx.cases.get(code), tx.cases.listing(code)[1]
    view, rules = View(services, services.speak(services.language), tx.directory, tx.now), services.rules_of(case)
    due_now = [d for d in deadlines(case, rules, tx.now) if d.at <= tx.now and d.key not in case.fired]
    newest = {due.group: due for due in due_now if due.until is None or due.until > tx.now}
    saved, settled = store(services, tx, case, replace(case, fired=case.fired | {due.key for due in due_now}))
    letters = {due.key: list(_letters(view, tx, saved, due)) for due in newest.values()}
    for due in due_now:
        action = "reminder.sent" if letters.get(due.key) else "reminder.missed"
        entry = Entry(action, CLOCK, due.agency, {"reminder": due.key, "at": due.at.isoformat()})
        write_entry(tx, saved, entry, case.state)
    out = [letter for found in letters.values() for letter in found]
    out += _told_to_stop(view, saved, newest.values())
    # A list that is about to be posted anew needs no change in place; that would take the newness from it.
    anew = {(letter.address, letter.args.get("manager")) for letter in out}
    shorter = settled_reminders(tx, saved, settled)
    put_letters(tx, [*out, *(n for n in shorter if (n.address, n.args.get("manager")) not in anew)])

    def passed(at: datetime | None) -> bool:
        return at is not None and looked_for is not None and looked_for <= at <= tx.now

    turned = any(passed(at) for at in turns(case, rules))
    if turned or any(kind_of(due).turns_board for due in due_now):
        put_letters(tx, [enqueue.board(saved, view.directory, tx.now)])
    if turned:
        put_letters(tx, enqueue.summonses(saved, saved.coming_meeting, view.directory, tx.now, occasion="turned"))
    if passed(evaluation_over(case, rules)):
        put_letters(tx, enqueue.summonses(saved, saved.last_held, view.directory, tx.now, occasion="turned"))


def _told_to_stop(view: View, case: Case, dues: Iterable[Due]) -> list[Letter]:
    """Tell those who are called that the consent has run out before the meeting; they were told until when it held."""
    meeting = case.coming_meeting
    if meeting is None or not any(due.text == "reminder.consent_expiry.meeting" for due in dues):
        return []
    return [enqueue.expired(case, meeting, s.agency, view.directory, view.now) for s in meeting.live()]


def _letters(view: View, tx: Transaction, case: Case, due: Due) -> Iterator[Letter]:
    if not was_shown(view, tx, case, due):
        return
    at = _sending_time(view, case, due)
    for receiver in receivers(view, case, due):
        if receiver.mailbox:
            mail = mails.reminder_mail(case, receiver.mailbox, due.key, due.text, view.directory, at)
            yield from () if mail is None else (mail,)
        elif tx.reminders.add(_reminder(tx, case, due, receiver)):
            occasion = f"{case.code}:{due.key}"
            manager, urgent = due.to is To.MANAGER, kind_of(due).at_once
            yield enqueue.reminders(receiver.address, occasion, at, anew=True, manager=manager, urgent=urgent)
            yield from _mail_beside(view, tx, case, due, receiver.address)


def _sending_time(view: View, case: Case, due: Due) -> datetime:
    """Return when a reminder that has fallen due may go out: in working hours, unless it must be now (days 5B.6)."""
    if kind_of(due).at_once:
        return view.now
    if Flag.ACUTE in case.flags:
        return view.now + GATHERING
    return view.services.rules_of(case).opening(view.now) + GATHERING


def _mail_beside(view: View, tx: Transaction, case: Case, due: Due, address: str) -> Iterable[Letter]:
    """Return the word by mail that an agency must be phoned, when the one before has not arrived in chat (R77)."""
    if not kind_of(due).at_once or due.to is not To.PERSON:
        return ()
    before = [n.fired_at for n in tx.reminders.open_for(address) if KIND_OF[n.kind].at_once and n.fired_at < tx.now]
    shown = tx.posts.get(surface_of(address, manager=False))
    if not before or (shown is not None and shown.shown_at >= min(before)):
        return ()
    mail = mails.note_mail(
        case, due.who, "note.undeliverable", view.directory, tx.now, agency=due.agency, letter="ending"
    )
    return () if mail is None else (mail,)


def _reminder(tx: Transaction, case: Case, due: Due, receiver: Receiver) -> Reminder:
    """Return the reminder of one step; it counts on from the step before it that said the same and is still open."""
    matter, address = matter_of(due), receiver.address
    # What was settled a moment ago was so because this step takes its place.
    lately = tx.now - timedelta(days=1)
    same = [n for n in tx.reminders.of_case(case.code) if (n.address, n.matter) == (address, matter)]
    before = [n for n in same if n.done_at is None or n.done_at >= lately]
    return Reminder(
        key=f"{case.code}|{due.key}|{address}",
        code=case.code,
        address=address,
        person=due.who or receiver.person,
        kind=due.kind,
        step=due.step,
        subject=due.key,
        fired_at=tx.now,
        matter=matter,
        posted=max((reminder.posted for reminder in before), default=0),
    )


def remind_again(services: Services, tx: Transaction, code: str, damaged: Iterable[DamagedReminder]) -> None:
    """Put back into its list what reminders of a case said, whose rows were damaged and are forgotten.

    What is still to be done, and who is to do it, is known from the case; of a ladder it is the newest step. A list
    in which it stood already is only changed in place.
    """
    case, rows = tx.cases.find(code), {one.subject: one for one in damaged if not one.is_done}
    if case is None:
        return
    view, rules = View(services, services.speak(services.language), tx.directory, tx.now), services.rules_of(case)
    fired = [due for due in deadlines(case, rules, tx.now) if due.key in case.fired]
    newest = {due.group: due for due in fired if due.until is None or due.until > tx.now}
    for due in newest.values():
        if due.key in rows and was_shown(view, tx, case, due):
            put_letters(tx, list(_again(view, tx, case, due, rows[due.key])))


def _again(view: View, tx: Transaction, case: Case, due: Due, row: DamagedReminder) -> Iterator[Letter]:
    whole = {reminder.address for reminder in tx.reminders.of_case(case.code) if reminder.subject == due.key}
    for receiver in receivers(view, case, due):
        # What went to a mailbox left no row.
        if receiver.mailbox or receiver.address in whole:
            continue
        fired_at = row.fired_at or tx.now
        known = replace(
            _reminder(tx, case, due, receiver), fired_at=fired_at, snoozed_until=row.snoozed_until, posted=row.posted
        )
        if tx.reminders.add(known):
            at, manager, anew = _sending_time(view, case, due), due.to is To.MANAGER, not row.posted
            occasion = f"{case.code}:{due.key}:{tx.now.isoformat()}"
            yield enqueue.reminders(receiver.address, occasion, at, anew=anew, manager=manager)


def step_of(case: Case, due: Due, services: Services, now: datetime) -> str:
    """Return the step that a reminder to a coordinator leads to, or "" when there is none."""
    kind = kind_of(due)
    step = kind.step_by_text.get(due.text, kind.step)
    if step != NEXT:
        return step
    step = next_step(case, services.rules_of(case), now).step.value
    return {"wait": "move", "meet": "move"}.get(step, step)


def first_free_day(today: date, services: Services) -> date:
    """Suggest the second working day from now for a snooze."""
    return services.rules.calendar.add_working_days(today, 2)
