"""The auditor: what should have gone out, derived from cases and their days, against what did.

It asks neither the scheduler nor the courier what they remember: a reminder that the timetable names must have fired,
whoever must be told must have a letter, a letter that may go must have gone, and nothing goes twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.case import Case
from domain.code import is_code
from domain.errors import NotFound
from domain.lapse import Lapse, LapseKind
from domain.matters.closure import Ground
from domain.reminders.deadlines import deadlines
from domain.reminders.due import Due
from domain.responsibility import place_of
from handlers import enqueue, mails
from handlers.disclosure import covers, may_hear
from handlers.letters import alarm
from handlers.save import put_letters, store
from handlers.screens import case_lists
from handlers.screens.board import board
from handlers.screens.undrawn import note_undrawn
from handlers.services import Services
from handlers.view import View
from storage.errors import Undecipherable
from storage.journal import JournalRow
from storage.outbox.letter import KeptLetter, LetterState, Rank
from storage.transaction import Reader, Transaction

# So late something is before it is called late. A withdrawal may wait for nothing.
LATE_AFTER: Final = timedelta(minutes=15)
_URGENT_LATE_AFTER: Final = timedelta(minutes=5)
# Short troubles of one address are over by then, and what lasts is told.
_HEARD_OF_AFTER: Final = timedelta(hours=1)
# Cases that have ended are looked at while their ending is being told; letters are kept longer than this.
ENDED_LOOKED_AT: Final = timedelta(days=30)
LOOKED_FOR: Final = frozenset(LapseKind) - {LapseKind.LEFT}
# Most late letters of one rank that are named; the rest are of the same kind.
_MOST: Final = 200
# Documents that are looked at in one step.
_DOCUMENTS: Final = 100
# Messages that are looked at in one step.
_POSTS: Final = 500


def codes(reader: Reader, after: str, limit: int) -> tuple[str, ...]:
    """Return codes of the cases to be looked at, in order, beginning after `after`: the open, and the lately ended."""
    since = reader.now - ENDED_LOOKED_AT
    both = {*reader.cases.open_codes(after, limit), *reader.journal.codes_since(since, after, limit)}
    return tuple(sorted(code for code in both if code)[:limit])


def look_at_cases(services: Services, reader: Reader, of: Sequence[str]) -> list[Lapse]:
    """Return what is wrong in these cases. Without a directory it is only known which of them are refused."""
    try:
        directory = reader.directory
    except Undecipherable:
        return [lapse for code in of for lapse in _refused(reader, code)]
    view = View(services, services.speak(services.language), directory, reader.now)
    found: list[Lapse] = []
    for code in of:
        try:
            case = reader.cases.get(code)
            lapses = list(_in_case(view, reader, case))
        except NotFound:
            continue  # it has been erased
        except Undecipherable as refused:
            lapses = [(LapseKind.REFUSED, refused.key)]
        except Exception as error:  # noqa: BLE001 - whatever it is, the other cases are looked at
            reader.cases.exists(code)  # if it is the database's own fault, this fails too
            lapses = [(LapseKind.UNDRAWN, note_undrawn(code, error).reference)]
        found += (Lapse(kind, code, subject) for kind, subject in lapses)
    return found


def look_at_documents(reader: Reader, after: str) -> tuple[list[Lapse], str | None]:
    """Return which of the next cases, ended ones too, are refused; and the last one looked at, if there are more."""
    wrong, last = reader.audit.rolled_back(after, _DOCUMENTS)
    return [lapse for link in wrong for lapse in _refused(reader, link.code)], last


def look_at_posts(reader: Reader, after: str) -> tuple[list[Lapse], str | None]:
    """Return which of the next messages are not kept as they were written; and the last one looked at, if more follow.

    Which case a changed row is about is not known for certain either: what is no code is not repeated.
    """
    damaged, last = reader.posts.damaged(after, _POSTS)
    return [Lapse(LapseKind.DAMAGED, one.code if is_code(one.code) else "", one.mark) for one in damaged], last


def _refused(reader: Reader, code: str) -> Iterator[Lapse]:
    try:
        reader.cases.get(code)
    except NotFound:
        return
    except Undecipherable as refused:
        yield Lapse(LapseKind.REFUSED, code, refused.key)


def look_at_directory(reader: Reader) -> list[Lapse]:
    """Return of which agencies rows of the directory are not what was imported."""
    return [Lapse(LapseKind.DIRECTORY, "", fault) for fault in reader.directory_faults()]


def look_at_outbox(reader: Reader) -> list[Lapse]:
    """Return which letters wait too long. Of a platform that takes nothing that alone is told, and not each letter."""
    limits = {rank: reader.now - (_URGENT_LATE_AFTER if rank is Rank.URGENT else LATE_AFTER) for rank in Rank}
    away = reader.outbox.kept_waiting(reader.now - LATE_AFTER)
    # One outage is one thing: it lasts as long as the letter that has waited since it began.
    found = [Lapse(LapseKind.AWAY, "", f"{prefix}{first}") for prefix, first in away.items()]
    late = (letter for letter in reader.outbox.late(limits, _MOST) if not letter.address.startswith(tuple(away)))
    found += (Lapse(LapseKind.WAITING, letter.code, f"{letter.what}:{letter.id}") for letter in late)
    return list(dict.fromkeys(found))


def report(services: Services, tx: Transaction, found: Sequence[Lapse]) -> Counter[LapseKind]:
    """Keep what is still so, tell the administrators what they have not been told, and return how much there is.

    Between the look and this moment things have gone on, so each is looked at once more.
    """
    of = sorted({lapse.code for lapse in found if lapse.code})
    now_so = {*look_at_cases(services, tx, of), *look_at_directory(tx), *look_at_outbox(tx)}
    # Of itself no row comes right again.
    now_so |= {lapse for lapse in found if lapse.kind is LapseKind.DAMAGED}
    confirmed = [lapse for lapse in dict.fromkeys(found) if lapse in now_so]
    new = tx.lapses.note(confirmed, tx.now, LOOKED_FOR)
    for code in sorted({lapse.code for lapse in confirmed if lapse.kind is LapseKind.OVERDUE}):
        # When the case is due next is reckoned anew, so that the next tick finds it.
        case = tx.cases.get(code)
        store(services, tx, case, case)
    if new:
        put_letters(tx, alarm.alarms(tx, new, tx.outbox.kept_waiting(tx.now - LATE_AFTER)))
    tx.prove_directory()
    return Counter(lapse.kind for lapse in confirmed)


def _in_case(view: View, reader: Reader, case: Case) -> Iterator[tuple[LapseKind, str]]:
    before = view.now - LATE_AFTER
    rows = reader.journal.read(case.code)
    letters = reader.outbox.of_case(case.code)
    dues = deadlines(case, view.services.rules_of(case), view.now)
    if case.is_open:
        # Drawn for nobody: what cannot be is named before somebody misses it.
        board(view, case)
        case_lists.line(view, reader, reader.cases.listed(case.code))
    yield from ((LapseKind.OVERDUE, key) for key in _overdue(case, dues, rows, before))
    yield from ((LapseKind.WAITING, what) for what in _unheard(view, reader, case, letters))
    yield from ((LapseKind.UNSENT, what) for what in _fired_in_vain(view, reader, case, dues, rows))
    if not rows or rows[-1].at <= before:
        # A case that has just been changed may be ahead of what is written about it.
        yield from ((LapseKind.UNSENT, what) for what in _untold(view, reader, case, letters))
    yield from ((LapseKind.DAMAGED, f"reminder:{what}") for what in reader.reminders.damaged_of(case.code))
    yield from ((LapseKind.DOUBLED, what) for what in _twice(rows, letters, view.now - ENDED_LOOKED_AT))


def _overdue(case: Case, dues: Sequence[Due], rows: Sequence[JournalRow], before: datetime) -> Iterator[str]:
    """Yield the reminders whose time has passed. What a change has made due is due from that change on."""
    changed = rows[-1].at if rows else case.opened_at
    for due in dues:
        if due.key not in case.fired and max(due.at, changed) <= before:
            yield due.key


def _fired_in_vain(
    view: View, reader: Reader, case: Case, dues: Sequence[Due], rows: Sequence[JournalRow]
) -> Iterator[str]:
    """Yield the reminders that count as fired, but left no line in the journal, or no letter."""
    written = {row.entry.details.get("reminder") for row in rows}
    for due in dues:
        if due.key in case.fired and due.key not in written:
            yield f"reminder:{due.key}"
    for reminder in reader.reminders.of_case(case.code):
        lately = view.now - ENDED_LOOKED_AT < reminder.fired_at <= view.now - LATE_AFTER
        if reminder.done_at is None and lately:
            key = enqueue.reminders_key(reminder.address, f"{case.code}:{reminder.subject}")
            if reader.outbox.state_of(key) is None:
                yield f"reminder:{reminder.subject}"


def _untold(view: View, reader: Reader, case: Case, letters: Sequence[KeptLetter]) -> Iterator[str]:
    """Yield whom there is no letter to, who should have been told: of a summons, an invite, a plan, an ending."""
    on_its_way = [kept.letter.key for kept in letters if kept.state is not LetterState.DROPPED]

    def told(beginning: str) -> bool:
        return any(key.startswith(beginning) for key in on_its_way)

    yield from _unsummoned(view, reader, case, told_keys=[kept.letter.key for kept in letters], on_its_way=on_its_way)
    for notice in case.closure.notices if case.closure is not None else ():
        heard = notice.delivered_at is not None or notice.confirmed is not None
        address = enqueue.told_at(case, view.directory, notice.agency)
        if address and not heard and not told(f"ending:{case.code}:{notice.agency}:"):
            yield f"ending:{notice.agency}"
    for plan in case.plans[-1:] if case.closure is None else ():
        for agency in (notice.agency for notice in plan.notices):
            address = enqueue.told_at(case, view.directory, agency) if may_hear(view, case, agency) else ""
            lately = plan.recorded.at > view.now - ENDED_LOOKED_AT
            if address and lately and not told(f"plan:{case.code}:{plan.version}:{agency}:"):
                yield f"plan:{plan.version}:{agency}"
    if case.is_open and enqueue.board(case, view.directory, view.now).address:
        surface = f"board:{case.code}:{enqueue.board_owner(case, view.directory)}"
        if reader.posts.get(surface) is None and not told(f"board:{case.code}:"):
            yield "board"


def _unheard(view: View, reader: Reader, case: Case, letters: Sequence[KeptLetter]) -> Iterator[str]:
    """Yield who has a letter about a withdrawal and has not heard of it, though it waits for nothing (R77).

    The case alone is asked. Rank, times and state of a letter stand in the clear: whoever writes the database without
    the keys could put it off for years, or have it count as sent.
    """
    closure = case.closure
    if closure is None or closure.ground is not Ground.WITHDRAWN or closure.closed.at > view.now - _HEARD_OF_AFTER:
        return
    away = tuple(reader.outbox.kept_waiting(view.now - LATE_AFTER))
    for notice in closure.notices:
        if notice.delivered_at is not None or notice.confirmed is not None:
            continue
        key = f"ending:{case.code}:{notice.agency}:"
        mine = [
            kept for kept in letters if kept.letter.key.startswith(key) and not kept.letter.address.startswith(away)
        ]
        # One that died, or was dropped, is told of by whoever found that out, or counts as none.
        if any(kept.state not in {LetterState.DEAD, LetterState.DROPPED} for kept in mine):
            yield f"ending:{notice.agency}"


def _unsummoned(
    view: View, reader: Reader, case: Case, *, told_keys: Iterable[str], on_its_way: Iterable[str]
) -> Iterator[str]:
    meeting = case.coming_meeting
    if meeting is None:
        return
    told_keys, on_its_way = tuple(told_keys), tuple(on_its_way)
    for summons in meeting.live():
        agency = summons.agency
        if not place_of(case, agency, view.directory) or not covers(view, case, agency):
            continue
        surface, by_phone = f"summons:{case.code}:{meeting.number}:{agency}", f"note:{case.code}:no_channel:"
        shown = reader.posts.get(surface) or reader.posts.get(f"told:{case.code}:{meeting.number}:{agency}")
        phoned = any(key.startswith(by_phone) and key.endswith(f":{agency}") for key in told_keys)
        if shown is None and not phoned and not any(key.startswith(f"{surface}:") for key in on_its_way):
            yield f"summons:{meeting.number}:{agency}"
    for agency, who in meeting.expected():
        if not who.email or not view.services.mail_from or case.protected or not covers(view, case, agency):
            continue
        # The key of an attendee is random and tells nobody who it is.
        asking = f"{mails.invite_keys(case, meeting, who)}REQUEST:"
        if meeting.start > view.now and not any(key.startswith(asking) for key in told_keys):
            yield f"invite:{meeting.number}:{agency}:{who.key}"


# Where a summons stands that was taken back: the address and the message of none.
_NOWHERE = ("", "")


def _twice(rows: Sequence[JournalRow], letters: Sequence[KeptLetter], since: datetime) -> Iterator[str]:
    """Yield what went out more than once: reminders, first summonses, and messages of one summons beside each other."""
    counted: Counter[str] = Counter()
    for row in rows:
        entry = row.entry
        if row.at <= since:
            continue
        if entry.action == "reminder.sent":
            counted[f"reminder:{entry.details.get('reminder')}"] += 1
        elif entry.action == "letter.summons":
            counted[f"summons:{entry.details.get('meeting')}:{entry.agency}"] += 1
    places: dict[str, tuple[str, str]] = {}
    for kept in letters:
        shown = kept.letter.key.removeprefix("take_back:")
        if kept.state is not LetterState.SENT or kept.put_at <= since or not shown.startswith("summons:"):
            continue
        surface = shown.partition(enqueue.AT)[0].partition(":")[2].rpartition(":")[0].partition(":")[2]
        if kept.letter.what == enqueue.What.TAKE_BACK:
            places[surface] = _NOWHERE
        if kept.letter.what == enqueue.What.SUMMONS:
            before, now = places.get(surface), (kept.letter.address, kept.receipt)
            # What was taken back or has moved, as when a protection is set and lifted, is posted anew (law 4D.4).
            if before is None or (before != now and before[0] == now[0]):
                counted[f"posted:summons:{surface}"] += 1
            places[surface] = now
    yield from sorted(what for what, count in counted.items() if count > 1)
