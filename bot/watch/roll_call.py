"""The roll call: once a day it is asked whether the people of the directory still exist where they are reached (R40).

A message to an account that was closed counts as delivered, and nobody reads it. Who is gone there has left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Protocol, runtime_checkable

from bot.error_log import report
from bot.platform import Platform
from bot.time_guard import TimeGuard
from domain.lapse import Lapse, LapseKind
from handlers.directory_change import replace_directory
from handlers.letters import alarm
from handlers.save import CLOCK, put_letters
from handlers.services import Services
from storage.engine.database import Database
from storage.transaction import Transaction

_logger = logging.getLogger(__name__)

# More than these at once is a fault of the way to the platform or of its tenant, and no day's leavers.
FEW: Final = 3
SHARE: Final = 0.1


@runtime_checkable
class KnowsPeople(Protocol):
    """A platform that can say who is gone."""

    async def gone(self, identities: Sequence[str]) -> frozenset[str]:
        """Return those of its identities whose accounts were closed; those it cannot tell of are not among them."""
        ...


class RollCall:
    """Takes those who are gone out of the directory, as an import would, and tells the administrators."""

    def __init__(
        self,
        database: Database,
        services: Services,
        platforms: Sequence[Platform],
        wake: Callable[[], None],
        guard: TimeGuard,
    ) -> None:
        self._database = database
        self._services = services
        self._platforms = platforms
        self._wake = wake
        self._guard = guard

    async def run(self) -> frozenset[str]:
        """Ask once, and return whose accounts were found closed."""
        if self._guard.doubt:
            return frozenset()
        try:
            directory = await asyncio.wrap_future(self._database.read(lambda reader: reader.directory))
            known = [identity for who in directory.staff.values() for identity in who.identities]
            gone: set[str] = set()
            for platform in self._platforms:
                if isinstance(platform, KnowsPeople):
                    gone |= await platform.gone([one for one in known if one.startswith(f"{platform.name}:")])
            found = frozenset(gone)
            if found and len(found) > max(FEW, SHARE * len(known)):
                _logger.error("too many people are gone at once to be believed", extra={"count": len(found)})
            elif found:
                await asyncio.wrap_future(self._database.write(lambda tx: self._take_out(tx, found)))
                self._wake()
        except Exception as error:  # noqa: BLE001 - tomorrow it is asked again
            report(_logger, "the roll could not be called", error)
            return frozenset()
        return found

    def _take_out(self, tx: Transaction, gone: frozenset[str]) -> None:
        tx.require_whole_directory()  # or rows that are not believed now would be gone for good
        replace_directory(self._services, tx, tx.directory.without(gone), CLOCK)
        left = [Lapse(LapseKind.LEFT, "", identity) for identity in sorted(gone)]
        new = tx.lapses.note(left, tx.now, {LapseKind.LEFT})
        if new:
            put_letters(tx, alarm.alarms(tx, new, ()))
