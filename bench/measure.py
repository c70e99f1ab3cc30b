"""One measured number beside its goal and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """A line of the bench: what was measured, the value with its unit, the goal in words, and whether it was met."""

    name: str
    value: str
    goal: str
    met: bool

    def __str__(self) -> str:
        return f"{'ok ' if self.met else 'NO '} {self.name:<62} {self.value:>22}   {self.goal}"


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
