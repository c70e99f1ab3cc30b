"""How fast a platform as a whole may be spoken to: a bucket of tokens, the last kept for answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from storage.outbox.letter import URGENT_RANKS, Rank


class Bucket:
    """Holds up to `burst` tokens and wins `rate` a second; what can wait leaves a quarter to what cannot."""

    def __init__(
        self,
        rate: float,
        burst: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
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

    def _missing(self, rank: Rank) -> float:
        """Seconds until a letter of this rank may take a token."""
        now = self._now()
        self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        needed = 1.0 if rank in URGENT_RANKS else 1.0 + self._burst / 4
        return max(0.0, (needed - self._tokens) / self._rate)
