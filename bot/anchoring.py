"""Anchors by schedule: one line a day into a file that is kept elsewhere (SIPBOT_ANCHOR_FILE).

An old copy of the whole database that was put back is found by these alone (`sipbot audit verify --anchor FILE`).
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from bot.error_log import report
from bot.time_guard import TimeGuard
from storage.audit import Anchor
from storage.engine.database import Database

_logger = logging.getLogger(__name__)


class Anchoring:
    """Adds today's anchor to a file. What stands there is never read or changed here."""

    def __init__(self, database: Database, file: Path, guard: TimeGuard) -> None:
        self._database = database
        self._file = file
        self._guard = guard

    async def run(self) -> bool:
        """Add an anchor; say whether it was done. Under a clock in doubt, or when the file cannot be written, not."""
        if self._guard.doubt:
            return False
        try:
            anchor = await asyncio.wrap_future(self._database.read(lambda reader: reader.audit.anchor(reader.now)))
            await asyncio.to_thread(self._add, anchor)
        except Exception as error:  # noqa: BLE001 - tomorrow's anchor holds all that today's would have
            report(_logger, "no anchor was written", error)
            return False
        return True

    def _add(self, anchor: Anchor) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{written(anchor)}\n")


def written(anchor: Anchor) -> str:
    """Return an anchor as a line: its root, and until when."""
    return f"{anchor.root} at {anchor.until.isoformat()}"
