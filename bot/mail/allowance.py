"""How many mails one sender or one token may bring in a span of time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic


class Allowance:
    """A bucket per key: `burst` at once, then one more every `every` seconds.

    Keeps the `remembered` keys used last, so strangers cannot fill the memory by using a new name each time.
    """

    def __init__(
        self, burst: int, every: float, *, remembered: int = 10_000, clock: Callable[[], float] = monotonic
    ) -> None:
        self._burst = burst
        self._every = every
        self._remembered = remembered
        self._clock = clock
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._free_at)

    def take(self, key: str) -> bool:
        """Takes one from the key's bucket; False when it is empty."""
        now = self._clock()
        # The instant at which the bucket is full again; each use moves it on by one filling.
        full_at = max(self._free_at.pop(key, now), now) + self._every
        allowed = full_at - now <= self._burst * self._every
        self._free_at[key] = full_at if allowed else full_at - self._every
        if len(self._free_at) > self._remembered:
            self._free_at.popitem(last=False)
        return allowed
