"""The leases of what a courier carries: renewed while it is under way, let go before another may have them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.error_log import report
from bot.time_guard import seconds_since_boot
from storage.engine.database import Database
from storage.outbox.outbox import Claim

_logger = logging.getLogger(__name__)

# Of a lease so much may be gone when an attempt begins, and so much when one that goes on without renewal is let go:
# the rest is for the request that may still be under way.
_BEGIN_WITHIN = 0.4
_LET_GO = 0.7


@dataclass(slots=True)
class _Carried:
    """A letter under way, and since when (`seconds_since_boot`) its lease is known to hold."""

    claim: Claim
    task: asyncio.Task[None]
    held_since: float


class Leases:
    """What one courier carries now. Each lease lasts `lease` from when it was last renewed."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._carried: dict[int, _Carried] = {}

    @property
    def letters(self) -> frozenset[int]:
        """The letters under way here, by id: whatever the clock says of their leases, they are not taken once more."""
        return frozenset(self._carried)

    def begun(self, claim: Claim, task: asyncio.Task[None], claimed: float) -> None:
        """Note that a letter is under way in a task; it was claimed at this moment (`seconds_since_boot`)."""
        self._carried[claim.id] = _Carried(claim, task, claimed)

    def ended(self, claim: Claim) -> None:
        """Note that a letter is under way no longer."""
        self._carried.pop(claim.id, None)

    def may_begin(self, claim: Claim) -> bool:
        """Say whether enough of a lease is left to begin an attempt, so that it ends before another has the letter."""
        return not self._gone(self._carried[claim.id], _BEGIN_WITHIN)

    async def keep(self, beat: float) -> None:
        """Renew the leases of what is under way every `beat` seconds, and let go of what another may have soon."""
        while True:
            await asyncio.sleep(beat)
            carried, begun = list(self._carried.values()), seconds_since_boot()
            try:
                async with asyncio.timeout(beat):  # `wait_for` could lose the cancellation that ends this loop
                    lost = await self._renewed([one.claim for one in carried])
            except Exception as error:  # noqa: BLE001 - the database comes back one day
                report(_logger, "the leases could not be renewed", error)
                self._let_go([one.claim.id for one in carried if self._gone(one, _LET_GO)])
            else:
                for one in carried:
                    one.held_since = begun
                self._let_go(lost)

    async def _renewed(self, claims: Sequence[Claim]) -> tuple[int, ...]:
        if not claims:
            return ()
        return await asyncio.wrap_future(self._database.write(lambda tx: tx.outbox.renew(claims, self._lease)))

    def _gone(self, carried: _Carried, share: float) -> bool:
        """Say whether so much of a lease is gone."""
        return seconds_since_boot() - carried.held_since > share * self._lease.total_seconds()

    def _let_go(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if number in self._carried:
                self._carried[number].task.cancel()
