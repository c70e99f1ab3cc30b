"""What happens in the stand-in, told as it happens: to a page, a terminal or a test."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from demo.slack.state.records import Clock

HISTORY = 1000
BACKLOG = 10_000
LOOK_AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: a kind such as `message_posted`, when (Unix seconds), and its particulars."""

    kind: str
    at: float
    data: dict[str, Any]


class EventStream:
    """Tells every subscriber what happens, and keeps the last thousand happenings."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: list[asyncio.Queue[Happening]] = []
        self.recent: deque[Happening] = deque(maxlen=HISTORY)

    def publish(self, kind: str, **data: Any) -> None:
        """Tell of something; a subscriber too slow for ten thousand happenings misses the newest."""
        happening = Happening(kind, self._clock(), data)
        self.recent.append(happening)
        for queue in self._queues:
            with suppress(asyncio.QueueFull):
                queue.put_nowait(happening)

    async def subscribe(self) -> AsyncGenerator[Happening, None]:
        """Yield what happens from now on, until the subscriber stops."""
        queue: asyncio.Queue[Happening] = asyncio.Queue(BACKLOG)
        self._queues.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._queues.remove(queue)

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until `condition` holds, looking anew after every happening and twenty times a second.

        Raises:
            TimeoutError: it did not hold in time.
        """
        queue: asyncio.Queue[Happening] = asyncio.Queue(BACKLOG)
        self._queues.append(queue)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(queue.get(), LOOK_AGAIN)
        finally:
            self._queues.remove(queue)
