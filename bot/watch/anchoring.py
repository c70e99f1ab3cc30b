"""Anchors by schedule: one line a day into a file or a mailbox that is kept elsewhere (SIPBOT_ANCHOR_FILE, _MAIL).

An old copy of the whole database that was put back is found by these alone (`sipbot audit verify --anchor FILE`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from bot.delivery.outcome import Sent
from bot.delivery.transport import Delivery
from bot.error_log import report
from bot.time_guard import TimeGuard
from domain.address import mailbox
from handlers.ui.outgoing import Outgoing, PlainMail
from storage.engine.database import Database
from storage.posts import Post
from templates import Words

_logger = logging.getLogger(__name__)


Place: TypeAlias = Callable[[str], Awaitable[None]]


def to_file(file: Path) -> Place:
    """Return the way into a file. What stands there is never read or changed here."""

    def add(line: str) -> None:
        with file.open("a", encoding="utf-8") as anchors:
            anchors.write(f"{line}\n")

    async def put(line: str) -> None:
        await asyncio.to_thread(add, line)

    return put


def to_mailbox(
    deliver: Callable[[str, Outgoing, str, Post | None], Awaitable[Delivery]], address: str, words: Words
) -> Place:
    """Return the way into a mailbox. No letter of the outbox: whoever owns the database could take that away."""

    async def put(line: str) -> None:
        text = words("anchor.mail.text")
        mail = PlainMail(words("anchor.mail.subject"), f"{line}\n\n{text}\n")
        delivery = await deliver(str(mailbox(address)), mail, f"anchor:{line}", None)
        if not isinstance(delivery, Sent):
            raise OSError("the anchor was not taken by the mail server")

    return put


class Anchoring:
    """Brings today's anchor to each place."""

    def __init__(self, database: Database, places: Sequence[Place], guard: TimeGuard) -> None:
        self._database = database
        self._places = places
        self._guard = guard

    async def run(self) -> bool:
        """Bring an anchor everywhere; say whether that was done. Under a clock in doubt, or when a place fails, not."""
        if self._guard.doubt:
            return False
        try:
            anchor = await asyncio.wrap_future(self._database.read(lambda reader: reader.audit.anchor(reader.now)))
        except Exception as error:  # noqa: BLE001 - tomorrow's anchor holds all that today's would have
            report(_logger, "no anchor was written", error)
            return False
        return all([await self._brought(place, str(anchor)) for place in self._places])

    async def _brought(self, place: Place, line: str) -> bool:
        try:
            await place(line)
        except Exception as error:  # noqa: BLE001 - the other place has it, and tomorrow's holds all of it
            report(_logger, "no anchor was written", error)
            return False
        return True
