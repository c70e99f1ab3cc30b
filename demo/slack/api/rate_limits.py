"""Slack's rate limits: so many calls a minute per method and team, one message a second per channel."""

from __future__ import annotations

import math
from dataclasses import dataclass

from demo.slack.state.records import Clock

CHANNEL_PER_SECOND = 1.0
CHANNEL_BURST = 5


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimits:
    """Token buckets by the stand-in's clock; `enabled=False` lets everything through."""

    def __init__(self, clock: Clock, *, enabled: bool = True, burst: int = CHANNEL_BURST) -> None:
        self.enabled = enabled
        self.burst = burst
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}

    def wait_for_method(self, method: str, team: str, per_minute: int) -> int:
        """Take one call of a method; return 0, or the seconds to wait when there is none left."""
        return self._take(("method", method, team), per_minute, per_minute / 60)

    def wait_for_message(self, channel: str) -> int:
        """Take one message to a channel; return 0, or the seconds to wait."""
        return self._take(("channel", channel), self.burst, CHANNEL_PER_SECOND)

    def _take(self, name: tuple[str, ...], capacity: int, per_second: float) -> int:
        if not self.enabled:
            return 0
        now = self._clock()
        bucket = self._buckets.setdefault(name, _Bucket(capacity, now))
        # A clock that was put back must not empty the bucket.
        bucket.tokens = min(capacity, bucket.tokens + max(0.0, now - bucket.at) * per_second)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return max(1, math.ceil((1 - bucket.tokens) / per_second))
