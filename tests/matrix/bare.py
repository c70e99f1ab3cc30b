"""The bot's session and stream alone, without the handlers."""

from __future__ import annotations

from bot.matrix.server.session import MatrixSession, MatrixSettings
from bot.matrix.server.stream import Stream
from storage.encryption.cipher import Keyring
from tests.matrix.client import Person


class Bot:
    """A process of the bot's, which can end and start anew."""

    def __init__(self, settings: MatrixSettings, key: str) -> None:
        self._settings, self.key = settings, key
        self._keyring = Keyring([key])

    async def open(self) -> Bot:
        self.session = MatrixSession(self._settings, self._keyring)
        await self.session.open()
        self.stream = Stream(self.session)
        await self.stream.resume()
        return self

    async def again(self, keyring: Keyring | None = None) -> Bot:
        """End as a killed process ends, and start anew."""
        self._keyring = keyring or self._keyring
        await self.session.close()
        return await self.open()


async def room_of(bot: Bot, anna: Person) -> str:
    """Make a room with somebody, who comes."""
    room = await bot.session.create_room(f"with{anna.user[1:6]}{id(anna)}", anna.user)
    assert await anna.join_next() == room
    await bot.stream.step(0)
    return room
