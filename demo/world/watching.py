"""Looks at what reaches the bot, from outside it: each request's signature, and what was answered how fast."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """One request at the bot's door: its signature and timestamp headers, sizes in bytes, status and milliseconds."""

    number: int
    signature: str
    timestamp: str
    size: int
    body: bytes
    status: int
    answer: bytes
    milliseconds: float


class Watch:
    """Keeps the newest requests that came to the bot's door, in order."""

    def __init__(self) -> None:
        self.seen: deque[Seen] = deque(maxlen=MOST)
        self._count = 0

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with a look at each request on its way in and out."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            taken, given = bytearray(), bytearray()
            status = 0

            async def received() -> Message:
                message = await receive()
                taken.extend(message.get("body", b""))
                return message

            async def sent(message: Message) -> None:
                nonlocal status
                status = message.get("status", status)
                given.extend(message.get("body", b""))
                await send(message)

            began = time.perf_counter()
            try:
                await app(scope, received, sent)
            finally:
                self._keep(scope, bytes(taken), status, bytes(given), (time.perf_counter() - began) * 1000)

        return watched

    def _keep(self, scope: Scope, body: bytes, status: int, answer: bytes, milliseconds: float) -> None:
        self._count += 1
        headers: dict[bytes, Any] = dict(scope["headers"])
        signature = headers.get(b"x-slack-signature", b"").decode("latin-1")
        timestamp = headers.get(b"x-slack-request-timestamp", b"").decode("latin-1")
        self.seen.append(Seen(self._count, signature, timestamp, len(body), body, status, answer, milliseconds))
