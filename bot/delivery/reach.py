"""Whether a platform can be reached as a whole: then a letter that does not arrive has itself to blame, else it waits.

An outage of days must not use up the attempts of any letter, and one letter that its platform cannot take must not wait
for ever. What tells them apart is whether the platform answers when it is asked for nothing in particular, and whether
letters to others fail too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from bot.delivery.outcome import NotSent, Unknown
from bot.delivery.transport import Delivery

# So many addresses in a row that take nothing are no coincidence.
_MANY: Final = 3
# Seconds that the platform gets to answer whether it is there.
_PATIENCE: Final = 5.0
# Seconds until the letters of a platform that is away are tried again: longer each time, but never long, so that the
# first success comes soon after the end.
_SHORTEST: Final = 5.0
_LONGEST: Final = 60.0

_LINE: Final = frozenset(
    {
        "connection_lost",
        "disconnected",
        "fatal_error",
        "internal_error",
        "lease",
        "mishap",
        "not_looked",
        "request_timeout",
        "service_unavailable",
        "timeout",
        "unreachable",
        "unreadable_answer",
    }
)


def is_of_the_line(why: str) -> bool:
    """Say whether a letter was not taken for a reason that has nothing to do with what it says or where it goes."""
    return why in _LINE or why.startswith(("http_5", "connect ", "data "))


class Reach:
    """What this process knows of one platform. `alive` asks it."""

    def __init__(self, alive: Callable[[], Awaitable[bool]], now: Callable[[], float] = time.monotonic) -> None:
        self._alive = alive
        self._now = now
        self._failing: set[str] = set()
        self._held_until = 0.0
        self.away = False
        self.pause = _SHORTEST
        # At the first success after a start, too, letters go on that died in the outage of a run before.
        self.to_be_taken_up = True

    def succeeded(self) -> None:
        """Take note that a letter was taken over."""
        self._failing.clear()
        self.away = self.to_be_taken_up = False
        self.pause = _SHORTEST
        self._held_until = 0.0

    async def failed(self, address: str, delivery: Delivery) -> bool:
        """Take note that a letter was not taken, and say whether the platform is away as a whole.

        A pause that was asked for, and a refusal for good, are answers of a platform that is there.
        """
        if not isinstance(delivery, NotSent | Unknown) or delivery.why == "ratelimited":
            return False
        self._failing.add(address)
        self.away = len(self._failing) >= _MANY or not await self._answers()
        self.to_be_taken_up = self.to_be_taken_up or self.away
        # Letters that fail together count once.
        if self.away and self._now() >= self._held_until:
            self.pause = min(_LONGEST, self.pause * 2 if self._held_until else _SHORTEST)
            self._held_until = self._now() + self.pause
        return self.away

    async def _answers(self) -> bool:
        try:
            return await asyncio.wait_for(self._alive(), _PATIENCE)
        except TimeoutError:
            return False
