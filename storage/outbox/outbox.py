"""The outbox: what is to be said, kept in the same transaction as the reason for saying it.

A letter is waiting → taken (under a lease) → sent | waiting again (later) | dead (why) | dropped (why).
Nothing is sent from here; the courier takes letters from their lanes (`lanes.py`) and tells what became of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, func, literal_column, or_, select, update

from storage.encryption.address_seal import AddressKeeping, AddressReading
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.outbox.claims import HOLDS, Claim, Claiming
from storage.outbox.lanes import IS_WAITING, LAST_CHARACTER, Lanes, next_ready
from storage.outbox.letter import (
    COLUMNS,
    DeadLetter,
    KeptLetter,
    Letter,
    LetterState,
    Rank,
    opened,
    row_of,
    unopened,
)
from storage.schema.tables import case_, hold, lane, outbox
from storage.sql.instants import NEVER, instant, instant_or_none, micros
from storage.sql.link import Link
from storage.sql.statement import Statement, insert_or

__all__ = [
    "Claim",
    "Counts",
    "DeadLetter",
    "KeptLetter",
    "LateLetter",
    "Letter",
    "LetterState",
    "Outbox",
    "OutboxReading",
    "Rank",
]

# Word for word the conditions of partial indexes (tables.py), or SQLite does not see that they apply.
_IS_DEAD: ColumnElement[bool] = literal_column("outbox.state = 'dead'")
_HAS_CASE: ColumnElement[bool] = literal_column("outbox.code <> ''")

# Microseconds: an hour, and the longest pause between two attempts at a platform that takes nothing.
_TRIED_FOR_LONG = 3_600_000_000
_TRIED_AGAIN = 300_000_000

_PUT = Statement(lambda kind: insert_or(kind, outbox, None, unique=("key",)))
_CODE = bindparam("code", type_=outbox.c.code.type)
_DROP = {"state": "dropped", "why": bindparam("why"), "settled_at": bindparam("settled_at"), "args": b""}
_WITHDRAW = Statement(update(outbox).values(_DROP).where(outbox.c.code == _CODE, IS_WAITING, _HAS_CASE))
_WITHDRAW_WHAT = Statement(
    update(outbox)
    .values(_DROP)
    .where(outbox.c.code == _CODE, outbox.c.what == bindparam("kind_of"), IS_WAITING, _HAS_CASE)
)
_DEAD = Statement(
    select(*COLUMNS, outbox.c.id, outbox.c.attempts, outbox.c.why, outbox.c.settled_at)
    .where(_IS_DEAD)
    .order_by(outbox.c.id.desc())
    .limit(bindparam("limit"))
)
_REPLAY = Statement(
    update(outbox)
    .values(state="waiting", attempts=0, next_at=bindparam("now"), expires_at=NEVER, why="", settled_at=None)
    .where(outbox.c.id == bindparam("letter"), _IS_DEAD)
    .returning(outbox.c.address, outbox.c.rank)
)
_COUNT_WAITING = Statement(select(func.count()).select_from(outbox).where(IS_WAITING))
_COUNT_DEAD = Statement(select(func.count()).select_from(outbox).where(_IS_DEAD))
_COUNT_TAKEN = Statement(select(func.count()).select_from(lane).where(lane.c.letter.is_not(None)))
_OLDEST = Statement(select(func.min(outbox.c.not_before)).where(IS_WAITING, outbox.c.not_before <= bindparam("now")))
# Both kinds of lateness: nobody has taken a letter, or who took it has not been heard of since.
_LATE = Statement(
    select(outbox.c.id, outbox.c.code, outbox.c.what, outbox.c.address)
    .where(IS_WAITING, outbox.c.rank == bindparam("rank"), outbox.c.next_at <= bindparam("before"))
    .order_by(outbox.c.id)
    .limit(bindparam("limit", type_=outbox.c.id.type))
)
_TRYING = Statement(
    select(outbox.c.id, outbox.c.code, outbox.c.what, outbox.c.address)
    .where(IS_WAITING, outbox.c.attempts > 1, outbox.c.first_tried_at <= bindparam("before"))
    .order_by(outbox.c.id)
    .limit(bindparam("limit", type_=outbox.c.id.type))
)
_BEHIND = Statement(
    select(func.min(outbox.c.id)).where(
        outbox.c.address >= bindparam("first"),
        outbox.c.address < bindparam("last"),
        IS_WAITING,
        outbox.c.not_before <= bindparam("before"),
        outbox.c.next_at <= bindparam("until", type_=outbox.c.next_at.type),
    )
)
_HELD_LATELY = Statement(select(hold.c.prefix).where(hold.c.until > bindparam("since")))
_LEFT = Statement(
    select(outbox.c.id, outbox.c.code, outbox.c.what, outbox.c.address)
    .join_from(lane, outbox, outbox.c.id == lane.c.letter)
    .where(lane.c.letter.is_not(None), lane.c.ready_at <= bindparam("before"))
    .order_by(outbox.c.id)
    .limit(bindparam("limit", type_=outbox.c.id.type))
)
_WAITING_KEYS = Statement(select(outbox.c.key).where(IS_WAITING))
_KEY = bindparam("kept_key", type_=outbox.c.key.type)
_SENT_BEFORE = Statement(
    update(outbox)
    .values({"state": "sent", "settled_at": bindparam("settled_at"), "args": b""})
    .where(outbox.c.key == _KEY, IS_WAITING)
)
_STATE = Statement(select(outbox.c.state).where(outbox.c.key == bindparam("key", type_=outbox.c.key.type)))
_OF_CASE = Statement(
    select(
        *COLUMNS,
        *(outbox.c[name] for name in ("state", "why", "attempts", "put_at", "settled_at", "receipt", "uncertain")),
    )
    .where(outbox.c.code == _CODE, _HAS_CASE)
    .order_by(outbox.c.id)
)
_ERASE = Statement(delete(outbox).where(outbox.c.code == _CODE, _HAS_CASE))
# Letters are numbered as they are put: behind the first that is young enough to stay, none needs to be looked at.
_YOUNGEST = Statement(select(outbox.c.id).where(outbox.c.put_at >= bindparam("before")).order_by(outbox.c.id).limit(1))
_FORGET = Statement(
    delete(outbox).where(
        outbox.c.id.in_(
            select(outbox.c.id)
            .where(
                outbox.c.id < bindparam("youngest"),
                or_(outbox.c.state == "sent", outbox.c.state == "dropped"),
                or_(
                    outbox.c.settled_at < bindparam("before"),
                    and_(outbox.c.code == "", outbox.c.settled_at < bindparam("lists_before")),
                ),
                # While a case is open its letters' keys are kept, or one of them might be written once more.
                ~exists(select(case_.c.code).where(case_.c.code == outbox.c.code, case_.c.open == 1)),
            )
            .order_by(outbox.c.id)
            .limit(1000)
        )
    )
)


_FORGET_DRAWN = Statement(
    delete(outbox).where(
        outbox.c.id < bindparam("youngest"),
        outbox.c.what == bindparam("kind_of"),
        or_(outbox.c.state == "sent", outbox.c.state == "dropped"),
        outbox.c.settled_at < bindparam("before"),
    )
)
_FORGET_DEAD = Statement(
    delete(outbox).where(
        _IS_DEAD,
        outbox.c.settled_at < bindparam("before"),
        ~exists(select(case_.c.code).where(case_.c.code == outbox.c.code, case_.c.open == 1)),
    )
)


@dataclass(frozen=True, slots=True)
class LateLetter:
    """A letter that could have gone long ago, and has not. `address` is sealed; it begins as the letter's own does."""

    id: int
    code: str
    what: str
    address: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many letters are waiting, under way and dead now."""

    waiting: int
    taken: int
    dead: int


class OutboxReading:
    """What can be read of the outbox."""

    def __init__(self, link: Link, keyring: Keyring, addresses: AddressReading, now: datetime) -> None:
        self._link = link
        self._keyring = keyring
        self._addresses = addresses
        self._now = micros(now)

    def counts(self) -> Counts:
        """Count the letters that wait, are under way, and are dead."""
        values = (self._link.value(statement) for statement in (_COUNT_WAITING, _COUNT_TAKEN, _COUNT_DEAD))
        return Counts(*values)

    def oldest_waiting(self) -> datetime | None:
        """Return since when the letter that has waited longest could have been sent."""
        return instant_or_none(self._link.value(_OLDEST, now=self._now))

    def next_ready(self) -> datetime | None:
        """Return when there will be something to claim, as far as is known now."""
        return instant_or_none(next_ready(self._link))

    def dead_letters(self, limit: int) -> tuple[DeadLetter, ...]:
        """Return the letters that could not be delivered, the newest first.

        One that cannot be opened has neither key nor address.
        """
        found = []
        for row in self._link.rows(_DEAD, limit=limit):
            number, attempts, why, died_at = row[len(COLUMNS) :]
            try:
                letter = opened(self._keyring, self._addresses, row)
            except Undecipherable:
                letter = unopened(row)
            found.append(DeadLetter(number, letter, why, attempts, instant_or_none(died_at)))
        return tuple(found)

    def late(self, before: Mapping[Rank, datetime], limit: int) -> tuple[LateLetter, ...]:
        """Return letters that could have gone before an instant, by rank, and have not; the oldest of each rank.

        One that has been tried since then belongs to them when the first attempt was an hour ago.
        """
        rows = []
        for rank, at in before.items():
            rows += self._link.rows(_LATE, rank=rank, before=micros(at), limit=limit)
        rows += self._link.rows(_TRYING, before=self._now - _TRIED_FOR_LONG, limit=limit)
        rows += self._link.rows(_LEFT, before=micros(max(before.values())), limit=limit)
        return tuple(LateLetter(*row) for row in rows)

    def kept_waiting(self, before: datetime) -> Mapping[str, int]:
        """Return which beginnings of addresses take nothing, each with the number of the first letter that waits there.

        Only those where a letter could have gone before an instant.
        """
        found = {}
        for prefix in self._link.column(_HELD_LATELY, since=micros(before)):
            place = {"first": prefix, "last": prefix + LAST_CHARACTER}
            number = self._link.value(_BEHIND, **place, before=micros(before), until=self._now + _TRIED_AGAIN)
            if number is not None:
                found[prefix] = number
        return found

    def state_of(self, key: str) -> LetterState | None:
        """Return where the letter with this key stands; None when there is none."""
        found = self._link.value(_STATE, key=self._addresses.seal(key))
        return None if found is None else LetterState(found)

    def waiting_keys(self) -> tuple[str, ...]:
        """Return the keys of all letters that wait, but for those that cannot be read."""
        found = (self._addresses.readable(kept) for kept in self._link.column(_WAITING_KEYS))
        return tuple(key for key in found if key)

    def held(self) -> Mapping[str, datetime]:
        """Return which beginnings of addresses are held, and until when."""
        return {prefix: instant(until) for prefix, until in self._link.rows(HOLDS, now=self._now)}

    def of_case(self, code: str) -> tuple[KeptLetter, ...]:
        """Return the letters of a case, the oldest first. One that cannot be opened has neither key nor address."""
        self._addresses.require()
        found = []
        for row in self._link.rows(_OF_CASE, code=code):
            state, why, attempts, put_at, settled_at, receipt, uncertain = row[len(COLUMNS) :]
            try:
                letter = opened(self._keyring, self._addresses, row)
            except Undecipherable:
                letter = unopened(row)
            times = instant(put_at), instant_or_none(settled_at)
            told = LetterState(state), why, attempts, *times, self._addresses.readable(receipt), bool(uncertain)
            found.append(KeptLetter(letter, *told))
        return tuple(found)


class Outbox(OutboxReading, Claiming):
    """The outbox inside a write transaction: what handlers put, and what the courier takes (`Claiming`)."""

    def __init__(self, link: Link, keyring: Keyring, addresses: AddressKeeping, now: datetime, lanes: Lanes) -> None:
        Claiming.__init__(self, link, keyring, addresses, now, lanes)

    def put(self, letter: Letter) -> bool:
        """Put a letter, and say whether it is new: False when one with this key has been put before."""
        row = row_of(self._keyring, self._addresses, letter, self._now)
        if not self._link.run(_PUT, **row):
            return False
        self._lanes.wake(row["address"], row["rank"], row["next_at"])
        return True

    def put_many(self, letters: Sequence[Letter]) -> int:
        """Put several letters and return how many of them are new."""
        rows = [row_of(self._keyring, self._addresses, letter, self._now) for letter in letters]
        count = self._link.run_each(_PUT, rows)
        if count:
            # A lane that is woken for a letter that was known finds nothing to do, and sleeps again.
            for row in rows:
                self._lanes.wake(row["address"], row["rank"], row["next_at"])
        return count

    def withdraw(self, code: str, whats: Iterable[str], why: str) -> int:
        """Drop the waiting letters of a case that these composers would write (none named: all), and return how many.

        A letter that is under way can no longer be stopped; its composer decides at the last moment.
        """
        reason = {"code": code, "why": why, "settled_at": self._now}
        kinds = tuple(whats)
        if not kinds:
            return self._link.run(_WITHDRAW, **reason)
        return self._link.run_each(_WITHDRAW_WHAT, [reason | {"kind_of": kind} for kind in kinds])

    def sent_before(self, keys: Iterable[str]) -> int:
        """Note of waiting letters that they were sent before this database was put in another's place, and count them.

        Their receipts stay unknown.
        """
        rows = [{"kept_key": self._addresses.seal(key), "settled_at": self._now} for key in keys]
        return self._link.run_each(_SENT_BEFORE, rows)

    def replay(self, number: int) -> bool:
        """Let a dead letter wait again, as if it had never been tried; say whether there was one with this id."""
        rows = self._link.rows(_REPLAY, letter=number, now=self._now)
        for address, rank in rows:
            self._lanes.wake(address, rank, self._now)
        return bool(rows)

    def forget(self, before: datetime, lists_before: datetime | None = None) -> int:
        """Delete letters sent or dropped before an instant, a thousand of the oldest at most, and return how many.

        Their keys are forgotten with them; those of open cases stay. Addresses that nothing has waited for since then
        are forgotten too. Letters of no one case (lists of reminders, private answers) go before `lists_before`.
        """
        until = micros(max(before, lists_before or before))
        self._lanes.forget(until)
        youngest = self._link.value(_YOUNGEST, before=until)
        settled = {"before": micros(before), "lists_before": until}
        return self._link.run(_FORGET, **settled, youngest=NEVER if youngest is None else youngest)

    def forget_drawn(self, whats: Iterable[str], before: datetime) -> int:
        """Delete letters that these composers wrote, settled before an instant, and return how many.

        Those of open cases too: only for letters whose keys no later state of a case has again.
        """
        youngest = self._link.value(_YOUNGEST, before=micros(before))
        settled = {"before": micros(before), "youngest": NEVER if youngest is None else youngest}
        return self._link.run_each(_FORGET_DRAWN, [settled | {"kind_of": what} for what in whats])

    def forget_dead(self, before: datetime) -> int:
        """Delete letters that died before an instant, but for those of open cases, and return how many."""
        return self._link.run(_FORGET_DEAD, before=micros(before))

    def erase(self, code: str) -> int:
        """Delete every letter of a case, and return how many."""
        return self._link.run(_ERASE, code=code)
