"""Which room leads to one person alone."""

from __future__ import annotations

import asyncio

from storage.engine.database import Database


class RememberedRooms:
    """Keeps which direct-message room leads to whom, and in which language they are answered, by identity."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, identity: str) -> str | None:
        """Return the room, if one is known."""
        return await asyncio.wrap_future(self._database.read(lambda reader: reader.people.dm(identity)))

    async def remember(self, identity: str, channel: str) -> None:
        """Keep the room."""
        await asyncio.wrap_future(self._database.write(lambda tx: tx.people.remember_dm(identity, channel)))

    async def locale(self, identity: str) -> str:
        """Return the locale in which somebody was last answered, "" for who is new."""
        return await asyncio.wrap_future(self._database.read(lambda reader: reader.people.locale(identity)))
