"""Runs the bot as a program, until it is told to stop: the database brought up to date, and a web server around it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.app import Bot, build
from bot.background import ended
from bot.clock import SystemClock
from bot.kept_profiles import require_known
from bot.metrics import Metrics
from bot.opening import bound, opening_line
from bot.profile_file import BadProfile
from bot.settings import Settings
from bot.watch.heartbeat import Heartbeat
from bot.web.patience import PatientProtocol
from bot.web.server import READY, metrics_app
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database, path_of
from storage.engine.sqlite_file import lock

# Seconds that the database may take to say which schema it has.
OPENING = 30.0


def bring_up_to_date(settings: Settings) -> None:
    """Bring the database to the newest schema; on PostgreSQL replicas wait for the one that does it.

    The machinery for that is loaded only when there is something to do, since it is a good part of the start.
    """
    url, keyring = settings.sipbot_database_url, Keyring(settings.keys)
    path = path_of(url)
    if path is None or path.exists():
        database = open_database(url, keyring, SystemClock())
        try:
            if database.read(lambda reader: reader.schema_is_current()).result(OPENING):
                return
        finally:
            database.close()
    elif not path.parent.exists():
        path.parent.mkdir(parents=True)
    from storage.migrate import migrate  # noqa: PLC0415

    migrate(url, keyring)


class OrderlyServer(uvicorn.Server):
    """A web server that ends when it is told, and leaves the signals to us.

    uvicorn's own way is to raise the signal again once it has stopped, which would end the process before the letters
    that are under way have been written down.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    def end(self) -> None:
        """Take no more requests and stop."""
        self.should_exit = True

    told: Callable[[], None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests, and have it told."""
        await super().startup(sockets)
        if self.told is not None:
            self.told()


def _tune_the_interpreter() -> None:
    """Leave what was made at the start out of garbage collection, and let threads take turns sooner.

    What was made at the start stays, and looking through it costs every answer; it is not looked through once more
    here either, for next to nothing of it is garbage (2,100 of 140,000 things). An answer passes from the event loop
    to the writer's thread and back while the courier works too: at the usual five milliseconds a turn each would wait
    for the other.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 50)
    sys.setswitchinterval(0.0005)


async def serve(settings: Settings, role: str = "all", say: Callable[[str], None] | None = None) -> None:
    """Run the bot until it is told to stop. `say` is told once, when it listens: where, how, and what is missing.

    Raises:
        BadProfile: an open case was opened by a profile that is not known any more.
        OSError: another process works on the same SQLite file, or under the same name, or has the port.
    """
    path = path_of(settings.sipbot_database_url)
    with contextlib.nullcontext() if path is None else lock(path):
        await _serve(settings, role, say)


async def _serve(settings: Settings, role: str, say: Callable[[str], None] | None) -> None:
    doors = [bound(settings.sipbot_host, settings.sipbot_port, "SIPBOT_PORT")]
    host, _, port = settings.sipbot_metrics_address.rpartition(":")
    if port:
        doors.append(bound(host.strip("[]"), int(port), "SIPBOT_METRICS_ADDRESS"))
    bring_up_to_date(settings)
    bot = build(settings)
    try:
        require_known(bot.database, bot.services.known_profiles)
    except BadProfile:
        await bot.stop()
        raise
    server = _server(bot.web, bot.metrics)
    if say is not None:
        server.told = partial(_tell, bot, role, doors[0], say)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.end)
    tasks: list[asyncio.Task[None]] = []
    try:
        await bot.start(role)
        _tune_the_interpreter()
        tasks += [loop.create_task(work) for work in _beside(bot, doors[1:])]
        await server.serve(doors[:1])
    finally:
        await ended(tasks)
        await bot.stop()


def _tell(bot: Bot, role: str, door: socket.socket, say: Callable[[str], None]) -> None:
    directory = bot.database.read(lambda reader: reader.kept_directory()).result(OPENING)
    say(opening_line(bot.settings, role, door.getsockname(), agencies=len(directory.agencies)))


def _server(web: Starlette, metrics: Metrics) -> OrderlyServer:
    class Counted(PatientProtocol):
        @staticmethod
        def count(why: str) -> None:
            metrics.refused("web", why)

    return OrderlyServer(
        uvicorn.Config(
            web,
            http=Counted,
            # Nothing here is a web socket; without this a library for them answers whoever asks for one.
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )


def _beside(bot: Bot, doors: list[socket.socket]) -> list[Coroutine[Any, Any, None]]:
    """Return what runs beside the web server: the address for metrics, and the sign of life."""
    works: list[Coroutine[Any, Any, None]] = []
    if doors:
        works.append(_server(metrics_app(bot.metrics), bot.metrics).serve(doors))
    url = bot.settings.sipbot_heartbeat_url.get_secret_value()
    if url:
        works.append(Heartbeat(url, partial(_all_well, bot)).run())
    return works


async def _all_well(bot: Bot) -> bool:
    found = await bot.ready()
    return set(found.values()) <= {READY}
