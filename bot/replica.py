"""The name of this process among the replicas: of one name only one may run, or every letter would be taken twice.

A process that runs under a name gives a sign of life every few seconds. Who comes later under the same name waits for
one: if it comes, the other is alive and the later one refuses to start; if not, the other died and its name is free.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import secrets
import signal
from collections.abc import Callable
from typing import Final, TypeVar

from bot.error_log import report
from storage.engine.database import Database
from storage.transaction import Transaction

T = TypeVar("T")

_logger = logging.getLogger(__name__)

# Seconds between two signs of life, and how long a process that starts waits for another's.
BEAT: Final = 3.0
WAIT: Final = 7.0


class Replica:
    """Runs under a name, when there is one."""

    def __init__(self, database: Database, name: str, *, beat: float = BEAT, wait: float = WAIT) -> None:
        self._database = database
        self._name = name
        self._beat = beat
        self._wait = wait
        self._run = secrets.token_hex(8)
        self._beating: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take the name and give signs of life from now on.

        Raises:
            OSError: another process runs under it.
        """
        if not self._name:
            return
        before = await self._write(lambda tx: tx.processes.last_of(self._name))
        if before is not None:
            await asyncio.sleep(self._wait)
        if not await self._write(lambda tx: self._taken(tx, None if before is None else (before.run, before.count))):
            words = f"another process runs as SIPBOT_REPLICA={self._name}; give each process a name of its own"
            raise OSError(errno.EBUSY, words)
        self._beating = asyncio.get_running_loop().create_task(self._go_on(), name="signs of life")

    async def stop(self) -> None:
        """Give the name back."""
        if self._beating is None:
            return
        self._beating.cancel()
        self._beating = None
        try:
            await self._write(lambda tx: tx.processes.gone(self._name, self._run))
        except Exception as error:  # noqa: BLE001 - who comes next will wait for a sign of life instead
            report(_logger, "the name could not be given back", error)

    def _taken(self, tx: Transaction, seen: tuple[str, int] | None) -> bool:
        last = tx.processes.last_of(self._name)
        if last is not None and (last.run, last.count) != seen:
            return False
        tx.processes.take(self._name, self._run)
        return True

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(self._beat)
            try:
                mine = await self._write(lambda tx: tx.processes.beat(self._name, self._run))
            except Exception as error:  # noqa: BLE001 - the database comes back one day
                report(_logger, "no sign of life could be given", error)
                continue
            if not mine:
                # It was taken for dead, and another has its name and its letters.
                _logger.error("another process runs under this name; this one ends", extra={"replica": self._name})
                os.kill(os.getpid(), signal.SIGTERM)
                return

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        return await asyncio.wrap_future(self._database.write(work))
