"""Lanes: one for each address, so that its letters go one at a time, in order, and at a bearable pace.

A lane knows when it is next ready and the rank of what waits there. A claim finds ready lanes through an
index, so its cost depends neither on how many letters wait nor on how many lanes there are. While a letter is
under way, its lane is not ready until the lease runs out: a courier that died is noticed by the lane becoming
ready with a letter still taken. Addresses are here what is kept of them, sealed; that begins as they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, bindparam, case, delete, func, literal_column, select, update

from storage.outbox.letter import Rank
from storage.schema.tables import lane, outbox
from storage.sql.instants import NEVER
from storage.sql.link import Link
from storage.sql.statement import DatabaseKind, Statement, insert_or

IDLE: Final = 9  # the rank of a lane in which nothing waits
IS_WAITING: ColumnElement[bool] = literal_column("outbox.state = 'waiting'")

_ADDRESS = bindparam("address", type_=lane.c.address.type)
_UNTIL = bindparam("until", type_=lane.c.ready_at.type)
_READY = Statement(
    select(lane.c.address, lane.c.rank, lane.c.paced_until, lane.c.letter)
    .where(lane.c.rank == bindparam("rank"), lane.c.ready_at <= bindparam("now"))
    .order_by(lane.c.ready_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_NEXT = Statement(select(func.min(lane.c.ready_at)).where(lane.c.rank == bindparam("rank")))
_LOCK = Statement(select(lane.c.paced_until, lane.c.letter).where(lane.c.address == _ADDRESS).with_for_update())
_SET = Statement(
    update(lane)
    .values(
        {
            name: bindparam(name, type_=lane.c[name].type)
            for name in ("rank", "ready_at", "paced_until", "holder", "letter")
        }
    )
    .where(lane.c.address == bindparam("of", type_=lane.c.address.type))
)
_KEEP = Statement(
    update(lane)
    .values(ready_at=_UNTIL)
    .where(
        lane.c.address == _ADDRESS,
        lane.c.letter == bindparam("of_letter", type_=BigInteger),
        lane.c.holder == bindparam("of_holder", type_=lane.c.holder.type),
    )
)
_PACE = Statement(update(lane).values(paced_until=bindparam("paced_until")).where(lane.c.address == _ADDRESS))
_PREFIXED = (lane.c.address >= bindparam("first"), lane.c.address < bindparam("last"), lane.c.letter.is_(None))
_HOLD = Statement(update(lane).values(ready_at=_UNTIL).where(*_PREFIXED, lane.c.rank != IDLE, lane.c.ready_at < _UNTIL))
_RESUME = Statement(update(lane).values(ready_at=lane.c.paced_until).where(*_PREFIXED, lane.c.rank != IDLE))
_FORGET = Statement(delete(lane).where(lane.c.rank == IDLE, lane.c.paced_until < bindparam("before")))
_TAKEN = Statement(select(lane.c.address, lane.c.paced_until, lane.c.letter).where(lane.c.letter.is_not(None)))
_TAKEN_BY = Statement(
    select(lane.c.address, lane.c.paced_until, lane.c.letter).where(
        lane.c.letter.is_not(None), lane.c.holder == bindparam("holder")
    )
)

_RANK_AT = Statement(
    select(outbox.c.rank, outbox.c.next_at)
    .where(outbox.c.address == _ADDRESS, IS_WAITING, outbox.c.next_at <= bindparam("at"))
    .order_by(outbox.c.rank, outbox.c.id)
    .limit(1)
)
_UNPACE = Statement(update(lane).values(paced_until=bindparam("now")).where(lane.c.paced_until > bindparam("now")))
_UNLEND = Statement(
    update(lane)
    .values(ready_at=_UNTIL)
    .where(lane.c.letter.is_not(None), lane.c.rank != IDLE, lane.c.ready_at > _UNTIL)
)
_RESTING = Statement(
    select(lane.c.address, lane.c.paced_until).where(
        lane.c.letter.is_(None), lane.c.rank == bindparam("rank"), lane.c.ready_at > bindparam("after")
    )
)
_SOMETHING_WAITS: ColumnElement[bool] = literal_column(f"lane.rank IN ({', '.join(str(int(rank)) for rank in Rank)})")
_ASLEEP = Statement(
    select(lane.c.address).where(
        lane.c.letter.is_(None),
        _SOMETHING_WAITS,
        lane.c.ready_at > bindparam("after"),
        lane.c.paced_until > bindparam("after"),
    )
)
_EARLIEST = Statement(
    select(func.min(outbox.c.next_at)).where(
        outbox.c.address == _ADDRESS, IS_WAITING, outbox.c.next_at > bindparam("at")
    )
)

LAST_CHARACTER = "\U0010ffff"


def _least(kind: DatabaseKind, *values: Any) -> Any:
    """Give the smaller of two values: SQLite calls it min(a, b), PostgreSQL least(a, b)."""
    return func.min(*values, type_=BigInteger) if kind == "sqlite" else func.least(*values, type_=BigInteger)


def _greatest(kind: DatabaseKind, *values: Any) -> Any:
    return func.max(*values, type_=BigInteger) if kind == "sqlite" else func.greatest(*values, type_=BigInteger)


def _wake(kind: DatabaseKind) -> Any:
    new_rank, new_at = bindparam("rank", type_=lane.c.rank.type), bindparam("ready_at", type_=lane.c.ready_at.type)
    at_last = _least(kind, lane.c.ready_at, new_at)
    # What must go now waits for no pace.
    sooner = case((new_rank == int(Rank.URGENT), at_last), else_=_greatest(kind, lane.c.paced_until, at_last))
    return insert_or(
        kind,
        lane,
        {
            "rank": _least(kind, lane.c.rank, new_rank),
            # With a letter under way, ready_at is the end of its lease; what waits is looked at when that is
            # settled.
            "ready_at": case((lane.c.letter.is_not(None), lane.c.ready_at), else_=sooner),
        },
    )


_WAKE = Statement(_wake)


@dataclass(frozen=True, slots=True)
class Lane:
    """A ready lane: its address, the rank of what waits, when it may next be used, and a letter whose lease ran out."""

    address: str
    rank: int
    paced_until: int
    letter: int | None = None


class Lanes:
    """The lanes inside a write transaction.

    Lanes that get letters, and those whose letter has come back, are written at its end and in the order of
    their addresses, so that no two transactions wait for each other.
    """

    def __init__(self, link: Link, now: int) -> None:
        self._link = link
        self._now = now
        self._woken: dict[str, tuple[int, int]] = {}
        self._settled: dict[str, tuple[int, int]] = {}

    def wake(self, address: str, rank: int, at: int) -> None:
        """Note that a letter waits at an address from an instant on."""
        known = self._woken.get(address)
        self._woken[address] = (rank, at) if known is None else (min(rank, known[0]), min(at, known[1]))

    def settle(self, address: str, letter: int, next_ready: int) -> None:
        """Note that a lane's letter is no longer under way, and that the lane may be used again from an instant on."""
        self._settled[address] = (letter, next_ready)

    def flush(self) -> None:
        """Write what was noted."""
        for address in sorted(self._settled):
            self._give_back(address, *self._settled[address])
        fresh = {"paced_until": 0, "holder": "", "letter": None}
        rows = [
            {"address": address, "rank": rank, "ready_at": at} | fresh
            for address, (rank, at) in sorted(self._woken.items())
        ]
        self._link.run_each(_WAKE, rows)
        self._settled.clear()
        self._woken.clear()

    def _give_back(self, address: str, letter: int, next_ready: int) -> None:
        row = self._link.row(_LOCK, address=address)
        if row is None:
            return
        paced_until, under_way = row
        paced_until = max(paced_until, next_ready)
        if under_way is None or under_way == letter:
            self.rest(address, paced_until)
        else:
            # The lease had run out, and by now another letter is under way: only the pace concerns this lane.
            self._link.run(_PACE, address=address, paced_until=paced_until)

    def ready(self, rank: int, limit: int) -> tuple[Lane, ...]:
        """Return lanes of a rank that are ready, the longest first, passing over those another courier has."""
        return tuple(Lane(*row) for row in self._link.rows(_READY, rank=rank, now=self._now, limit=limit))

    def taken(self, holder: str) -> tuple[Lane, ...]:
        """Return the lanes with a letter under way, of one holder or (with "") of anybody."""
        rows = self._link.rows(_TAKEN_BY, holder=holder) if holder else self._link.rows(_TAKEN)
        return tuple(Lane(address, IDLE, paced_until, letter) for address, paced_until, letter in rows)

    def lend(self, lane_: Lane, letter: int, holder: str, until: int) -> None:
        """Lend a lane to a holder for a letter until its lease runs out."""
        self._set(lane_.address, lane_.rank, until, lane_.paced_until, holder=holder, letter=letter)

    def keep(self, address: str, letter: int, holder: str, until: int) -> bool:
        """Keep a lane lent until an instant; False when it is not lent to this holder for this letter any more."""
        return self._link.run(_KEEP, address=address, of_letter=letter, of_holder=holder, until=until) == 1

    def rest(self, address: str, paced_until: int) -> None:
        """Let a lane rest until the next of its letters may go."""
        at = max(self._now, paced_until)
        first = self._link.row(_RANK_AT, address=address, at=at)
        if first is None:
            self._rest_beyond(address, paced_until, at)
            return
        rank, next_at = first
        # What must go now waits for no pace.
        self._set(address, rank, max(self._now, next_at) if rank == Rank.URGENT else at, paced_until)

    def pass_over(self, lane_: Lane) -> None:
        """Let a lane rest of whose letters none may go now, though some may be kept back by one that is tried again."""
        self._rest_beyond(lane_.address, lane_.paced_until, self._now)

    def postpone(self, lane_: Lane, until: int) -> None:
        """Let a lane rest until an instant, whatever waits there."""
        self._set(lane_.address, lane_.rank, until, lane_.paced_until)

    def _rest_beyond(self, address: str, paced_until: int, at: int) -> None:
        later = self._link.value(_EARLIEST, address=address, at=at)
        if later is None:
            self._set(address, IDLE, NEVER, paced_until)
        else:
            self._set(address, self._link.value(_RANK_AT, address=address, at=later), later, paced_until)

    def hold(self, prefix: str, until: int) -> None:
        """Let all lanes whose address begins so rest until an instant."""
        self._link.run(_HOLD, first=prefix, last=prefix + LAST_CHARACTER, until=until)

    def resume(self, prefix: str) -> None:
        """Let all lanes whose address begins so be looked at again."""
        self._link.run(_RESUME, first=prefix, last=prefix + LAST_CHARACTER)

    def wake_paced(self, longest: int) -> int:
        """Wake the lanes whose pace would last longer than any may: a clock that was wrong set it. Return how many."""
        asleep = list(self._link.column(_ASLEEP, after=self._now + longest))
        for address in asleep:
            self.rest(address, self._now)
        return len(asleep)

    def reckon(self, lease: int) -> None:
        """Forget every pace, let no lease last longer than `lease`, and reckon anew when each lane is ready."""
        self._link.run(_UNPACE, now=self._now)
        self._link.run(_UNLEND, until=self._now + lease)
        for rank in Rank:
            for address, paced_until in self._link.rows(_RESTING, rank=rank, after=self._now):
                self.rest(address, paced_until)

    def forget(self, before: int) -> int:
        """Delete the lanes that nothing has waited in since an instant."""
        return self._link.run(_FORGET, before=before)

    def _set(
        self, address: str, rank: int, ready_at: int, paced_until: int, *, holder: str = "", letter: int | None = None
    ) -> None:
        params = {"rank": rank, "ready_at": ready_at, "paced_until": paced_until, "holder": holder, "letter": letter}
        self._link.run(_SET, of=address, **params)


def next_ready(link: Link) -> int:
    """Return when the first lane becomes ready, or `NEVER`."""
    found = (link.value(_NEXT, rank=rank) for rank in Rank)
    return min((at for at in found if at is not None), default=NEVER)
