"""The six questions of a follow-up (R169): some of the plan as a whole, some of each measure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.stamp import Stamp


class Extent(StrEnum):
    """How far something holds."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Verdict(StrEnum):
    """What was found of one measure: given, to be adjusted or replaced, with effect."""

    HELPS = "helps"  # given, and has the effect that was meant
    CHANGE = "change"  # given, but to be adjusted or replaced
    PARTLY = "partly"  # given in part
    NOT_GIVEN = "not_given"
    DONE = "done"  # its goal is reached


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of the measure with this number."""

    measure: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Review:
    """The answers given at one meeting; `order` is whether the measures came in the right way and order."""

    meeting: int
    goals_met: Extent
    order: Extent
    needs_changed: bool
    measures: tuple[Found, ...]
    noted: Stamp
