"""The courier: takes letters out of the outbox, has them carried, and writes down what became of them.

At least once, and looked for before sent twice: a letter whose earlier attempt may have arrived is searched
for first. A worker that dies between the sending and the writing leaves a lease that runs out, and the
next one looks.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar

from sipbot.bot import backoff
from sipbot.bot.background import Background
from sipbot.bot.carrier import CannotLook, Carrier, Delivery, Halted, Receipt
from sipbot.bot.metrics import Metrics
from sipbot.bot.mishap import report
from sipbot.bot.outcome import Never, NotSent, Sent, Unknown
from sipbot.domain.clock import Clock
from sipbot.handlers.composed import CalendarFile, Composed, Drop, Show, Tell
from sipbot.storage.database import Database
from sipbot.storage.outbox import Claim, Letter
from sipbot.storage.posts import Post
from sipbot.storage.transaction import Reader, Transaction

T = TypeVar("T")

Count: TypeAlias = Callable[[], None]

_logger = logging.getLogger(__name__)

_CARRY_MOST = 60.0
_HOLD = timedelta(minutes=5)
_SETTLE_AGAIN = (0.2, 1.0, 5.0)
_MEASURE_EVERY = 10.0


class Consequences(Protocol):
    """What follows from letters: composed late, and their fate told to the case."""

    def compose(self, reader: Reader, letter: Letter, /) -> Composed:
        """Say what the letter says now."""
        ...

    def delivered(self, tx: Transaction, letter: Letter, composed: Composed, receipt: Receipt, /) -> None:
        """Write what follows from its arrival."""
        ...

    def undeliverable(self, tx: Transaction, letter: Letter, why: str, /) -> None:
        """Write what follows from its death."""
        ...


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A claimed letter on its way, with what was composed and the post it belongs to."""

    claim: Claim
    carrier: Carrier
    composed: Composed
    post: Post | None


class Courier:
    """Delivers what the outbox holds, several letters at a time, one per address.

    `holder` names this process among the replicas. `lease` is much longer than any attempt may take, so that
    a letter is never under way twice.
    """

    def __init__(  # noqa: PLR0913 - the composition root names them all
        self,
        database: Database,
        carriers: Sequence[Carrier],
        consequences: Consequences,
        clock: Clock,
        metrics: Metrics,
        holder: str,
        *,
        concurrency: int = 8,
        lease: timedelta = timedelta(seconds=120),
        poll: float = 1.0,
    ) -> None:
        self._database = database
        self._carriers = sorted(carriers, key=lambda carrier: -len(carrier.prefix))
        self._consequences = consequences
        self._clock = clock
        self._metrics = metrics
        self._holder = holder
        self._concurrency = concurrency
        self._lease = lease
        self._poll = poll
        self._rounds = Background()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._measured = 0.0

    def nudge(self) -> None:
        """Look into the outbox at once; may be called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self) -> None:
        """Deliver until `stop` is called."""
        self._loop = asyncio.get_running_loop()
        while not self._stopping:
            self._wake.clear()
            try:
                taken = await self._take()
                await self._measure()
            except Exception as error:  # noqa: BLE001 - the next letter must go its way
                report(_logger, "the courier could not reach the outbox", error)
                taken = 0
            if taken == 0 and not self._stopping:
                await self._pause()

    async def stop(self, seconds: float = 15.0) -> None:
        """Take nothing more and wait for what is under way; what is cut off, the next courier looks for."""
        self._stopping = True
        self._wake.set()
        await self._rounds.finish(seconds)

    async def deliver_due(self) -> int:
        """Deliver what is due now and return how many letters were taken; for tests and for a single run."""
        total = 0
        while taken := await self._take():
            total += taken
            await self._rounds.finish(_CARRY_MOST)
        return total

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._poll)
        except TimeoutError:
            return

    async def _take(self) -> int:
        """Claim as many letters as there are free hands, and start carrying them."""
        free = self._concurrency - len(self._rounds)
        if free <= 0:
            return 0
        claims = await self._write(lambda tx: tx.outbox.claim(tx.now, free, self._holder, self._lease))
        claimed = time.monotonic()
        for claim in claims:
            self._rounds.start(self._handle(claim, claimed), "courier")
        return len(claims)

    async def _handle(self, claim: Claim, claimed: float) -> None:
        """Bring one letter to an end or back to the outbox; whatever happens, the next one follows."""
        try:
            parcel = await self._prepare(claim)
            if parcel is not None:
                await self._deliver(parcel, claimed)
        except Exception as error:  # noqa: BLE001 - the next letter must go its way
            report(_logger, "a letter could not be handled", error, what=claim.letter.what)
            await self._settle(claim, lambda tx: self._again(tx, claim, "mishap", None, unknown=True))
        finally:
            self._wake.set()

    async def _prepare(self, claim: Claim) -> _Parcel | None:
        """Compose the letter; None when it ends here."""
        letter = claim.letter
        if letter.expires_at is not None and letter.expires_at <= self._clock.now():
            await self._settle(claim, lambda tx: self._dropped(tx, claim, "expired"))
            return None
        carrier = self._carrier(letter.address)
        if carrier is None:
            await self._settle(claim, lambda tx: self._dead(tx, claim, "no_carrier"))
            return None
        try:
            composed, post = await self._read(lambda reader: self._compose(reader, letter))
        except Exception as error:  # noqa: BLE001 - the next letter must go its way
            report(_logger, "a letter could not be composed", error, what=letter.what)
            await self._settle(claim, lambda tx: self._again(tx, claim, "not_composed", None))
            return None
        if isinstance(composed, Drop):
            await self._settle(claim, lambda tx: self._dropped(tx, claim, composed.why))
            return None
        return _Parcel(claim, carrier, composed, post)

    async def _deliver(self, parcel: _Parcel, claimed: float) -> None:
        claim, composed, post = parcel.claim, parcel.composed, parcel.post
        if isinstance(composed, Show) and post is not None and not composed.anew:
            if post.version >= composed.version:
                await self._settle(claim, lambda tx: self._dropped(tx, claim, "already_shown"))
                return
            if post.address == claim.letter.address and post.fingerprint == fingerprint(composed):
                receipt = Receipt(post.place, post.message)
                await self._settle(claim, lambda tx: self._sent(tx, parcel, receipt))
                return
        delivery = await self._found(parcel) or await self._carried(parcel, claimed)
        if delivery is not None:
            await self._settle(claim, lambda tx: self._outcome(tx, parcel, delivery))

    async def _found(self, parcel: _Parcel) -> Delivery | None:
        """Look for the letter if an earlier attempt may have arrived; None when it has to be sent."""
        claim = parcel.claim
        if not claim.uncertain:
            return None
        letter = claim.letter
        look = parcel.carrier.find(letter.address, parcel.composed, letter.key, claim.first_tried_at, parcel.post)
        try:
            receipt = await asyncio.wait_for(look, _CARRY_MOST)
        except TimeoutError:
            return NotSent("not_looked", 60.0)
        except CannotLook as hindered:
            return NotSent(hindered.why, hindered.retry_after)
        return Sent(str(receipt)) if receipt is not None else None

    async def _carried(self, parcel: _Parcel, claimed: float) -> Delivery | None:
        """Have the letter carried; None when so much of the lease is gone that another may have it by now."""
        letter = parcel.claim.letter
        await parcel.carrier.room(letter.rank)
        if time.monotonic() - claimed > self._lease.total_seconds() / 3:
            _logger.warning("a letter waited too long in hand", extra={"what": letter.what})
            return None
        carry = parcel.carrier.carry(letter.address, parcel.composed, letter.key, parcel.post)
        try:
            return await asyncio.wait_for(carry, _CARRY_MOST)
        except TimeoutError:
            return Unknown("timeout")

    def _outcome(self, tx: Transaction, parcel: _Parcel, delivery: Delivery) -> Count:
        claim = parcel.claim
        match delivery:
            case Sent(receipt):
                return self._sent(tx, parcel, Receipt.read(receipt))
            case NotSent(why, retry_after):
                return self._again(tx, claim, why, retry_after, unknown=claim.uncertain)
            case Unknown(why):
                return self._again(tx, claim, why, backoff.LOOK_AFTER, unknown=True)
            case Never(why):
                return self._dead(tx, claim, why)
            case Halted(why):
                return self._held(tx, parcel, why)

    def _sent(self, tx: Transaction, parcel: _Parcel, receipt: Receipt, *, tell: bool = True) -> Count:
        letter, composed, carrier = parcel.claim.letter, parcel.composed, parcel.carrier
        pause = timedelta(seconds=carrier.pause(letter.address))
        if not tx.outbox.sent(parcel.claim, str(receipt), tx.now + pause):
            return _nothing
        if isinstance(composed, Show):
            tx.posts.put(_post(composed, letter.address, receipt, tx.now))
        if tell:
            self._consequences.delivered(tx, letter, composed, receipt)
        platform = carrier.prefix.rstrip(":")

        def count() -> None:
            self._metrics.sent(platform, letter.what)
            self._metrics.halted(platform, now=False)

        return count

    def _again(
        self, tx: Transaction, claim: Claim, why: str, retry_after: float | None, *, unknown: bool = False
    ) -> Count:
        letter = claim.letter
        if backoff.given_up(claim.attempts, letter.rank, claim.first_tried_at, tx.now):
            return self._dead(tx, claim, why)
        at = tx.now + backoff.wait(claim.attempts, letter.rank, letter.key, retry_after)
        # A pause that the other side asked for holds for the whole address, not for this letter alone.
        tx.outbox.again(claim, at, why, unknown=unknown, next_ready=at if retry_after else None)
        return lambda: self._metrics.again(_platform(letter.address), why)

    def _dead(self, tx: Transaction, claim: Claim, why: str) -> Count:
        if not tx.outbox.dead(claim, why):
            return _nothing
        self._consequences.undeliverable(tx, claim.letter, why)

        def count() -> None:
            self._metrics.died()
            _logger.error("a letter is dead", extra={"what": claim.letter.what, "why": why})

        return count

    def _dropped(self, tx: Transaction, claim: Claim, why: str) -> Count:
        tx.outbox.dropped(claim, why)
        return lambda: self._metrics.dropped(why)

    def _held(self, tx: Transaction, parcel: _Parcel, why: str) -> Count:
        """Let the whole platform wait: its token is refused, so every further attempt would be wasted."""
        prefix = parcel.carrier.prefix
        tx.outbox.hold(prefix, tx.now + _HOLD, why)
        tx.outbox.put_back(parcel.claim, tx.now + _HOLD, why)

        def count() -> None:
            self._metrics.halted(prefix.rstrip(":"), now=True)
            _logger.error("a platform refuses the bot", extra={"platform": prefix, "why": why})

        return count

    def _compose(self, reader: Reader, letter: Letter) -> tuple[Composed, Post | None]:
        composed = self._consequences.compose(reader, letter)
        surface = _surface(composed)
        return composed, reader.posts.get(surface) if surface else None

    def _carrier(self, address: str) -> Carrier | None:
        return next((carrier for carrier in self._carriers if address.startswith(carrier.prefix)), None)

    async def _settle(self, claim: Claim, settle: Callable[[Transaction], Count]) -> None:
        """Write down what became of a letter; if the database does not take it, its lease runs out."""
        for pause in (*_SETTLE_AGAIN, None):
            try:
                count = await self._write(settle)
            except Exception as error:  # noqa: BLE001 - the next letter must go its way
                report(_logger, "an outcome was not written", error, what=claim.letter.what)
                if pause is None:
                    return
                await asyncio.sleep(pause)
            else:
                count()
                return

    async def _measure(self) -> None:
        if time.monotonic() - self._measured < _MEASURE_EVERY:
            return
        self._measured = time.monotonic()
        await self.measure()

    async def measure(self) -> None:
        """Bring the outbox's numbers in the metrics up to date."""
        counts, oldest = await self._read(lambda reader: (reader.outbox.counts(), reader.outbox.oldest_waiting()))
        age = (self._clock.now() - oldest).total_seconds() if oldest is not None else 0.0
        self._metrics.outbox(waiting=counts.waiting + counts.taken, dead=counts.dead, oldest_seconds=age)

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        return await _future(self._database.write(work))

    async def _read(self, work: Callable[[Reader], T]) -> T:
        return await _future(self._database.read(work))


def fingerprint(show: Show) -> str:
    """Return what a card looks like in a few characters: the same fingerprint, the same content."""
    return hashlib.sha256(repr(show.card).encode()).hexdigest()[:32]


def _post(show: Show, address: str, receipt: Receipt, now: datetime) -> Post:
    return Post(
        surface=show.surface,
        address=address,
        place=receipt.place,
        message=receipt.message,
        version=show.version,
        shown_at=now,
        fingerprint=fingerprint(show),
    )


def _surface(composed: Composed) -> str:
    match composed:
        case Show(surface=surface):
            return surface
        case Tell(beside=beside) | CalendarFile(beside=beside):
            return beside
        case _:
            return ""


def _platform(address: str) -> str:
    return address.partition(":")[0]


def _nothing() -> None:
    """Count nothing: another process has settled the letter."""


async def _future(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)
