"""A sign of life to somebody outside, who misses it when the bot is dead or not ready (SIPBOT_HEARTBEAT_URL)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

_logger = logging.getLogger(__name__)

EVERY = 60.0  # seconds
PATIENCE = 10.0  # seconds that the other side may take

Ready = Callable[[], Awaitable[bool]]
Ping = Callable[[str], None]


class Heartbeat:
    """Pings an address while all is well. Nothing but the address itself is sent."""

    def __init__(self, url: str, ready: Ready, *, every: float = EVERY, ping: Ping | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise ValueError("SIPBOT_HEARTBEAT_URL is written https://…")
        self._url = url
        self._ready = ready
        self._every = every
        self._ping = ping or _get

    async def run(self) -> None:
        """Ping until cancelled. A ping that fails is logged by its kind, and is no reason to stop."""
        while True:
            try:
                if await self._ready():
                    await asyncio.to_thread(self._ping, self._url)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next ping may arrive
                _logger.warning("the heartbeat did not arrive", extra={"kind": type(error).__name__})
            await asyncio.sleep(self._every)


def _get(url: str) -> None:
    with urlopen(Request(url, method="GET"), timeout=PATIENCE) as answer:  # noqa: S310 - http and https alone
        answer.read(1)
