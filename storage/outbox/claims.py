"""Claims: how the courier takes letters from their lanes, and tells what became of them.

A claim is a promise with a date: if the courier does not tell in time, the letter waits again, marked as
uncertain, since it may have been delivered. Whoever takes it then looks first. (Sending again blindly doubled
82 of 2 000 messages when couriers were killed; marking before sending lost some.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, case, delete, exists, func, not_, or_, select, update

from storage.encryption.address_seal import AddressReading
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.outbox.lanes import IS_WAITING, Lane, Lanes
from storage.outbox.letter import COLUMNS, Letter, Rank, opened
from storage.outbox.wrong_clock import put_right
from storage.schema.tables import hold, outbox
from storage.sql.instants import EPOCH, instant, micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting

# A letter that is tried again keeps back those behind it, so that the order holds through short trouble.
# After this many attempts it lets them pass: one letter that its platform cannot take must not silence an
# address for a day.
PATIENCE: Final = 3

# One whose answer was lost may stand there already, under a name that nobody knows yet. Whatever changes or replaces
# what it shows waits until it was looked for, or two would stand there; what somebody waits for changes nothing.
PATIENCE_IN_DOUBT: Final = 2 * PATIENCE

DAMAGED: Final = "damaged"  # why a letter is dead that cannot be opened

_MOST: Final = 1000  # lanes looked at in one claim

_ID = bindparam("letter", type_=outbox.c.id.type)
_NOW = bindparam("now", type_=outbox.c.next_at.type)
_earlier = outbox.alias("earlier")
_IS_TRIED_AGAIN = and_(
    _earlier.c.next_at > _NOW,
    _earlier.c.attempts.between(1, PATIENCE),
    or_(_earlier.c.rank < outbox.c.rank, and_(_earlier.c.rank == outbox.c.rank, _earlier.c.id < outbox.c.id)),
)
_IS_IN_DOUBT = and_(
    _earlier.c.uncertain == 1,
    _earlier.c.attempts <= PATIENCE_IN_DOUBT,  # none is counted while a platform is away
    outbox.c.uncertain == 0,
    outbox.c.rank >= Rank.CHANGE,
)
_KEPT_BACK = exists(
    select(_earlier.c.id).where(
        _earlier.c.address == outbox.c.address,
        _earlier.c.state == "waiting",
        or_(_IS_TRIED_AGAIN, _IS_IN_DOUBT),
    )
)
_PICK = Statement(
    select(*COLUMNS, outbox.c.id, outbox.c.attempts, outbox.c.first_tried_at, outbox.c.uncertain)
    .where(outbox.c.address == bindparam("address"), IS_WAITING, outbox.c.next_at <= _NOW, not_(_KEPT_BACK))
    .order_by(outbox.c.rank, outbox.c.id)
    .limit(1)
    .with_for_update(of=outbox)
)
_TAKE = Statement(
    update(outbox)
    .values(
        state="taken",
        holder=bindparam("by"),
        attempts=outbox.c.attempts + 1,
        first_tried_at=func.coalesce(outbox.c.first_tried_at, _NOW),
    )
    .where(outbox.c.id == _ID)
)
_LEASE_OVER = Statement(
    update(outbox)
    .values(state="waiting", holder="", uncertain=1, next_at=_NOW, why="lease")
    .where(outbox.c.id == _ID, outbox.c.state == "taken")
)
# The same attempt may still be told of after its lease ran out, as long as nobody has begun another.
_MINE = and_(
    outbox.c.id == _ID,
    outbox.c.attempts == bindparam("attempt", type_=outbox.c.attempts.type),
    or_(and_(outbox.c.state == "taken", outbox.c.holder == bindparam("by")), outbox.c.state == "waiting"),
)
_END = {"holder": "", "settled_at": _NOW, "why": bindparam("why")}
_SENT = Statement(
    update(outbox).values(_END | {"state": "sent", "receipt": bindparam("told"), "args": b""}).where(_MINE)
)
_DEAD = Statement(update(outbox).values(_END | {"state": "dead"}).where(_MINE))
_DROPPED = Statement(update(outbox).values(_END | {"state": "dropped", "args": b""}).where(_MINE))
_AGAIN = Statement(
    update(outbox)
    .values(
        state="waiting",
        holder="",
        next_at=bindparam("at", type_=outbox.c.next_at.type),
        attempts=outbox.c.attempts - bindparam("refund", type_=outbox.c.attempts.type),
        uncertain=case((bindparam("unknown", type_=outbox.c.uncertain.type) == 1, 1), else_=outbox.c.uncertain),
        why=bindparam("why"),
    )
    .where(_MINE)
)
_EXPIRED = Statement(
    update(outbox)
    .values(state="dropped", why="expired", settled_at=_NOW, args=b"")
    .where(outbox.c.id == _ID, outbox.c.state == "waiting")
)
_DAMAGED = Statement(
    update(outbox)
    .values(state="dead", why=DAMAGED, settled_at=_NOW)
    .where(outbox.c.id == _ID, outbox.c.state == "waiting")
)
HOLDS: Final = Statement(select(hold.c.prefix, hold.c.until).where(hold.c.until > _NOW))
_SET_HOLD = inserting(hold, or_update=("until", "why"))
_END_HOLD = Statement(delete(hold).where(hold.c.prefix == bindparam("prefix")))


@dataclass(frozen=True, slots=True)
class Claim:
    """A letter under way, lent to `holder` until `until`.

    `attempts` counts this one too. `uncertain`: an earlier attempt may have been delivered, so look before
    sending.
    """

    id: int
    letter: Letter
    attempts: int
    first_tried_at: datetime
    uncertain: bool
    holder: str
    until: datetime


class Claiming:
    """The courier's side of the outbox, inside a write transaction."""

    def __init__(self, link: Link, keyring: Keyring, addresses: AddressReading, now: datetime, lanes: Lanes) -> None:
        self._link = link
        self._keyring = keyring
        self._addresses = addresses
        self._now = micros(now)
        self._lanes = lanes

    def claim(
        self,
        now: datetime,
        limit: int,
        holder: str,
        lease: timedelta,
        ranks: Sequence[Rank] = tuple(Rank),
        under_way: Collection[int] = (),
    ) -> tuple[Claim, ...]:
        """Take at most `limit` letters of these ranks that may go now, the most urgent first, one an address.

        `now` is the transaction's own instant; `lease` must be far longer than any attempt can last. What the holder
        knows to be `under_way` with it stays so, though its lease may seem to be over.
        """
        self._now = micros(now)
        holds: dict[str, int] = dict(self._link.rows(HOLDS, now=self._now))
        claims: list[Claim] = []
        for lane in self._ready_lanes(limit, ranks):
            if lane.letter is not None and lane.letter in under_way:
                self._lanes.lend(lane, lane.letter, holder, micros(now + lease))
                continue
            until = _held_until(holds, lane.address)
            if until:
                self._lanes.postpone(lane, until)
                continue
            claim = self._take(lane, holder, now + lease)
            if claim is not None:
                claims.append(claim)
                if len(claims) == limit:
                    break
        return tuple(claims)

    def sent(self, claim: Claim, receipt: str, next_ready: datetime | None = None) -> bool:
        """Tell that a letter was delivered. `next_ready`: when its address may be used again.

        Like the other ways of telling it returns False, and changes nothing, when the lease has run out and
        the letter is in other hands.
        """
        return self._settle(claim, _SENT, next_ready, why="", told=self._addresses.seal(receipt))

    def again(
        self, claim: Claim, at: datetime, why: str, *, unknown: bool = False, next_ready: datetime | None = None
    ) -> bool:
        """Tell that a letter was not delivered, or (`unknown`) perhaps was, and shall be tried again at an instant."""
        return self._settle(claim, _AGAIN, next_ready, at=micros(at), why=why, unknown=int(unknown), refund=0)

    def put_back(self, claim: Claim, at: datetime, why: str, *, unknown: bool = False) -> bool:
        """Give a letter back, to be tried at an instant; the attempt does not count.

        `unknown`: it may have been delivered all the same.
        """
        return self._settle(claim, _AGAIN, None, at=micros(at), why=why, unknown=int(unknown), refund=1)

    def dead(self, claim: Claim, why: str, next_ready: datetime | None = None) -> bool:
        """Tell that a letter can never be delivered."""
        return self._settle(claim, _DEAD, next_ready, why=why)

    def dropped(self, claim: Claim, why: str) -> bool:
        """Tell that a letter is not to be sent after all."""
        return self._settle(claim, _DROPPED, None, why=why)

    def renew(self, claims: Iterable[Claim], lease: timedelta) -> tuple[int, ...]:
        """Hold letters that are still under way for `lease` from now on; return the ids of those held no more."""
        until = self._now + micros(EPOCH + lease)
        under_way = sorted((self._addresses.seal(claim.letter.address), claim.id, claim.holder) for claim in claims)
        return tuple(number for lane, number, who in under_way if not self._lanes.keep(lane, number, who, until))

    def release(self, holder: str = "") -> int:
        """End the leases of a holder that is known to be gone ("": of everybody), and return how many there were.

        Its letters wait again and are uncertain.
        """
        lanes = self._lanes.taken(holder)
        for lane in lanes:
            self._link.run(_LEASE_OVER, letter=lane.letter, now=self._now)
            self._lanes.rest(lane.address, lane.paced_until)
        return len(lanes)

    def put_right(self, *, thorough: bool = False) -> int:
        """Let nothing sleep because of a clock that was wrong (`wrong_clock.py`): return how many lanes were woken."""
        return put_right(self._link, self._lanes, self._now, thorough=thorough)

    def hold(self, prefix: str, until: datetime, why: str = "") -> None:
        """Send nothing to addresses that begin so until an instant; one that is past ends the hold.

        For a whole platform that cannot be reached (a revoked token). Letters wait meanwhile, and no attempts
        are counted.
        """
        if micros(until) <= self._now:
            self._link.run(_END_HOLD, prefix=prefix)
            self._lanes.resume(prefix)
        else:
            self._link.run(_SET_HOLD, prefix=prefix, until=micros(until), why=why)
            self._lanes.hold(prefix, micros(until))

    def _ready_lanes(self, at_a_time: int, ranks: Sequence[int]) -> Iterator[Lane]:
        left = _MOST
        for rank in ranks:
            while left > 0:
                # Each lane that is looked at gets a later time, so the next query finds others.
                lanes = self._lanes.ready(rank, min(left, at_a_time))
                yield from lanes
                left -= len(lanes)
                if len(lanes) < at_a_time:
                    break

    def _take(self, lane: Lane, holder: str, until: datetime) -> Claim | None:
        if lane.letter is not None:
            self._link.run(_LEASE_OVER, letter=lane.letter, now=self._now)
        while True:
            row = self._link.row(_PICK, address=lane.address, now=self._now)
            if row is None:
                self._lanes.pass_over(lane)
                return None
            number, attempts, first_tried_at, uncertain = row[len(COLUMNS) :]
            letter = self._opened(number, row)
            if letter is None:
                continue
            if letter.expires_at is None or micros(letter.expires_at) > self._now:
                break
            self._link.run(_EXPIRED, letter=number, now=self._now)
        if lane.paced_until > self._now and letter.rank != Rank.URGENT:
            # The lane was woken for what must go now, and that is gone; the others keep their pace.
            self._lanes.postpone(lane, lane.paced_until)
            return None
        self._link.run(_TAKE, letter=number, by=holder, now=self._now)
        self._lanes.lend(lane, number, holder, micros(until))
        tried = instant(self._now if first_tried_at is None else first_tried_at)
        return Claim(number, letter, attempts + 1, tried, bool(uncertain), holder, until)

    def _opened(self, number: int, row: Row) -> Letter | None:
        """Open a letter; one that somebody has changed dies, so that it keeps no other from going.

        Raises:
            Undecipherable: the key of the addresses is not on the ring. All letters wait until that is put right.
        """
        self._addresses.require()
        try:
            return opened(self._keyring, self._addresses, row)
        except Undecipherable:
            self._link.run(_DAMAGED, letter=number, now=self._now)
            return None

    def _settle(self, claim: Claim, statement: Statement, next_ready: datetime | None, **params: Any) -> bool:
        mine = {"letter": claim.id, "attempt": claim.attempts, "by": claim.holder}
        if statement is not _AGAIN:
            mine["now"] = self._now
        if not self._link.run(statement, **mine, **params):
            return False
        lane = self._addresses.seal(claim.letter.address)
        self._lanes.settle(lane, claim.id, 0 if next_ready is None else micros(next_ready))
        return True


def _held_until(holds: Mapping[str, int], address: str) -> int:
    return max((until for prefix, until in holds.items() if address.startswith(prefix)), default=0)
