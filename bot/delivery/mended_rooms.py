"""Lets go out what was kept back because others could read in an agency's room, once they no longer can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

from handlers.letters.outcomes import SHOWING, UNSAFE
from storage.engine.database import Database

_MOST = 1000


@runtime_checkable
class LooksAtRooms(Protocol):
    """A transport that looks at rooms before it says something there; `prefix` as of `Transport`."""

    prefix: str

    async def is_safe(self, address: str) -> bool:
        """Say whether something may be said at an address now; False also when that cannot be found out."""
        ...


class MendedRooms:
    """Looks again at rooms in which nothing was said. What only shows how something stands is then sent after all.

    It says what is so now; what its surface shows already, or nobody needs any more, is not sent.
    """

    def __init__(self, database: Database, transports: Iterable[object], wake: Callable[[], None]) -> None:
        self._database = database
        self._looking = [one for one in transports if isinstance(one, LooksAtRooms)]
        self._wake = wake

    async def run(self) -> int:
        """Look at each such room once, and return how many letters go on."""
        dead = await asyncio.wrap_future(self._database.read(lambda reader: reader.outbox.dead_letters(_MOST)))
        kept = [one for one in dead if one.why in UNSAFE and one.letter.what in SHOWING]
        safe = {address for address in {one.letter.address for one in kept} if await self._is_safe(address)}
        numbers = [one.id for one in kept if one.letter.address in safe]
        if numbers:
            await asyncio.wrap_future(self._database.write(lambda tx: [tx.outbox.replay(number) for number in numbers]))
            self._wake()
        return len(numbers)

    async def _is_safe(self, address: str) -> bool:
        looking = (one for one in self._looking if address.startswith(one.prefix))
        return any([await one.is_safe(address) for one in looking])
