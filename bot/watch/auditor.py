"""The auditor at work: once an hour, in small steps, so that nobody who presses a button waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from bot.error_log import report
from bot.metrics import Metrics
from bot.time_guard import TimeGuard
from domain.lapse import Lapse, LapseKind
from handlers import auditor
from handlers.services import Services
from storage.engine.database import Database
from storage.transaction import Reader

T = TypeVar("T")

_logger = logging.getLogger(__name__)

# Cases in one step, and seconds between two steps.
_AT_ONCE: Final = 10
_BREATH: Final = 0.05
# What is over is remembered so long, so that the same thing is not told again when it comes back.
_REMEMBERED: Final = timedelta(days=90)


class Auditor:
    """Looks at all cases and at the outbox, and has the administrators told of what is not as it should be."""

    def __init__(
        self, database: Database, services: Services, metrics: Metrics, wake: Callable[[], None], guard: TimeGuard
    ) -> None:
        self._database = database
        self._services = services
        self._metrics = metrics
        self._wake = wake
        self._guard = guard

    async def run(self) -> Counter[LapseKind]:
        """Look once, and return how much is wrong by kind. Under a clock in doubt nothing can be called late."""
        counts: Counter[LapseKind] = Counter()
        if self._guard.doubt:
            return counts
        try:
            found = [lapse async for lapse in self._walk()]
            found += [lapse async for lapse in self._along(auditor.look_at_documents)]
            found += [lapse async for lapse in self._along(auditor.look_at_posts)]
            found += await self._read(auditor.look_at_directory)
            found += await self._read(auditor.look_at_outbox)
            work = self._database.write(lambda tx: auditor.report(self._services, tx, found))
            counts = await asyncio.wrap_future(work)
            await asyncio.wrap_future(self._database.write(lambda tx: tx.lapses.forget(tx.now - _REMEMBERED)))
        except Exception as error:  # noqa: BLE001 - the next hour looks again
            report(_logger, "the auditor could not finish", error)
            return counts
        for kind in auditor.LOOKED_FOR:
            self._metrics.lapses(kind.value, counts[kind])
        self._metrics.audited(self._guard.now())
        if counts:
            _logger.error("not all went out as it should", extra={kind.value: counts[kind] for kind in counts})
            self._wake()
        return counts

    async def _walk(self) -> AsyncIterator[Lapse]:
        after = ""
        while some := await self._read(partial(auditor.codes, after=after, limit=_AT_ONCE)):
            look: Callable[[Reader], list[Lapse]] = partial(_look, self._services, some)
            for lapse in await self._read(look):
                yield lapse
            after = some[-1]
            await asyncio.sleep(_BREATH)

    async def _along(self, look: Callable[[Reader, str], tuple[list[Lapse], str | None]]) -> AsyncIterator[Lapse]:
        """Look along all rows of a table, some at a time."""
        after: str | None = ""
        while after is not None:
            some, after = await self._read(partial(_from, look, after))
            for lapse in some:
                yield lapse
            await asyncio.sleep(_BREATH)

    async def _read(self, work: Callable[[Reader], T]) -> T:
        return await asyncio.wrap_future(self._database.read(work))


def _from(
    look: Callable[[Reader, str], tuple[list[Lapse], str | None]], after: str, reader: Reader
) -> tuple[list[Lapse], str | None]:
    return look(reader, after)


def _look(services: Services, codes: tuple[str, ...], reader: Reader) -> list[Lapse]:
    return auditor.look_at_cases(services, reader, codes)
