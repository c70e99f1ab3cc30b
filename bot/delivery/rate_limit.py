"""How fast a platform as a whole may be spoken to: a bucket of tokens, the last kept for answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from storage.outbox.letter import URGENT_RANKS, Rank

#: Seconds after which a platform that wanted to be spoken to slowly is tried at the usual pace again.
_SLOW = 900.0
_SLOW_BURST = 2.0


class Bucket:
    """Holds up to `burst` tokens and wins `rate` a second; what can wait leaves a quarter to what cannot.

    A platform that is told too much says after how long it takes one more: from then on that is the pace, for a while.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._usual = self._rate, self._burst = rate, float(burst)
        self._slow_until = 0.0
        self._now = now
        self._sleep = sleep
        self._tokens = float(burst)
        self._filled = now()

    async def take(self, rank: Rank) -> None:
        """Wait for a token and take it."""
        while (wait := self._missing(rank)) > 0:
            await self._sleep(wait)
        self._tokens -= 1

    def empty(self) -> None:
        """Forget the tokens in hand: the platform said that it was too much."""
        self._missing(Rank.URGENT)
        self._tokens = min(self._tokens, 0.0)

    def slow_down(self, seconds: float) -> None:
        """Take one token each so many seconds, beginning now: the platform said that it takes no more than that."""
        self.empty()
        # Of several that were refused at once, the longest pause says how it is.
        rate = 1.0 / max(seconds, 0.001)
        self._rate = min(rate, self._rate) if self.is_slow else min(rate, self._usual[0])
        self._burst = min(_SLOW_BURST, self._usual[1])
        self._slow_until = self._now() + _SLOW

    @property
    def is_slow(self) -> bool:
        """Say whether the platform has lately said that it was too much."""
        return self._now() < self._slow_until

    def _missing(self, rank: Rank) -> float:
        """Seconds until a letter of this rank may take a token."""
        now = self._now()
        if not self.is_slow:
            self._rate, self._burst = self._usual
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        needed = 1.0 if rank in URGENT_RANKS else 1.0 + self._burst / 4
        return max(0.0, (needed - self._tokens) / self._rate)
