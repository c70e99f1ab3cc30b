"""The calendar's costs beside their goals."""

from __future__ import annotations

from bench import calendar
from bench.measure import Result

GOALS_MS = {"build": 1.0, "read": 4.0}


def measure() -> list[Result]:
    """Return what building and wrapping one invite costs, and reading one reply."""
    return [_beside_goal(name, value, unit) for name, value, unit in calendar.measure()]


def _beside_goal(name: str, value: float, unit: str) -> Result:
    milliseconds = value / 1000 if unit in {"µs", "us"} else value
    goal = GOALS_MS["read" if "read" in name else "build"]
    return Result(name, f"{milliseconds:.3f} ms", f"<= {goal:.0f} ms", milliseconds <= goal)
