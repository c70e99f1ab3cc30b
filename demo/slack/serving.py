"""Puts a stand-in on an address of this machine, in the event loop that is running."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from demo.listening import Listener
from demo.slack.stand_in import StandIn


class LendingProtocol(HttpToolsProtocol):
    """Lends each request its connection, so that the stand-in can cut it without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection in what every request of it is told."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Server:
    """A stand-in at its address. Stopped and started again it keeps its port, so that an outage can be played."""

    def __init__(self, slack: StandIn, host: str = "127.0.0.1", port: int = 0) -> None:
        self.slack = slack
        self._listener = Listener(slack.app, host, port, protocol=LendingProtocol)

    @property
    def url(self) -> str:
        """Return the address, without a slash at the end."""
        return self._listener.url

    async def start(self) -> None:
        """Listen; returns when requests are answered.

        Raises:
            OSError: the port is taken.
        """
        await self._listener.start()
        self.slack.state.base_url = self.url

    async def stop(self) -> None:
        """Say goodbye on the sockets and stop listening; calls are then refused by the machine itself."""
        await self.slack.sockets.disconnect()
        await self._listener.stop()


@contextlib.asynccontextmanager
async def serving(slack: StandIn, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Server]:
    """Serve a stand-in for the time of an `async with` block; port 0 takes a free one."""
    server = Server(slack, host, port)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
