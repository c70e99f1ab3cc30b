"""Matrix as a whole: puts this folder's parts together, and is started and stopped as one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from starlette.routing import BaseRoute

from bot.background import Background, ended
from bot.delivery.outcome import Never, NotSent, Unknown
from bot.error_log import report
from bot.matrix.listener import Listener
from bot.matrix.names import NAME
from bot.matrix.server.direct import DirectRooms, Remembered
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.guard import RoomGuard
from bot.matrix.server.roll import gone
from bot.matrix.server.session import MatrixSession, MatrixSettings
from bot.matrix.server.stream import Stream
from bot.matrix.staffing import Staffing
from bot.matrix.talk.asking import Asking, Gateway
from bot.matrix.talk.own_list import OwnLists
from bot.matrix.transport import MatrixTransport
from bot.metrics import Metrics
from bot.time_guard import TimeGuard
from domain.calendar.invites import Invite
from domain.directory import Directory
from storage.encryption.cipher import Keyring
from templates import Words

_logger = logging.getLogger(__name__)

#: Seconds before the server is asked again after it did not answer.
_AGAIN = 5.0
_REFUSED = 60.0
#: Milliseconds to wait for news; fewer while there are invitations that the directory may come to know.
_LONG_MS, _SOON_MS = 30_000, 5_000
_TIDY_EVERY = 86_400.0
_FINISH = 5.0
#: Strangers' invitations that are kept in mind.
_INVITES_MOST = 1000


class MatrixPlatform:
    """The bot's side that faces Matrix. `transport` is what the courier is given."""

    name = NAME
    routes: Sequence[BaseRoute] = ()

    def __init__(  # noqa: PLR0913 - the composition root names them all
        self,
        settings: MatrixSettings,
        *,
        gateway: Gateway,
        words_for: Callable[[str], Words],
        remembered: Remembered,
        render: Callable[[Invite], bytes],
        directory: Callable[[], Awaitable[Directory]],
        today: Callable[[], date],
        keyring: Keyring,
        metrics: Metrics,
        redraw: Callable[[str], Awaitable[None]],
        guard: TimeGuard,
    ) -> None:
        session = self.session = MatrixSession(settings, keyring, guard.dated if guard.watches else None)
        self._background = Background()
        self._directory = directory
        self._redraw = redraw
        self._remembered = remembered
        self._direct = DirectRooms(session, remembered)
        rooms = self.rooms = RoomGuard(session, directory, settings.user)
        self.transport = MatrixTransport(session, self._direct, words_for, render, self._background, rooms)
        gateway = OwnLists(gateway, session.store, directory)
        self.staffing = Staffing(session.members, directory)
        asking = Asking(gateway, self.staffing, words_for, today)
        self._listener = Listener(session, gateway, self._direct, words_for, directory, asking, metrics, rooms)
        self._stream = Stream(session, changed=rooms.changed)
        self._reading: asyncio.Task[None] | None = None
        self._working: asyncio.Task[None] | None = None
        self._arrived = asyncio.Event()
        self._awaited = True  # an invitation that the directory may come to know

    async def start(self) -> None:
        """Begin to log in and to read; letters wait until the server is there."""
        self._reading = asyncio.create_task(self._read(), name="matrix.read")

    async def stop(self) -> None:
        """Stop reading, and close the line and the file. What is not said yet is said after the next start."""
        for task in (self._reading, self._working):
            if task is not None:
                await ended([task])
        await self._background.finish(_FINISH)
        await self.session.end()

    async def gone(self, identities: Sequence[str]) -> frozenset[str]:
        """Return those whose accounts were closed; see `KnowsPeople`."""
        return await gone(self.session, self._remembered, identities)

    async def _read(self) -> None:
        """Read the stream for as long as the bot runs."""
        await self._open_again()
        self._working = asyncio.create_task(self._work(), name="matrix.work")
        tidied = 0.0
        while True:
            try:
                await self._stream.step(_SOON_MS if self._awaited else _LONG_MS)
                self._arrived.set()
                await self._join()
                if time.time() - tidied > _TIDY_EVERY:
                    tidied = time.time()
                    await self.session.store.tidy(tidied)
            except MatrixFailed as failed:
                _logger.warning("the Matrix server does not answer", extra={"why": str(failed)})
                await asyncio.sleep(pause_after(failed))
            except Exception as error:  # noqa: BLE001 - the keys in memory may be ahead of the file: begin anew from it
                report(_logger, "what the Matrix server said could not be kept", error)
                await asyncio.sleep(_AGAIN)
                await self._open_again()

    async def _open_again(self) -> None:
        while True:
            try:
                await self.session.reopen()
                await self._stream.resume()
                if self._stream.is_new and await self.session.rooms():
                    # The rooms know an earlier device; this one cannot read what that one said, so it is drawn anew.
                    await self._redraw(str(self.session.client.device_id))
                return
            except Exception as error:  # noqa: BLE001 - the server or the disk comes back one day
                report(_logger, "the Matrix session could not be opened", error, why=_mend(error))
                await asyncio.sleep(pause_after(error))

    async def _work(self) -> None:
        """Answer what has arrived, while the next is being read."""
        while True:
            self._arrived.clear()
            try:
                await self._listener.work()
            except Exception as error:  # noqa: BLE001 - the database comes back one day
                report(_logger, "what arrived from Matrix could not be worked off", error)
                await asyncio.sleep(_AGAIN)
                continue
            await self._arrived.wait()

    async def _join(self) -> None:
        """Accept invitations into agencies' own rooms and from people of the directory.

        All others are let be, and looked at again: the directory may come to know them.
        """
        invites = await self.session.store.invites()
        self._awaited = bool(invites)
        if not invites:
            return
        directory = await self._directory()
        rooms = {a.target for agency in directory.agencies.values() for a in agency.addresses if a.platform == NAME}
        rooms = await self.session.store.newest(rooms)
        for room, inviter in invites.items():
            if room in rooms or directory.by_identity(f"{NAME}:{inviter}") is not None:
                await self._come(room, inviter, is_agencys=room in rooms)
        for room in list(invites)[:-_INVITES_MOST]:
            await self.session.store.uninvite(room)

    async def _come(self, room: str, inviter: str, *, is_agencys: bool) -> None:
        try:
            await self.session.join(room, inviter.partition(":")[2])
            if not is_agencys and await self._direct.is_direct(room, inviter):
                await self._direct.take_up(f"{NAME}:{inviter}", room)
        except MatrixFailed as failed:
            _logger.warning("an invitation could not be accepted", extra={"why": str(failed)})
            if not isinstance(failed.failure, Never) and failed.code != "M_FORBIDDEN":
                return  # the server is busy or away: looked at again
        await self.session.store.uninvite(room)


def _mend(error: Exception) -> str:
    """Return what is the matter, or what the operator is to do; never what people wrote."""
    if not isinstance(error, MatrixFailed):
        return ""
    lost = "the file of the bot's keys is lost; run `sipbot matrix login` with MATRIX_RECOVERY_KEY set"
    return lost if str(error) == "device_keys_lost" else str(error)


def pause_after(error: Exception) -> float:
    """Return the seconds until the server is asked again: soon when it is away, later when only people can mend it."""
    away = isinstance(error, MatrixFailed) and isinstance(error.failure, NotSent | Unknown)
    return _AGAIN if away else _REFUSED
