"""Another directory: who has left a unit, or coordinates no longer, keeps no board, no list, and no invite.

The unit answers for what they did (R40), and nobody hears of a case by what they once were (law 4D.9).
"""

from __future__ import annotations

from dataclasses import replace

from domain.attendee import Host
from domain.case import Case
from domain.directory import Directory, Staff
from domain.meeting import Meeting
from domain.responsibility import is_vacant
from domain.steps.answer_summons import without_leavers
from domain.steps.same_person import known_as
from handlers import enqueue, mails, redraw
from handlers.absence import pass_over, pass_reminders
from handlers.save import Entry, put_letters, save, settled_reminders, store, write_entry
from handlers.services import Services
from storage.directory.changes import Change
from storage.outbox.letter import Letter
from storage.transaction import Transaction

# Open cases of one person that pass on in one import; nobody has so many.
MOST_CASES = 1000


def replace_directory(services: Services, tx: Transaction, directory: Directory, actor: str) -> tuple[Change, ...]:
    """Keep another directory, and hand what those had who have left or moved to whoever stands in for them.

    Boards go to the responsible unit, invites to meetings are cancelled, and a calendar feed ends with its owner's
    place in the directory: it does not come back with them.
    """
    before = tx.directory
    changes = tx.replace_directory(directory, actor)
    for staff in before.staff.values():
        now = tx.directory.staff.get(staff.id)
        if _role(staff) == _role(now):
            continue
        if now is None:
            _merge(services, tx, staff, actor)
        _pass_on(services, tx, staff.id, actor)
        if now is None or now.agency != staff.agency:
            _take_off(services, tx, staff, actor)
            redraw.move(tx, before.address_of(staff), f"left:{tx.now.isoformat()}", left=True)
        pass_reminders(services, tx, before.address_of(staff))
        if now is None and tx.feeds.revoke(staff.id):
            tx.journal.write("", "feed.revoked", actor, agency=staff.agency)
    for staff in tx.directory.staff.values():
        if _role(staff) != _role(before.staff.get(staff.id)):
            _come_back(services, tx, staff)
    if before.away or tx.directory.away:
        pass_over(services, tx, before)
    for address in _left_places(before, tx.directory):
        redraw.move(tx, address, f"moved:{tx.now.isoformat()}")
        pass_reminders(services, tx, address)
    return changes


def _left_places(before: Directory, after: Directory) -> list[str]:
    """Return where units and their managers were told of cases, and are no longer."""
    found = []
    for unit in before.agencies:
        for place_in in (Directory.address_of_agency, Directory.address_of_manager):
            was, now = place_in(before, unit), place_in(after, unit) if unit in after.agencies else ""
            found += [was] if was not in {"", now} else []
    return list(dict.fromkeys(found))


def _role(staff: Staff | None) -> tuple[str, bool] | None:
    return None if staff is None else (staff.agency, staff.coordinator)


def _merge(services: Services, tx: Transaction, former: Staff, actor: str) -> None:
    """Let the cases of a record follow to the one that holds its identity now, of the same unit: it is one person."""
    found = (tx.directory.by_identity(identity) for identity in former.identities)
    heir = next((person for person in found if person is not None and person.agency == former.agency), None)
    if heir is None:
        return
    for code in _cases_of(tx, former):
        case = tx.cases.find(code)
        after = None if case is None else known_as(case, former.id, heir.id)
        if case is not None and after is not None and after != case:
            entry = Entry("staff.merged", actor, heir.agency, {"from": former.id, "to": heir.id})
            save(services, tx, case, after, [entry])


def _cases_of(tx: Transaction, staff: Staff) -> list[str]:
    """Return codes of the open cases that somebody answers for or has in the calendar, and may be named in."""
    own = (listed.code for listed in tx.cases.own(staff.id, MOST_CASES))
    coming = (code for code, _ in tx.feeds.cases_of(staff.id, MOST_CASES))
    return list(dict.fromkeys((*own, *coming, *tx.cases.protected_of(staff.agency))))


def _pass_on(services: Services, tx: Transaction, former: str, actor: str) -> None:
    for listed in tx.cases.own(former, MOST_CASES):
        case = tx.cases.find(listed.code)
        if case is None:
            continue
        vacant = is_vacant(case, tx.directory)
        since = (case.vacant_since or tx.now) if vacant else None
        saved, _ = store(services, tx, case, replace(case, vacant_since=since))
        if vacant and case.vacant_since is None:
            entry = Entry("case.vacant", actor, case.responsible_agency)
            write_entry(tx, saved, entry, case.state)
        board = enqueue.board(saved, tx.directory, tx.now)
        if board.args["owner"] != former:
            put_letters(tx, [board, enqueue.handed_over(saved, former, tx.directory, tx.now)])


def _come_back(services: Services, tx: Transaction, staff: Staff) -> None:
    """Nobody is asked to name another for somebody who is back at the unit: their cases are theirs again."""
    directory, agency = tx.directory, tx.directory.agencies.get(staff.agency)
    stand_ins = {person.id for person in directory.staff_of(staff.agency)} if agency is not None else set()
    stand_ins.add(directory.address_of_manager(staff.agency) if agency is not None else "")
    for stand_in in sorted(stand_ins - {"", staff.id}):
        for listed in tx.cases.own(stand_in, MOST_CASES):
            case = tx.cases.find(listed.code)
            if case is None:
                continue
            if case.responsible == staff.id and case.vacant_since is not None and not is_vacant(case, directory):
                saved, settled = store(services, tx, case, replace(case, vacant_since=None))
                letters = [
                    enqueue.board(saved, directory, tx.now),
                    enqueue.handed_over(saved, stand_in, directory, tx.now),
                ]
                put_letters(tx, [*letters, *settled_reminders(tx, saved, settled)])


def _take_off(services: Services, tx: Transaction, former: Staff, actor: str) -> None:
    """Take somebody off the meetings that their unit named them for, and tell who answers for each case."""
    codes = (code for code, _ in tx.feeds.cases_of(former.id, MOST_CASES))
    for code in dict.fromkeys((*codes, *tx.cases.protected_of(former.agency))):
        case = tx.cases.find(code)
        if case is None:
            continue
        after, agencies = without_leavers(case, tx.directory)
        meeting, was = after.coming_meeting, case.coming_meeting
        if meeting is None or was is None or meeting == was:
            continue
        letters: list[Letter | None] = [*_cancellations(services, tx, after, was, meeting)]
        for agency in sorted(agencies):
            letters.append(enqueue.summons(after, meeting, agency, tx.directory, tx.now))
            letters += enqueue.who_comes(was, after, agency, tx.directory, tx.now)
            letters.append(
                enqueue.note(after, after.responsible, "note.attendee_left", tx.directory, tx.now, agency=agency)
            )
        entries = [Entry("attendee.left", actor, agency) for agency in sorted(agencies)]
        for host in was.hosts:
            if host in meeting.hosts:
                continue
            entries.append(Entry("host.left", actor, host.agency))
            letters += enqueue.who_comes(was, after, "", tx.directory, tx.now)
            if host.who.staff != after.responsible:
                letters.append(_host_left(after, host, tx))
        save(services, tx, case, after, entries, letters)


def _host_left(case: Case, host: Host, tx: Transaction) -> Letter:
    """Tell whoever is responsible that somebody else is to lead the meeting, or to write (R30, R55)."""
    directory, name = tx.directory, host.who.name
    return enqueue.note(
        case,
        case.responsible,
        "note.host_left",
        directory,
        tx.now,
        occasion=host.who.key,
        agency=host.agency,
        name=name,
    )


def _cancellations(services: Services, tx: Transaction, case: Case, before: Meeting, after: Meeting) -> list[Letter]:
    if not services.mail_from or case.protected:
        return []
    known = {who.key for who in before.uninvited}
    gone = (who for who in after.uninvited if who.key not in known and who.email)
    return [mails.invite(case, after, "", who, "CANCEL", tx.now) for who in gone]
