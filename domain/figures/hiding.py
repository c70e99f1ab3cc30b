"""Small numbers are not told, and none can be worked out from those that are (law 4D).

A number from 1 to 4 may point at somebody. Where a sum is told beside its parts, what is left out of the parts can be
worked out: so the parts that are kept back are kept back several at once, and are told together only as a number that
is itself not small. It is not said which of them is small. Others are taken along by their names and never by their
size, for whoever knows that the smallest was taken knows how large it is at most.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

FEWEST: Final = 5
"""The smallest number that is told, but for none at all."""

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Hidden(Generic[T]):
    """Which parts of a sum are not told, and whether the sum itself is not, and with it no part at all."""

    parts: frozenset[T]
    whole: bool


def is_small(number: int) -> bool:
    """Say whether a number is too small to be told."""
    return 0 < number < FEWEST


def hiding(
    parts: Sequence[T], small: AbstractSet[T], others: AbstractSet[T], safe: Callable[[AbstractSet[T]], bool]
) -> Hidden[T]:
    """Return what is not told of a sum and its parts, which are in an order that does not depend on their numbers.

    They go by neighbours, two or three together: those among whom are `small` ones, and as many of the next as it takes
    to be `safe`. When they never are, the sum goes too, and all parts. `others` are those that can cover a small one.
    """
    groups = _groups([part for part in parts if part in small or part in others])
    first = next((at for at, group in enumerate(groups) if small & group), None)
    if first is None:
        return Hidden(frozenset(), whole=False)
    pool = frozenset().union(*(group for group in groups if small & group))
    for group in (*groups[first:], *groups[:first]):
        if safe(pool):
            break
        pool |= group
    return Hidden(pool, whole=False) if safe(pool) else Hidden(frozenset(parts), whole=True)


def _groups(parts: Sequence[T]) -> list[frozenset[T]]:
    """Return them by twos, and the last three together when they are odd: none is ever left alone."""
    starts = range(0, max(len(parts) - 1, 1), 2)
    return [frozenset(parts[at : at + 2] if at != starts[-1] else parts[at:]) for at in starts]
