"""Whose a room is: who belongs into an agency's, and which room leads to one person alone."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from domain.address import Address
from domain.directory import Directory
from storage.engine.database import Database


def identities_of(directory: Directory, places: Collection[Address]) -> frozenset[str]:
    """Return the identities of those who belong into a room that has these addresses.

    They are the staff and the managers of the agencies whose room it is, each by every identity they have there.
    """
    units = [unit for unit in directory.agencies.values() if any(place in unit.addresses for place in places)]
    identities = [unit.manager for unit in units]
    identities += [own for unit in units for who in directory.staff_of(unit.id) for own in who.identities]
    platforms = tuple(f"{place.platform}:" for place in places)
    return frozenset(own for own in identities if own.startswith(platforms))


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
