"""Puts a stand-in on an address of this machine, in the event loop that is running."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from demo.slack.stand_in import StandIn

GRACE = 1.0


class LendingProtocol(H11Protocol):
    """Lends each request its connection, so that the stand-in can cut it without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection in what every request of it is told."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server:
    """A stand-in's server. Stopped and started again it keeps its port, so that an outage can be played.

    It is uvicorn's protocol on asyncio's own server: `uvicorn.Server` would take the program's signals and a
    tenth of a second to stop.
    """

    def __init__(self, slack: StandIn, host: str = "127.0.0.1", port: int = 0) -> None:
        self.slack = slack
        self._host = host
        self._port = port
        self._open: asyncio.Server | None = None
        self._state = ServerState()

    @property
    def url(self) -> str:
        """Return the address, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen; returns when requests are answered."""
        config = uvicorn.Config(
            self.slack.app, ws="websockets-sansio", lifespan="off", log_config=None, access_log=False
        )
        config.load()
        self._state = state = ServerState()
        # Named as TCP, for asyncio sends at once (TCP_NODELAY) on such sockets alone.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, self._port))
        self._port = int(listener.getsockname()[1])
        self._open = await asyncio.get_running_loop().create_server(
            lambda: LendingProtocol(config=config, server_state=state, app_state={}), sock=listener
        )
        self.slack.state.base_url = self.url

    async def stop(self) -> None:
        """Stop listening; calls are then refused by the machine itself."""
        if self._open is None:
            return
        await self.slack.sockets.disconnect()
        self._open.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(set(self._state.tasks), timeout=GRACE)
            for task in late:
                task.cancel()
        await self._open.wait_closed()
        self._open = None


@contextlib.asynccontextmanager
async def serving(slack: StandIn, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Server]:
    """Serve a stand-in for the time of an `async with` block; port 0 takes a free one."""
    server = Server(slack, host, port)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
