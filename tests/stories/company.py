"""Who the stories over Matrix are told with: people, their agencies' rooms and the bot's account, made once.

A story takes them up with a device of the bot's that is new, and a database that is empty; nothing that an earlier one
said is seen in it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bot.matrix.login import Kept, log_in
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.session import MatrixSession, MatrixSettings
from storage.encryption.cipher import Keyring
from tests.handlers import town
from tests.matrix.client import PATIENCE, Person
from tests.synapse import PASSWORD, Synapse

OUTSIDER = "ove"
LOBBY = "alla"
KEEPERS = {someone.agency: someone.name for someone in reversed(town.STAFF)} | {LOBBY: "anna"}
_EVERYBODY = (*(someone.name for someone in town.STAFF), "vera", OUTSIDER)


class Company:
    """Everybody on one server. `directs` are the rooms that people have with the bot, by name."""

    def __init__(self, server: Synapse, folder: Path) -> None:
        self.server = server
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, str] = {}
        self.directs: dict[str, str] = {}
        self._folder = folder
        self._bot = MatrixSettings(server.url, "", "")

    @property
    def bot(self) -> str:
        """The bot's full id."""
        return self._bot.user

    def keeper(self, agency: str) -> Person:
        """Return who made an agency's room."""
        return self.people[KEEPERS.get(agency, "vera")]

    @asynccontextmanager
    async def gathered(self) -> AsyncIterator[None]:
        """Everybody at their program, with nothing in sight of what was before."""
        if self.people:
            await asyncio.gather(*(person.open(signed=False) for person in self.people.values()))
        else:
            await self._begin()
        for person in self.people.values():
            person.forget()
        try:
            yield
        finally:
            for person in self.people.values():
                await person.close()

    async def new_device(self, store: Path, keyring: Keyring) -> Kept:
        """Log the bot in on a device that is new and reads on from now; the one before is gone."""
        before = self._bot
        kept = await log_in(replace(before, token="", store=store), PASSWORD, keyring)
        if before.token:
            self.server.call("POST", "/_matrix/client/v3/logout", before.token, {})
        self._bot = replace(before, token=kept.token, recovery_key=kept.recovery_key)
        session = MatrixSession(replace(self._bot, store=store), keyring)
        await session.open()
        # What an earlier story left unsaid is no matter of this one.
        await session.store.crypto.put_next_batch((await session.sync(None, 0))["next_batch"])
        await session.close()
        return kept

    async def bring(self) -> None:
        """Ask the bot into each room that it is not in."""
        answer = self.server.call("GET", "/_matrix/client/v3/joined_rooms", self._bot.token)
        for agency, room in self.rooms.items():
            if room not in answer["joined_rooms"]:
                await self.keeper(agency).session.client.invite_user(room, self.bot)  # type: ignore[arg-type]

    async def look(self) -> None:
        """Let everybody look at their rooms, and come where they are asked."""
        await asyncio.gather(*(self._looks(name) for name in self.people))

    async def _looks(self, name: str) -> None:
        person = self.people[name]
        await person.sync()
        for room in person.invited:
            await person.session.join(room)
            await person.sync()
            if room not in self.rooms.values():
                self.directs[name] = room
        person.invited.clear()

    async def _begin(self) -> None:
        for name in (*_EVERYBODY, "sip"):
            user = self.server.register(name)
            if name == "sip":
                self._bot = replace(self._bot, user=user)
                continue
            person = self.people[name] = Person(self.server.url, self.server.login(name), self._folder)
            await person.open()
        for agency in town.CHANNELS.values():
            members = [self.people[someone.name].user for someone in town.STAFF if someone.agency == agency]
            keeper = self.keeper(agency)
            self.rooms[agency] = await keeper.room_with(*(user for user in members if user != keeper.user))
        # In an agency's own room a stranger would keep the bot from saying anything.
        self.rooms[LOBBY] = await self.keeper(LOBBY).room_with(self.people[OUTSIDER].user)
        await self.look()


async def until_in(rooms: set[str], session: MatrixSession) -> None:
    """Wait until the bot is in all rooms."""
    end, inside = time.monotonic() + PATIENCE, set[str]()
    while not rooms <= inside:
        assert time.monotonic() < end, "the bot does not come"
        await asyncio.sleep(0.05)
        with suppress(MatrixFailed):  # it is not there yet
            inside = set(await session.rooms())
