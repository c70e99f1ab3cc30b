"""What is counted, and under which key: sums that tell of no single case (R207; law 4D)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from domain.figures.quarter import Quarter


class Track(StrEnum):
    """The tracks whose samverkansledare follow what becomes of the plans (R207)."""

    ADULT = "adult"
    CHILD = "child"
    DISCHARGE = "discharge"


class Tally(StrEnum):
    """One thing that is counted; in brackets what its total adds up, where it has one."""

    NOTICED = "noticed"  # needs that were noticed, in the quarter of that day
    DENIED = "denied"  # of these: a no to start (R96)
    REFUSED = "refused"  # of these: the person said no (R80)
    FIRST_HELD = "first_held"  # first meetings (days from the need)
    FIRST_IN_TIME = "first_in_time"  # of these: within the time (R90, R91)
    SUMMONED = "summoned"  # summonses of those who owed an answer, in the quarter in which they were sent
    CONFIRMED = "confirmed"  # of these: receipt confirmed (R125; hours until then)
    NAMED = "named"  # of these: somebody was named (R128)
    DECLINED = "declined"  # of these: a no
    EXPECTED = "expected"  # obliged agencies at meetings that were held, in that quarter; not whose meeting it was
    ABSENT = "absent"  # of these: not there (R182)
    PLANNED = "planned"  # meetings after which a plan is to be sent
    PLAN_IN_TIME = "plan_in_time"  # of these: sent in time (R161)
    BOOKED = "booked"  # of these: a day for the follow-up was settled (R142)
    FOLLOWED_UP = "followed_up"  # follow-up meetings that were held
    FINISHED = "finished"  # meetings after which no need remained; not told, but it would follow from others (R141)
    GOALS_MET = "goals_met"  # closed by this ground, in the quarter of the closing (R175)
    NO_NEED = "no_need"
    WITHDRAWN = "withdrawn"
    DEVIATION = "deviation"  # deviations, for the unit that they concern (R182)
    REMEDIED = "remedied"  # of these: answered in writing (R183)
    ASKED_FELT = "asked_felt"  # persons who said how they felt about taking part (R19)
    FELT = "felt"  # of these: that they had a part in it


class Key(NamedTuple):
    """Where a number is added up: quarter ("2026-4"), unit, track, and the name of what is counted."""

    quarter: str
    agency: str
    track: str
    name: str


@dataclass(frozen=True, slots=True)
class Sum:
    """How many there were, and what their days, hours or points come to."""

    count: int = 0
    total: int = 0

    def __add__(self, other: Sum) -> Sum:
        """Return both together."""
        return Sum(self.count + other.count, self.total + other.total)


Sums: TypeAlias = Mapping[Key, Sum]
NOTHING = Sum()


def open_on(today: date, more: Sums) -> dict[Key, Sum]:
    """Return what of a change is of quarters that are not settled; whatever comes later is counted nowhere (R207)."""
    return {key: one for key, one in more.items() if not _is_settled(key, today)}


def _is_settled(key: Key, today: date) -> bool:
    quarter = Quarter.read(key.quarter)
    return quarter is not None and quarter.is_settled(today)
