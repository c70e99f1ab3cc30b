"""Direct rooms: one encrypted room with each person, made when it is needed and remembered."""

from __future__ import annotations

from typing import Protocol

from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.port import Session


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

    def __init__(self, session: Session, remembered: Remembered) -> None:
        self._session = session
        self._remembered = remembered

    async def room(self, person: str) -> str:
        """Return the room with an identity or address; raises MatrixFailed.

        One that somebody else has come into is left to them: what is meant for one person must not be read there.
        """
        identity = identity_of(person)
        room = await self._remembered.recall(identity)
        if room is None:
            return await self._made(identity, identity)
        room = await self._session.newest(room)
        members = set(await self._members(room))
        if members - {user_of(identity), self._session.settings.user} or self._session.settings.user not in members:
            return await self._made(identity, f"{identity} {room}")
        if user_of(identity) not in members:
            # They left it: what is said there would be read by nobody.
            await self._session.invite(room, user_of(identity))
        return room

    async def _made(self, identity: str, occasion: str) -> str:
        """Make a room. Its alias comes of the occasion, so that a bot which dies meanwhile finds it again."""
        room = await self._session.create_room("sip-" + self._session.hidden(occasion)[:20], user_of(identity))
        await self._remembered.remember(identity, room)
        await self._session.mark_direct(user_of(identity), room)
        return room

    async def _members(self, room: str) -> list[str]:
        try:
            return await self._session.members(room)
        except MatrixFailed as refused:
            if refused.code in {"M_FORBIDDEN", "M_NOT_FOUND"} or str(refused) == "not_encrypted":
                return []  # the bot is not in it, or may say nothing there
            raise

    async def is_direct(self, room: str, user: str) -> bool:
        """Say whether nobody but the bot and this person is in a room; raises MatrixFailed while none can know."""
        return set(await self._members(room)) == {user, self._session.settings.user}

    async def take_up(self, identity: str, room: str) -> None:
        """Remember a room that a person has made with the bot, unless one is known."""
        if await self._remembered.recall(identity) is None:
            await self._remembered.remember(identity, room)


def identity_of(person: str) -> str:
    """Return the identity (`matrix:@anna:hs.example`) of a person given by it or by address."""
    return "matrix:" + person.removeprefix("matrix:").removeprefix("person:")


def user_of(identity: str) -> str:
    """Return the full user id of an identity."""
    return identity.removeprefix("matrix:")
