"""The courier: takes letters out of the outbox, has them carried, and writes down what became of them.

At least once, and looked for before sent twice: a letter whose earlier attempt may have arrived is searched
for first. A worker that dies between the sending and the writing leaves a lease that runs out, and the
next one looks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from bot.background import Background
from bot.delivery.leases import Leases
from bot.delivery.outcome import NotSent, Receipt, Sent, Unknown
from bot.delivery.parcel import Parcel, surface_of
from bot.delivery.reach import Reach
from bot.delivery.settlement import Count, LetterHandlers, Settlement
from bot.delivery.transport import CannotLook, Delivery, Transport
from bot.error_log import report
from bot.metrics import Metrics
from bot.time_guard import guarding, seconds_since_boot
from domain.clock import Clock
from handlers.ui.outgoing import Drop, Elsewhere, Later, Outgoing
from storage.engine.database import Database
from storage.outbox.letter import URGENT_RANKS, Rank
from storage.outbox.outbox import Claim, Letter
from storage.posts import Post
from storage.transaction import Reader, Transaction

T = TypeVar("T")

_logger = logging.getLogger(__name__)

#: Seconds for one attempt with all its calls; without a beat the lease is twice that.
_DELIVERY_MOST = 60.0
# Hands that are kept for urgent letters.
_KEPT_FREE = 2
#: How many hands there must be for one letter of ordinary rank to be under way.
ONE_AT_A_TIME: Final = _KEPT_FREE + 1
_SETTLE_AGAIN = (0.2, 1.0, 5.0)
_MEASURE_EVERY = 10.0


class Courier:
    """Delivers what the outbox holds, several letters at a time, one per address.

    `holder` names this process among the replicas. Without a `beat` the `lease` is much longer than any attempt may
    take, so that a letter is never under way twice. With one (seconds) it is short and renewed at each beat, so that
    the letters of a process that died are soon in other hands; what cannot be renewed is let go before it runs out.
    With no `nudge` the outbox is looked into every `poll` seconds.
    """

    def __init__(  # noqa: PLR0913 - the composition root names them all
        self,
        database: Database,
        transports: Sequence[Transport],
        letter_handlers: LetterHandlers,
        clock: Clock,
        metrics: Metrics,
        holder: str,
        *,
        concurrency: int = 10,
        lease: timedelta = timedelta(seconds=120),
        poll: float = 1.0,
        beat: float | None = None,
    ) -> None:
        self._database = database
        self._transports = sorted(transports, key=lambda transport: -len(transport.prefix))
        self._letter_handlers = letter_handlers
        self._guard = guarding(clock)
        self._metrics = metrics
        self._holder = holder
        self._concurrency = concurrency
        self._lease = lease
        self._poll = poll
        self._beat = beat
        self._leases = Leases(database, lease)
        self._reaches = {transport.prefix: Reach(transport.alive) for transport in transports}
        self._book = Settlement(letter_handlers, metrics, self._reaches)
        self._under_way = Background()
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
        beating = self._loop.create_task(self._leases.keep(self._beat), name="leases") if self._beat else None
        try:
            await self._carry_on()
        finally:
            # What is still under way at a stop is given its time by `stop`, and needs its lease until then.
            await self._under_way.finish(_DELIVERY_MOST)
            if beating is not None:
                beating.cancel()

    async def _carry_on(self) -> None:
        while not self._stopping:
            self._wake.clear()
            taken = 0
            try:
                taken = await self._take()
                await self._measure_now_and_then()
            except Exception as error:  # noqa: BLE001 - the database comes back one day
                report(_logger, "the courier could not reach the outbox", error)
            if taken == 0 and not self._stopping:
                await self._pause()

    async def stop(self, seconds: float = 15.0) -> None:
        """Take nothing more and wait for what is under way; what is cut off, the next courier looks for."""
        self._stopping = True
        self._wake.set()
        await self._under_way.finish(seconds)

    async def deliver_due(self) -> int:
        """Deliver what is due now and return how many letters were taken; for tests and for a single run."""
        total = 0
        while taken := await self._take():
            total += taken
            await self._under_way.finish(_DELIVERY_MOST)
        return total

    async def measure(self) -> None:
        """Bring the outbox's numbers in the metrics up to date."""
        counts, oldest = await self._read(lambda reader: (reader.outbox.counts(), reader.outbox.oldest_waiting()))
        age = (self._guard.now() - oldest).total_seconds() if oldest is not None else 0.0
        self._metrics.outbox(waiting=counts.waiting + counts.taken, dead=counts.dead, oldest_seconds=age)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._poll)
        except TimeoutError:
            return

    async def _take(self) -> int:
        """Claim as many letters as there are free hands, and start carrying them.

        The last hands are kept for what is urgent: an answer must not wait until a platform has room for reminders.
        """
        free = self._concurrency - len(self._under_way)
        if free <= 0:
            return 0
        patient = free - _KEPT_FREE
        limit, ranks = (patient, tuple(Rank)) if patient > 0 else (free, URGENT_RANKS)
        if self._guard.doubt:
            # Somebody waits for an answer, or must hear now: these bear no time. All else waits until it is right.
            ranks = URGENT_RANKS
        claimed, mine = seconds_since_boot(), self._leases.letters
        claims = await self._write(lambda tx: tx.outbox.claim(tx.now, limit, self._holder, self._lease, ranks, mine))
        for claim in claims:
            task = self._under_way.start(self._handle(claim), "courier")
            self._leases.begun(claim, task, claimed)
        return len(claims)

    async def _handle(self, claim: Claim) -> None:
        """Bring one letter to an end or back to the outbox; whatever happens, the next one follows."""
        try:
            parcel = await self._prepare(claim)
            if parcel is not None:
                await self._deliver(parcel)
        except Exception as error:  # noqa: BLE001 - the next letter must go its way
            report(_logger, "a letter could not be handled", error, what=claim.letter.what)
            await self._settle(claim, lambda tx: self._book.again(tx, claim, "mishap", None, unknown=True))
        finally:
            self._leases.ended(claim)
            self._wake.set()

    async def _prepare(self, claim: Claim) -> Parcel | None:
        """Compose the letter; None when it ends here."""
        letter = claim.letter
        if letter.expires_at is not None and letter.expires_at <= self._guard.now():
            await self._settle(claim, lambda tx: self._book.dropped(tx, claim, "expired"))
            return None
        transport = self._transport(letter.address)
        if transport is None:
            await self._settle(claim, lambda tx: self._book.dead(tx, claim, "no_carrier"))
            return None
        try:
            composed, post = await self._read(lambda reader: self._compose(reader, letter))
        except Exception as error:  # noqa: BLE001 - the next letter must go its way
            report(_logger, "a letter could not be composed", error, what=letter.what)
            await self._settle(claim, lambda tx: self._book.again(tx, claim, "not_composed", None))
            return None
        if isinstance(composed, Elsewhere):
            await self._send_elsewhere(Parcel(claim, transport, composed.composed, post), composed.address)
            return None
        if isinstance(composed, Drop):
            await self._settle(claim, lambda tx: self._book.dropped(tx, claim, composed.why))
            return None
        if isinstance(composed, Later):
            await self._settle(claim, lambda tx: self._book.put_back(tx, claim, composed.why, composed.until))
            return None
        return Parcel(claim, transport, composed, post)

    async def _send_elsewhere(self, parcel: Parcel, address: str) -> None:
        """Let a letter go to where it belongs now; what an earlier attempt may have left behind is looked for first."""
        claim = parcel.claim
        found = None if isinstance(parcel.composed, Drop | Later) else await self._found(parcel)
        if found is not None and await self._is_away(parcel, found):
            await self._settle(claim, lambda tx: self._book.waits(tx, parcel, found))
            return
        await self._settle(claim, lambda tx: self._book.elsewhere(tx, parcel, address, found))

    async def _deliver(self, parcel: Parcel) -> None:
        claim, shown = parcel.claim, parcel.shown_already
        if shown == "newer":
            await self._settle(claim, lambda tx: self._book.dropped(tx, claim, "already_shown"))
            return
        if shown == "same" and parcel.post is not None:
            receipt = Receipt(parcel.post.place, parcel.post.message)
            await self._settle(claim, lambda tx: self._book.sent(tx, parcel, receipt))
            return
        delivery = await self._found(parcel) or await self._delivered(parcel)
        if delivery is not None and await self._is_away(parcel, delivery):
            await self._settle(claim, lambda tx: self._book.waits(tx, parcel, delivery))
            return
        if delivery is None:
            await self._settle(claim, lambda tx: self._book.put_back(tx, claim, "held_too_long"))
            return
        await self._settle(
            claim,
            lambda tx: self._book.outcome(tx, parcel, delivery),
            lambda tx: self._book.outcome_alone(tx, parcel, delivery),
        )

    async def _found(self, parcel: Parcel) -> Delivery | None:
        """Look for the letter if an earlier attempt may have arrived; None when it has to be sent."""
        claim = parcel.claim
        if not claim.uncertain:
            return None
        letter, transport = claim.letter, parcel.transport
        look = transport.find(letter.address, parcel.composed, letter.key, claim.first_tried_at, parcel.own_post)
        try:
            receipt = await asyncio.wait_for(look, _DELIVERY_MOST)
        except TimeoutError:
            return NotSent("not_looked", _DELIVERY_MOST)
        except CannotLook as hindered:
            return NotSent(hindered.why, hindered.retry_after)
        return Sent(receipt) if receipt is not None else None

    async def _delivered(self, parcel: Parcel) -> Delivery | None:
        """Have the letter carried; None when so much of the lease is gone that another might soon have it."""
        letter = parcel.claim.letter
        await parcel.transport.room(letter.rank)
        if not self._leases.may_begin(parcel.claim):
            return None
        deliver = parcel.transport.deliver(letter.address, parcel.composed, letter.key, parcel.own_post)
        try:
            return await asyncio.wait_for(deliver, _DELIVERY_MOST)
        except TimeoutError:
            return Unknown("timeout")

    async def _is_away(self, parcel: Parcel, delivery: Delivery) -> bool:
        """Say whether a letter was not taken because its platform is away as a whole."""
        reach = self._reaches[parcel.transport.prefix]
        return not isinstance(delivery, Sent) and await reach.failed(parcel.claim.letter.address, delivery)

    def _compose(self, reader: Reader, letter: Letter) -> tuple[Outgoing | Elsewhere, Post | None]:
        composed = self._letter_handlers.compose(reader, letter)
        surface = surface_of(composed.composed if isinstance(composed, Elsewhere) else composed)
        return composed, reader.posts.get(surface) if surface else None

    def _transport(self, address: str) -> Transport | None:
        return next((transport for transport in self._transports if address.startswith(transport.prefix)), None)

    async def _settle(
        self,
        claim: Claim,
        settle: Callable[[Transaction], Count],
        last_resort: Callable[[Transaction], Count] | None = None,
    ) -> None:
        """Write down what became of a letter; if the database does not take it, the lease runs out."""
        tries = [(settle, pause) for pause in _SETTLE_AGAIN] + [(last_resort or settle, 0.0)]
        for write, pause in tries:
            try:
                count = await self._write(write)
            except Exception as error:  # noqa: BLE001 - the next letter must go its way
                report(_logger, "an outcome was not written", error, what=claim.letter.what)
                await asyncio.sleep(pause)
            else:
                count()
                return

    async def _measure_now_and_then(self) -> None:
        if time.monotonic() - self._measured >= _MEASURE_EVERY:
            self._measured = time.monotonic()
            await self.measure()

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        return await asyncio.wrap_future(self._database.write(work))

    async def _read(self, work: Callable[[Reader], T]) -> T:
        return await asyncio.wrap_future(self._database.read(work))
