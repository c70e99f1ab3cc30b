"""Puts an ASGI application on an address of this machine, in the event loop that is running."""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from bot.background import ended

#: Seconds that requests may take to end when the listening stops.
GRACE = 1.0


class Listener:
    """An application at `url`. Stopped and started again it keeps its port, so that an outage can be played.

    It is uvicorn's `protocol` on asyncio's own server: `uvicorn.Server` would take the program's signals and a
    tenth of a second to stop.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        protocol: type[HttpToolsProtocol] = HttpToolsProtocol,
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._protocol = protocol
        self._open: asyncio.Server | None = None
        self._state = ServerState()

    @property
    def port(self) -> int:
        """Return the port; a free one was taken when 0 was asked for."""
        return self._port

    @property
    def url(self) -> str:
        """Return the address, without a slash at the end."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen; returns when requests are answered.

        Raises:
            OSError: the port is taken.
        """
        config = uvicorn.Config(
            self._app,
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        config.load()
        self._state = state = ServerState()
        # Named as TCP, for asyncio sends at once (TCP_NODELAY) on such sockets alone.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
        except OSError:
            listener.close()
            raise
        self._port = int(listener.getsockname()[1])
        self._open = await asyncio.get_running_loop().create_server(
            lambda: self._protocol(config=config, server_state=state, app_state={}), sock=listener
        )

    async def stop(self) -> None:
        """Listen no more, and let what is being answered end within a second; new calls the machine refuses."""
        if self._open is None:
            return
        self._open.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(set(self._state.tasks), timeout=GRACE)
            await ended(late)
        await self._open.wait_closed()
        self._open = None
