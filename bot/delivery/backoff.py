"""When a letter is tried again: a pure function of its history, so that it can be read and tested."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

_STEPS = (2, 5, 15, 60, 300, 900, 1800, 3600)
_MUST_NOW = 0
_MUST_NOW_MOST = 60
_JITTER = 0.2
_ATTEMPTS_MOST = 40
# Waiting is not trying: the bot or its token may have been away for days, so a day alone gives nothing up.
_ATTEMPTS_LEAST = 8
_LONGEST = timedelta(hours=24)
#: Seconds before a letter of unknown fate is looked for: the request may still be under way.
LOOK_AFTER = 15


def wait(attempts: int, rank: int, key: str, retry_after: float | None = None) -> timedelta:
    """Return how long to wait after the `attempts`-th attempt (from 1 on) did not succeed.

    2 s, 5 s, 15 s, 1 min, 5 min, 15 min, 30 min, then hourly; up to a fifth is added, by the key, so that
    letters held up together do not return together. Letters that must go now (rank 0: a
    withdrawal) wait a minute at most. What the other side asked for (`retry_after`, seconds) wins when longer.
    """
    step = float(_STEPS[min(max(attempts, 1), len(_STEPS)) - 1])
    if rank == _MUST_NOW:
        step = min(step, _MUST_NOW_MOST / (1 + _JITTER))
    step *= 1 + _JITTER * (zlib.crc32(key.encode()) % 1000) / 1000
    return timedelta(seconds=max(step, retry_after or 0.0))


def given_up(attempts: int, rank: int, first_tried: datetime, now: datetime) -> bool:
    """Whether a letter is dead: after 24 hours with 8 attempts in them, or 40 attempts unless it must go now."""
    tried_for_long = now - first_tried >= _LONGEST and attempts >= _ATTEMPTS_LEAST
    return tried_for_long or (attempts >= _ATTEMPTS_MOST and rank != _MUST_NOW)
