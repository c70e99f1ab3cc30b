"""Small numbers are not told, and none can be worked out from those that are (law 4D).

A number from 1 to 4 may point at somebody. Where a sum is told beside its parts, what is left out of the parts must
leave several ways to have come about: so when one part is small, others are kept back with it, and at last the sum.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

FEWEST: Final = 5
"""The smallest number that is told, but for none at all."""

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Hidden(Generic[T]):
    """Which parts of a sum are not told, and whether the sum itself is not."""

    parts: frozenset[T]
    whole: bool


def is_small(number: int) -> bool:
    """Say whether a number is too small to be told."""
    return 0 < number < FEWEST


def hiding(parts: Mapping[T, int]) -> Hidden[T]:
    """Return what is not told of a sum and its parts.

    The small parts go, and with them the smallest of the others, until what is missing could be shared out in more
    than one way among them. Where that cannot be reached the sum goes too, and then every part of which it consists.
    """
    small = [name for name, number in parts.items() if is_small(number)]
    others = sorted(
        (name for name, number in parts.items() if number >= FEWEST), key=lambda one: (parts[one], str(one))
    )
    beside: list[T] = []
    while small and _betrays(parts, small, beside) and len(beside) < len(others):
        beside = others[: len(beside) + 1]
    if is_small(sum(parts.values())) or (small and _betrays(parts, small, beside)):
        return Hidden(frozenset(name for name, number in parts.items() if number), whole=True)
    return Hidden(frozenset((*small, *beside)), whole=False)


def _betrays(parts: Mapping[T, int], small: list[T], beside: list[T]) -> bool:
    """Say whether what is missing can be shared out in one way only, when each small part is known to be 1 to 4."""
    missing = sum(parts[name] for name in (*small, *beside))
    least = len(small) + FEWEST * len(beside)
    most = (FEWEST - 1) * len(small)
    return missing < FEWEST or missing == least or (not beside and missing == most)
