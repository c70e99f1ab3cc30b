"""The clock's work: `rounds.py` strikes, our own tables say what is due. Every replica ticks; rows decide.

While the time is in doubt (`time_guard.py`) nothing falls due and nothing is cleaned away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from bot.background import Background
from bot.error_log import report
from bot.metrics import Metrics
from bot.rounds import Job, Rounds
from bot.time_guard import guarding
from domain.clock import Clock
from domain.errors import Unavailable
from handlers import absence, reminders
from handlers.letters.outcomes import DRAWN
from handlers.retention import take_back_ended
from handlers.services import Services
from storage.engine.database import Database
from storage.transaction import Transaction

T = TypeVar("T")

_logger = logging.getLogger(__name__)

# So many cases are looked at in one transaction, so that a click never waits long behind a tick.
BATCH = 20
SECONDS_BETWEEN_TICKS = 5
_TICK = timedelta(seconds=SECONDS_BETWEEN_TICKS)
_BETWEEN_CLEANINGS = timedelta(hours=6)
# Seconds that a platform gets at the start to say what time it is.
_PROOF = 3.0
# Seconds after which it is asked again while the clock is believed.
_ASK_AGAIN = 60.0
# Keys of what has arrived are kept as long as any platform could deliver it again.
INBOX_KEPT = timedelta(days=7)
# Letters that were sent or dropped stay this long for whoever asks what became of them; the journal stays for good.
OUTBOX_KEPT = timedelta(days=90)
# Lists and private answers are letters of no one case; boards and summonses are drawn anew with each state of theirs.
# These are most of all there are. The auditor asks for them for thirty days; after a week no platform delivers again
# what would write them once more.
DRAWN_KEPT = timedelta(days=35)
# What is to be taken back may wait so long for a platform that is away.
TAKING_BACK = timedelta(days=30)
# Dead ones stay a year for the operator.
DEAD_KEPT = timedelta(days=365)


class Scheduler:
    """Finds what is due and keeps house. `prove` asks a platform for an answer, and so for the time it has."""

    def __init__(
        self,
        database: Database,
        services: Services,
        metrics: Metrics,
        wake: Callable[[], None],
        clock: Clock,
        prove: Callable[[], Coroutine[Any, Any, object]] | None = None,
        jobs: Sequence[Job] = (),
    ) -> None:
        self._database = database
        self._services = services
        self._metrics = metrics
        self._wake = wake
        self._guard = guarding(clock)
        self._prove = prove
        self._jobs = jobs
        self._proving = Background()
        self._rounds = Rounds()
        self.last_tick = time.monotonic()
        self._doubt = ""
        self._asked = time.monotonic() - _ASK_AGAIN
        self._put_right = False

    def start(self) -> None:
        """Start the clock. Each job runs once at a time, and strikes that were missed count as one."""
        ticks = Job(self.tick, every=_TICK, first=_TICK)
        cleaning = Job(self.keep_house, every=_BETWEEN_CLEANINGS, first=_BETWEEN_CLEANINGS)
        self._rounds.start(ticks, cleaning, *self._jobs)

    @property
    def running(self) -> bool:
        """Say whether the clock is going."""
        return self._rounds.running

    def stop(self) -> None:
        """Stop the clock; what is under way is finished by its transaction."""
        self._rounds.stop()

    async def tick(self) -> int:
        """Fire everything that is due, in batches, and return how many cases were looked at."""
        total = 0
        try:
            self._have_the_time_proved()
            found = await self._each(self._begin)
            while found:
                total += found
                found = await self._each(self._batch)
        except Exception as error:  # noqa: BLE001 - the clock must go on; the next tick finds the same rows
            report(_logger, "a tick failed", error)
        else:
            self._metrics.tick_lag(max(0.0, time.monotonic() - self.last_tick - SECONDS_BETWEEN_TICKS))
            self.last_tick = time.monotonic()
        self._tell_of_the_time()
        if total:
            self._wake()
        return total

    async def _each(self, batch: Callable[[Transaction], int]) -> int:
        """Work on a batch; if it fails, on each of its cases alone: the fault of one must not silence all others."""
        try:
            return await self._write(batch)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whose fault it is shows below
            report(_logger, "a batch failed", error)
        # None of them twice, whatever became of it.
        codes = await self._write(lambda tx: () if self._guard.doubt else tx.cases.due(tx.now, BATCH))
        for code in codes:
            try:
                await self._write(partial(self._fire, code))
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - the auditor tells of what stays unsent
                report(_logger, "nothing can be fired in a case", error, code=code)
                await self._write(partial(_put_off, code))
        return len(codes)

    def _fire(self, code: str, tx: Transaction) -> None:
        # Between the look and this moment another process may have fired it; then nothing is due in it any more.
        reminders.fire(self._services, tx, code)

    async def prove_the_time(self) -> None:
        """Compare the clock with what is recorded, and with what the platform says if it says so soon."""
        await self._write(self._compare)
        if self._prove is not None and self._guard.wants_proof:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._prove(), _PROOF)
        self._tell_of_the_time()

    def _begin(self, tx: Transaction) -> int:
        """Begin a tick: look at the time, and put back to its pace what a clock that was wrong has put off."""
        self._compare(tx)
        if self._guard.doubt:
            self._put_right = False
            return 0
        tx.outbox.put_right(thorough=not self._put_right)
        self._put_right = True
        return self._batch(tx)

    def _compare(self, tx: Transaction) -> None:
        self._guard.recorded(tx.journal.newest())
        self._guard.shared(tx.server_time())

    def _batch(self, tx: Transaction) -> int:
        if self._guard.doubt:
            return 0
        absence.let_back(self._services, tx)
        return reminders.tick(self._services, tx, BATCH)

    def _have_the_time_proved(self) -> None:
        if self._prove is None or self._proving or not self._guard.wants_proof:
            return
        # A platform whose answers bear no date is not asked at every tick.
        if self._guard.doubt or time.monotonic() - self._asked > _ASK_AGAIN:
            self._asked = time.monotonic()
            self._proving.start(self._prove(), "proving the time")

    def _tell_of_the_time(self) -> None:
        doubt = self._guard.doubt
        if doubt != self._doubt:
            self._doubt = doubt
            _logger.error("the clock is not believed" if doubt else "the clock is right again", extra={"why": doubt})
        self._metrics.clock(doubted=bool(doubt), off_seconds=self._guard.off.total_seconds())

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        return await asyncio.wrap_future(self._database.write(work))

    async def keep_house(self) -> None:
        """Forget what is no longer needed, and let the database tidy up behind it."""
        if self._guard.doubt:
            return
        steps: Mapping[str, Callable[[], Awaitable[object]]] = {
            "inbox": lambda: self._write(lambda tx: tx.inbox.forget(tx.now - INBOX_KEPT)),
            "letters": self._forget_letters,
            "reminders": lambda: self._write(lambda tx: tx.reminders.forget(tx.now - OUTBOX_KEPT)),
            "messages": self._take_back_messages,
            "tokens": lambda: self._write(lambda tx: tx.tokens.forget() + tx.feeds.forget()),
            "file": lambda: asyncio.wrap_future(self._database.tidy()),
        }
        for name, step in steps.items():
            try:
                await step()
            except Exception as error:  # noqa: BLE001 - the others are done; the next round tries this one anew
                report(_logger, "the house could not be kept", error, step=name)

    async def _forget_letters(self) -> None:
        while await self._write(lambda tx: tx.outbox.forget(tx.now - OUTBOX_KEPT, tx.now - DRAWN_KEPT)):
            pass
        await self._write(lambda tx: tx.outbox.forget_drawn(DRAWN, tx.now - DRAWN_KEPT))
        await self._write(lambda tx: tx.outbox.forget_dead(tx.now - DEAD_KEPT))

    async def _take_back_messages(self) -> None:
        kept = self._services.messages_kept
        after: str | None = None if kept is None else ""
        while kept is not None and after is not None:
            after = await self._write(partial(take_back_ended, kept=kept, after=after))
        if kept is not None:
            self._wake()
        # Where something stands is known until it has been taken back.
        stands = max(OUTBOX_KEPT, (kept or timedelta()) + TAKING_BACK)
        await self._write(lambda tx: tx.posts.forget_old(tx.now - stands))


def _put_off(code: str, tx: Transaction) -> None:
    reminders.put_off(tx, code)
