"""The run sheet of a meeting: what its chair ticks off, one thing after the other (R135-R137, R140-R144, R149)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.stamp import Stamp


class Point(StrEnum):
    """One thing on the run sheet, in the order in which it comes."""

    CONSENT = "consent"  # R135, R74
    SECRECY = "secrecy"  # R135, R73
    FRAME = "frame"  # purpose, background, questions and time (R135)
    SCREEN = "screen"  # the checks of a meeting on screen (R149)
    PRESENT = "present"  # today, the person first (R136)
    NEEDS = "needs"  # the person's goals and needs, the others' view (R137)
    DECISIONS = "decisions"  # measures, huvudansvarig, follow-up, channel of the plan, an oral yes (R138-R144)


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that is done: which, by whom and when."""

    point: Point
    done: Stamp


def points(*, on_screen: bool) -> tuple[Point, ...]:
    """Return what stands on the sheet; the checks of the screen only where somebody takes part by one."""
    return tuple(point for point in Point if on_screen or point is not Point.SCREEN)
