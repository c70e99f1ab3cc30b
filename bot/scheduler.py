"""The clock's work: APScheduler strikes, our own tables say what is due. Every replica ticks; rows decide."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.error_log import report
from bot.metrics import Metrics
from handlers import reminders
from handlers.services import Services
from storage.engine.database import Database

_logger = logging.getLogger(__name__)

# So many cases are looked at in one transaction, so that a click never waits long behind a tick.
BATCH = 20
SECONDS_BETWEEN_TICKS = 5
# Keys of what has arrived are kept as long as any platform could deliver it again.
INBOX_KEPT = timedelta(days=7)
# Letters that were sent or dropped stay this long for whoever asks what became of them; the journal stays for good.
OUTBOX_KEPT = timedelta(days=90)


class Scheduler:
    """Finds what is due and keeps house."""

    def __init__(self, database: Database, services: Services, metrics: Metrics, wake: Callable[[], None]) -> None:
        self._database = database
        self._services = services
        self._metrics = metrics
        self._wake = wake
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self.last_tick = time.monotonic()

    def start(self) -> None:
        """Start the clock. Each job runs once at a time, and strikes that were missed count as one."""
        self._every(self.tick, seconds=SECONDS_BETWEEN_TICKS)
        self._every(self.keep_house, hours=6)
        self._scheduler.start()

    def _every(self, job: Callable[[], Awaitable[object]], **interval: int) -> None:
        self._scheduler.add_job(job, "interval", **interval, coalesce=True, max_instances=1, misfire_grace_time=None)

    @property
    def running(self) -> bool:
        """Say whether the clock is going."""
        return bool(self._scheduler.running)

    def stop(self) -> None:
        """Stop the clock; what is under way is finished by its transaction."""
        if self.running:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> int:
        """Fire everything that is due, in batches, and return how many cases were looked at."""
        total = 0
        try:
            while found := await self._batch():
                total += found
        except Exception as error:  # noqa: BLE001 - the clock must go on; the next tick finds the same rows
            report(_logger, "a tick failed", error)
        else:
            self._metrics.tick_lag(max(0.0, time.monotonic() - self.last_tick - SECONDS_BETWEEN_TICKS))
            self.last_tick = time.monotonic()
        if total:
            self._wake()
        return total

    async def _batch(self) -> int:
        return await asyncio.wrap_future(self._database.write(lambda tx: reminders.tick(self._services, tx, BATCH)))

    async def keep_house(self) -> None:
        """Forget what is no longer needed, and let the database tidy up behind it."""
        try:
            await asyncio.wrap_future(self._database.write(lambda tx: tx.inbox.forget(tx.now - INBOX_KEPT)))
            while await asyncio.wrap_future(self._database.write(lambda tx: tx.outbox.forget(tx.now - OUTBOX_KEPT))):
                pass
            await asyncio.wrap_future(self._database.write(lambda tx: tx.tokens.forget() + tx.feeds.forget()))
            await asyncio.wrap_future(self._database.tidy())
        except Exception as error:  # noqa: BLE001 - the next round does what this one could not
            report(_logger, "the house could not be kept", error)
