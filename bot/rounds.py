"""Work that is done again and again, at a pace that a wall clock which jumps cannot change.

APScheduler strikes by the wall clock. Left alone, after a jump ahead it counts the strikes of years one by one, and
after a jump back it is silent until the clock is where it was. So strikes that were missed are not counted, and every
few seconds, by a clock that nobody can set, no job is left to wait longer than its pace.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.background import Background
from bot.error_log import report

_logger = logging.getLogger(__name__)

#: Seconds between two looks at whether a job waits longer than its pace.
_LOOK_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is done again and again: how often, and how long after the start for the first time.

    While there is a `hindrance` (the clock is in doubt) a strike waits, and the work is done as soon as that is over:
    what is done once a day would else wait for the next day.
    """

    work: Callable[[], Awaitable[object]]
    every: timedelta
    first: timedelta
    hindrance: Callable[[], object] | None = None


class _Pace(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Strikes once `first` after the start, and then each time `every` after the strike before."""

    def __init__(self, job: Job) -> None:
        self.longest = max(job.every, job.first)
        self._job = job

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Return when it strikes next, counted from now: what was missed is not made up for."""
        return now + (self._job.first if previous is None else self._job.every)


class Rounds:
    """Does each job by itself, never twice at once."""

    def __init__(self, look_every: float = _LOOK_EVERY) -> None:
        self._look_every = look_every
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._watch = Background()
        self._watching: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Say whether jobs are done."""
        return bool(self._scheduler.running)

    def start(self, *jobs: Job) -> None:
        """Do these jobs from now on."""
        for job in jobs:
            done = partial(self._do, job)
            self._scheduler.add_job(done, _Pace(job), coalesce=True, max_instances=1, misfire_grace_time=None)
        self._scheduler.start()
        self._watching = self._watch.start(self._keep_pace(), "the pace of the scheduler")

    def stop(self) -> None:
        """Begin nothing more."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if self.running:
            self._scheduler.shutdown(wait=False)

    async def _keep_pace(self) -> None:
        while True:
            await asyncio.sleep(self._look_every)
            try:
                self._hurry()
            except Exception as error:  # noqa: BLE001 - the next look finds the same jobs
                report(_logger, "the pace of the scheduler could not be looked at", error)

    def _hurry(self) -> None:
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            if job.next_run_time - now > job.trigger.longest:
                job.modify(next_run_time=now)

    async def _do(self, job: Job) -> None:
        try:
            while job.hindrance is not None and job.hindrance():  # noqa: ASYNC110 - nobody tells when it is over
                await asyncio.sleep(self._look_every)
            await job.work()
        except Exception as error:  # noqa: BLE001 - the next strike does what this one could not
            report(_logger, "a job of the scheduler failed", error)
