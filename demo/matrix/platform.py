"""Matrix as the bot sees it in the demo: its own listener and transport, over a server in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.routing import BaseRoute

from bot.background import Background
from bot.matrix.kind import Matrix
from bot.matrix.listener import Listener
from bot.matrix.names import NAME
from bot.matrix.server.direct import DirectRooms
from bot.matrix.server.guard import RoomGuard
from bot.matrix.staffing import Staffing
from bot.matrix.talk.arrivals import read
from bot.matrix.talk.asking import Asking
from bot.matrix.talk.own_list import OwnLists
from bot.matrix.transport import MatrixTransport
from bot.platform import Surroundings
from bot.rooms import RememberedRooms
from bot.settings import Settings
from demo.in_process import InProcess
from demo.matrix.held import Event
from demo.matrix.homeserver import BOT, Homeserver
from demo.matrix.session import Session
from domain.directory import Directory

_FINISH = 5.0  # seconds that what was begun may take at the end


class MatrixInMemory:
    """The running platform. What people do reaches it by `hear`, one after the other."""

    name = NAME
    routes: Sequence[BaseRoute] = ()

    def __init__(self, around: Surroundings, server: Homeserver) -> None:
        async def directory() -> Directory:
            return await asyncio.wrap_future(around.database.read(lambda reader: reader.directory))

        services = around.services
        self._server = server
        self._turn = asyncio.Lock()
        self._background = Background()
        session = Session(server)
        self._store = session.store
        self._direct = DirectRooms(session, RememberedRooms(around.database))
        rooms = RoomGuard(session, directory, BOT)
        self.transport = MatrixTransport(
            session, self._direct, services.words_for, around.calendar_file, self._background, rooms
        )
        gateway = OwnLists(around.gateway, session.store, directory)
        asking = Asking(
            gateway,
            Staffing(session.members, directory),
            services.words_for,
            lambda: services.rules.calendar.local_date(around.clock.now()),
        )
        self._listener = Listener(
            session, gateway, self._direct, services.words_for, directory, asking, around.metrics, rooms
        )

    async def start(self) -> None:
        """Come into the rooms that people have made with the bot."""
        for room in list(self._server.held.rooms.values()):
            others = [user for user in room.members if user != BOT]
            if len(others) == 1 and await self._direct.is_direct(room.id, others[0]) and not room.name:
                await self._direct.take_up(f"{NAME}:{others[0]}", room.id)

    async def stop(self) -> None:
        """Finish what was begun."""
        await self._background.finish(_FINISH)

    async def hear(self, event: Event) -> None:
        """Take in what somebody did, and answer it. Messages came encrypted from a device that its owner has signed."""
        raw = {"event_id": event.id, "sender": event.sender, "type": event.kind, "content": event.content}
        private = event.kind == "m.room.message"
        arrived = read(raw, event.room, encrypted=private, sure=private)
        if arrived is not None:
            self._store.arrive(arrived)
        async with self._turn:
            await self._listener.work()


class MatrixOf(InProcess):
    """The entry for a server in memory, among the platforms that the bot could be on."""

    name = NAME
    capabilities = Matrix.capabilities

    def __init__(self, server: Homeserver) -> None:
        self._server = server

    def is_set_up(self, _settings: Settings) -> bool:
        """Say yes: whoever made it wants it."""
        return True

    def build(self, around: Surroundings) -> MatrixInMemory:
        """Make it."""
        return MatrixInMemory(around, self._server)
