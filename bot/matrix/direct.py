"""Direct rooms: one encrypted room with each person, made when it is needed and remembered."""

from __future__ import annotations

from typing import Protocol

from bot.matrix.failures import MatrixFailed
from bot.matrix.session import MatrixSession

# isort: split
from mautrix.api import Path as Route


class Remembered(Protocol):
    """Keeps the direct room of each identity."""

    async def recall(self, identity: str) -> str | None:
        """Return the room, if one is known."""
        ...

    async def remember(self, identity: str, channel: str) -> None:
        """Keep the room."""
        ...


class DirectRooms:
    """Opens direct rooms with people."""

    def __init__(self, session: MatrixSession, remembered: Remembered) -> None:
        self._session = session
        self._remembered = remembered

    async def room(self, person: str) -> str:
        """Return the room with an identity or address; raises MatrixFailed.

        The room's alias is made from the person, so that a bot which dies between making it and remembering it finds
        it again instead of making another.
        """
        identity = identity_of(person)
        room = await self._remembered.recall(identity)
        if room is None:
            alias = "sip-" + self._session.hidden(identity)[:20]
            room = await self._session.create_room(alias, user_of(identity))
            await self._remembered.remember(identity, room)
            await self._mark(identity, room)
        elif user_of(identity) not in await self._session.members(room):
            # They left it: what is said there would be read by nobody.
            await self._session.call("POST", Route.v3.rooms[room].invite, {"user_id": user_of(identity)})
        return room

    async def is_direct(self, room: str, user: str) -> bool:
        """Say whether nobody but the bot and this person is in a room."""
        try:
            return set(await self._session.members(room)) == {user, self._session.settings.user}
        except MatrixFailed:
            return False

    async def take_up(self, identity: str, room: str) -> None:
        """Remember a room that a person has made with the bot, unless one is known."""
        if await self._remembered.recall(identity) is None:
            await self._remembered.remember(identity, room)

    async def _mark(self, identity: str, room: str) -> None:
        """Have programs list the room under people, for whoever looks into the bot's account."""
        me = self._session.settings.user
        route = Route.v3.user[me].account_data["m.direct"]
        try:
            known = await self._session.call("GET", route)
        except MatrixFailed as refused:
            if refused.code != "M_NOT_FOUND":
                raise
            known = {}
        rooms = known.get(user_of(identity), [])
        if room not in rooms:
            await self._session.call("PUT", route, {**known, user_of(identity): [*rooms, room]})


def identity_of(person: str) -> str:
    """Return the identity (`matrix:@anna:hs.example`) of a person given by it or by address."""
    return "matrix:" + person.removeprefix("matrix:").removeprefix("person:")


def user_of(identity: str) -> str:
    """Return the full user id of an identity."""
    return identity.removeprefix("matrix:")
