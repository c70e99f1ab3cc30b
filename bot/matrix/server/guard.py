"""Whether something may be said in an agency's room: it is encrypted, private, and holds the agency's people alone.

Slack's channels are looked at likewise. The server is asked once, and its answer is believed until it says that
something has changed in the room, or for a few minutes.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.delivery.outcome import Never
from bot.matrix.names import NAME
from bot.matrix.server.failures import MatrixFailed
from domain.address import Address, Kind
from domain.directory import Directory

_BELIEVED = 300.0  # seconds
#: What the bot can encrypt with; a room that wants something else is as good as not encrypted.
_ALGORITHM = "m.megolm.v1.aes-sha2"
_INSIDE = frozenset({"join", "invite"})


class Unsafe(StrEnum):
    """Why nothing is said in a room."""

    CLEAR = "not_encrypted"
    PUBLIC = "room_public"
    STRANGERS = "room_strangers"


@dataclass(frozen=True, slots=True)
class Look:
    """What a server says of a room: who is in it or asked into it, and whom else it lets read."""

    encrypted: bool
    public: bool
    members: frozenset[str]

    @classmethod
    def at(cls, state: Iterable[Any]) -> Look:
        """Read the state of a room; what is malformed counts as if it were not there."""
        found = {
            (str(one.get("type")), str(one.get("state_key"))): one["content"]
            for one in state
            if isinstance(one, Mapping) and isinstance(one.get("content"), Mapping)
        }
        members = (
            key
            for (kind, key), content in found.items()
            if kind == "m.room.member" and str(content.get("membership")) in _INSIDE
        )
        rule = found.get(("m.room.join_rules", ""), {}).get("join_rule")
        history = found.get(("m.room.history_visibility", ""), {}).get("history_visibility")
        public = rule == "public" or history == "world_readable"
        algorithm = found.get(("m.room.encryption", ""), {}).get("algorithm")
        return cls(algorithm == _ALGORITHM, public, frozenset(members))

    def strangers(self, known: frozenset[str]) -> int:
        """Count who is in the room and does not belong there; `known` are user ids, the bot's among them."""
        return len(self.members - known)

    def unsafe(self, known: frozenset[str]) -> Unsafe | None:
        """Say why nothing may be said in the room; None when it may."""
        if not self.encrypted:
            return Unsafe.CLEAR
        if self.public:
            return Unsafe.PUBLIC
        return Unsafe.STRANGERS if self.strangers(known) else None


class Rooms(Protocol):
    """What a server knows of rooms."""

    async def state(self, room: str) -> Iterable[Any]:
        """Ask the server for the whole state of a room; raises MatrixFailed."""
        ...

    async def members(self, room: str) -> list[str]:
        """Return who would be given keys; raises MatrixFailed."""
        ...

    async def newest(self, room: str) -> str:
        """Return the room that stands in the place of another today; raises MatrixFailed."""
        ...


class RoomGuard:
    """Looks at rooms before something is said there. `directory` is today's, `me` the bot's own id."""

    def __init__(
        self,
        rooms: Rooms,
        directory: Callable[[], Awaitable[Directory]],
        me: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rooms = rooms
        self._directory = directory
        self._me = me
        self._now = now
        self._looks: dict[str, tuple[float, Look]] = {}
        self._changes = 0

    def changed(self, room: str) -> None:
        """Take note that the server has told of a change in a room."""
        self._changes += 1
        self._looks.pop(room, None)

    async def require(self, room: str, address: str = "") -> None:
        """Return when something may be said in an agency's room; `address` is the one that the directory has for it.

        Raises:
            MatrixFailed: it may not (`Never`, with one of `Unsafe`), or it cannot be looked at.
        """
        why = await self.unsafe(room, address)
        if why is not None:
            raise MatrixFailed(Never(why.value), why.value)

    async def unsafe(self, room: str, address: str = "") -> Unsafe | None:
        """Say why nothing may be said in a room; None when it may. Raises MatrixFailed."""
        known = await self._known(room, address)
        look = await self._look(room)
        why = look.unsafe(known)
        if why is None and not known.issuperset(await self._rooms.members(room)):
            # The server shows nobody else now, but keys would go to somebody whom it has named before.
            why = Unsafe.STRANGERS
        if why is not None:
            self._looks.pop(room, None)  # it may have been mended: looked at anew the next time
        return why

    async def _look(self, room: str) -> Look:
        until, look = self._looks.get(room, (0.0, None))
        if look is not None and until > self._now():
            return look
        changes = self._changes
        look = Look.at(await self._rooms.state(room))
        if changes == self._changes:  # else the answer may be of before the change
            self._looks[room] = (self._now() + _BELIEVED, look)
        return look

    async def _known(self, room: str, address: str) -> frozenset[str]:
        """Return the user ids of those who belong into a room; `address`: the room that the directory names.

        Whoever may change a room can say that another one stands in its place today, even another agency's. What is
        meant for an agency is said among its people alone; without an address, among those of all that lead there.
        """
        directory = await self._directory()
        places = {a for unit in directory.agencies.values() for a in unit.addresses if is_room(a)}
        own = [place for place in places if place.target == (address or room)]
        if not own:
            own = [place for place in places if await self._rooms.newest(place.target) == room]
        each = [users_of(directory, [place]) for place in own]
        return (frozenset.intersection(*each) if each else frozenset()) | {self._me}


def is_room(address: Address) -> bool:
    """Say whether an address is an agency's room on Matrix."""
    return (address.platform, address.kind) == (NAME, Kind.ROOM)


def users_of(directory: Directory, places: Iterable[Address]) -> frozenset[str]:
    """Return the user ids of those who belong into a room that has these addresses."""
    return frozenset(own.removeprefix(f"{NAME}:") for own in directory.identities_at(tuple(places)))
