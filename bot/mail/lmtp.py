"""The way in for calendar answers: a small LMTP and SMTP server behind the operator's mail server.

It takes mail for token addresses alone, one recipient at a time, hands the bytes on, and says 250 only
after they are safely kept. It never sends mail, so it cannot be made to answer anybody. It is our own
because a mail of a gigabyte without a line end must cost neither memory nor time here.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Self

from bot.mail.lmtp_conversation import CHUNK, Admits, Conversation, Count, DoorRules, Known, Listener, Receive


class LmtpServer:
    """Listens while it is entered: `async with LmtpServer(…) as lmtp`, or `start` and `stop`."""

    def __init__(
        self,
        rules: DoorRules,
        known: Known,
        admits: Admits,
        receive: Receive,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        count: Count = lambda _why: None,
    ) -> None:
        self.host = host
        self.port = port
        self._listener = Listener(rules, known, admits, receive, count)
        self._open: dict[asyncio.Task[None], Conversation] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Binds the port; `port` is the real one afterwards, also when 0 was asked for."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stops listening and ends open conversations; a mail that is just being kept is kept."""
        if self._server is None:
            return
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        conversation = Conversation(self._listener, reader, writer)
        try:
            full = len(self._open) >= self._listener.rules.connections
            if full and not self._make_room():
                await conversation.turn_away()
                return
            if task is not None:
                self._open[task] = conversation
            async with asyncio.timeout(self._listener.rules.lasting):
                await conversation.run()
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the other side left, fell silent, or we are stopping: nothing was promised
        finally:
            writer.close()
            if task is not None:
                self._open.pop(task, None)

    def _make_room(self) -> bool:
        """Ends the conversation that is silent, or dawdles over its mail, for longest; False when none does."""
        idle = {task: one.heard_at for task, one in self._open.items() if not one.busy}
        late = monotonic() - self._listener.rules.haste
        bringing = {task: one.bringing_since for task, one in self._open.items()}
        ready = idle or {task: since for task, since in bringing.items() if since is not None and since < late}
        if not ready:
            return False
        longest = min(ready, key=ready.__getitem__)
        del self._open[longest]
        longest.cancel()
        self._listener.count("made_room")
        return True
