"""Somebody is away: what waits for them goes to whoever stands in, and back when they are there again (R40)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.address import Address
from domain.case import Case
from domain.directory import Directory
from domain.reminders.due import Due, To
from domain.responsibility import holder_of
from handlers import enqueue
from handlers.receivers import receivers
from handlers.save import CLOCK, put_letters, settled_reminders, store
from handlers.screens.reminder_list import find_due
from handlers.screens.role import roles_of
from handlers.services import Services
from handlers.view import View
from storage.outbox.letter import Letter
from storage.reminders import Reminder
from storage.transaction import Transaction

# Open cases of one person that pass on at once; nobody has so many.
MOST_CASES: Final = 1000


def set_away(services: Services, tx: Transaction, who: str, until: datetime | None, actor: str) -> bool:
    """Keep until when somebody is away, none for who is back, and pass on what waits; say whether it is news.

    The journal names who did it, and for whom.
    """
    before = tx.directory
    person = before.staff.get(who)
    if person is None or not tx.set_away(who, until):
        return False
    tx.journal.write(
        "", "staff.back" if until is None else "staff.away", actor, agency=person.agency, details={"who": who}
    )
    pass_over(services, tx, before)
    return True


def let_back(services: Services, tx: Transaction) -> None:
    """End the absence of all whose day has come: everything goes back to them by itself."""
    for staff in tx.directory.away:
        if staff.away_until is not None and staff.away_until <= tx.now:
            set_away(services, tx, staff.id, None, CLOCK)


def pass_over(services: Services, tx: Transaction, before: Directory) -> None:
    """Pass boards and open reminders on to whom they are for now, where that is another than `before`."""
    view = View(services, services.speak(services.language), tx.directory, tx.now)
    concerned = {staff.id for staff in (*before.away, *tx.directory.away)}
    changed = (who for who in concerned if _holders(before, who) != _holders(tx.directory, who))
    holders = {address for who in changed for address in _holders(before, who)}
    for holder in sorted(holders):
        person = before.by_identity(Address.parse(holder).identity)
        put_letters(tx, [] if person is None else list(_boards(services, tx, person.id)))
        put_letters(tx, list(_reminders(view, tx, holder)))
    # After the boards: whose a case is, is kept anew with each.
    put_letters(tx, list(_roles(tx, services, before, concerned)))


def _holders(directory: Directory, who: str) -> tuple[str, str]:
    """Return where somebody's cases are, and where those of a protected person are (law 4D.4)."""
    return directory.address_today(who), directory.address_of(directory.deputy_for(who) or who)


def pass_reminders(services: Services, tx: Transaction, address: str) -> None:
    """Take what is open in the lists at an address to where it belongs now; it is read there by somebody else."""
    view = View(services, services.speak(services.language), tx.directory, tx.now)
    put_letters(tx, list(_reminders(view, tx, address)))


def _boards(services: Services, tx: Transaction, holder: str) -> Iterator[Letter]:
    for listed in tx.cases.own(holder, MOST_CASES):
        case = tx.cases.find(listed.code)
        if case is None or enqueue.board_owner(case, tx.directory) == holder:
            continue
        saved, settled = store(services, tx, case, case)
        yield enqueue.board(saved, tx.directory, tx.now)
        yield enqueue.handed_over(saved, holder, tx.directory, tx.now, absence=True)
        yield from settled_reminders(tx, saved, settled)


def _roles(tx: Transaction, services: Services, before: Directory, concerned: set[str]) -> Iterator[Letter]:
    """Pass on the cards of the meetings that somebody runs: they are with whoever stands in, and nowhere else."""
    for who in sorted(concerned):
        for code, _ in tx.feeds.cases_of(who, MOST_CASES):
            case = tx.cases.find(code)
            meeting = None if case is None else case.coming_meeting
            if case is None or meeting is None or who not in roles_of(meeting):
                continue
            was = holder_of(case, who, before)
            if was == holder_of(case, who, tx.directory):
                continue
            saved, settled = store(services, tx, case, case)
            yield enqueue.role(saved, meeting, who, tx.directory, tx.now)
            yield enqueue.role(saved, meeting, who, tx.directory, tx.now, holder=was)
            yield from settled_reminders(tx, saved, settled)


def _reminders(view: View, tx: Transaction, holder: str) -> Iterator[Letter]:
    """Take what is open at one address over to where it belongs now; there it is news."""
    for reminder in tx.reminders.open_for(holder):
        case = tx.cases.find(reminder.code)
        due = None if case is None else find_due(view, case, reminder.subject)
        address = holder if case is None or due is None else _belongs_at(view, case, due, reminder)
        if address == holder:
            continue
        tx.reminders.done(reminder.code, [reminder.key], tx.now)
        manager = due is not None and due.to is To.MANAGER
        first = f"{reminder.code}:{reminder.subject}"
        again = f"{first}:{tx.now.isoformat()}"
        yield enqueue.reminders(holder, again, tx.now, anew=False, manager=manager)
        if not address:
            continue
        tx.reminders.add(_moved(tx, reminder, address))
        # It may have been there before: then the letter of that time has gone out, and this is another.
        known = tx.outbox.state_of(enqueue.reminders_key(address, first)) is not None
        yield enqueue.reminders(address, again if known else first, tx.now, anew=True, manager=manager)


def _belongs_at(view: View, case: Case, due: Due, reminder: Reminder) -> str:
    """Return where a reminder goes today, "" for nowhere; what somebody reads who is still reminded stays there."""
    found = list(receivers(view, case, due))
    if any(receiver.address == reminder.address for receiver in found):
        return reminder.address
    if due.to is To.ATTENDEES:
        # Of several people it is the one whose it was.
        found = [receiver for receiver in found if receiver.person == reminder.person]
    return next((receiver.address for receiver in found), "")


def _moved(tx: Transaction, reminder: Reminder, address: str) -> Reminder:
    key = f"{reminder.code}|{reminder.subject}|{address}|{tx.now.isoformat()}"
    return replace(reminder, key=key, address=address, fired_at=tx.now, posted=0)
