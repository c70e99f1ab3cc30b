"""Invented figures of quarters past, so that statistics have something to show beside a visitor's own few cases.

They add up as real ones do: whoever looks from the meetings to the plans, or from one unit to all, finds the same.
None is so small that it would be kept back, and each quarter is a little better than the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from domain.figures.sums import Key, Sum, Tally
from domain.matters.evaluation import PERSON_ASKED, STAFF_ASKED

_Part: TypeAlias = tuple[str, str]
"""A unit and a track."""

COUNTED_ON: Final = date(2026, 6, 30)
"""A day on which none of them had settled."""

# How many steps each is away from the middle one, whose numbers stand below.
_QUARTERS: Final = {"2026-2": -1, "2026-3": 0, "2026-4": 1}

_OF_MEETINGS: Final = (
    Tally.NOTICED,
    Tally.DENIED,
    Tally.REFUSED,
    Tally.FIRST_HELD,
    Tally.FIRST_IN_TIME,
    Tally.FOLLOWED_UP,
    Tally.FINISHED,
    Tally.PLANNED,
    Tally.PLAN_IN_TIME,
    Tally.BOOKED,
    Tally.ASKED_FELT,
    Tally.FELT,
    Tally.GOALS_MET,
    Tally.NO_NEED,
    Tally.WITHDRAWN,
)
_CALLED: Final[Mapping[_Part, tuple[int, ...]]] = {
    ("soc", "child"): (26, 6, 0, 16, 11, 10, 0, 26, 21, 20, 14, 9, 0, 0, 0),
    ("soc", "adult"): (20, 0, 5, 15, 10, 9, 8, 16, 11, 11, 14, 9, 8, 0, 5),
    ("bup", "child"): (24, 0, 5, 17, 9, 11, 6, 22, 12, 15, 16, 9, 0, 6, 0),
}

_OF_SUMMONSES: Final = (
    Tally.SUMMONED,
    Tally.CONFIRMED,
    Tally.NAMED,
    Tally.DECLINED,
    Tally.EXPECTED,
    Tally.ABSENT,
    Tally.DEVIATION,
    Tally.REMEDIED,
)
_ASKED: Final[Mapping[_Part, tuple[int, ...]]] = {
    ("soc", "child"): (24, 24, 19, 0, 22, 0, 0, 0),
    ("bup", "child"): (30, 25, 18, 0, 28, 5, 5, 5),
    ("skola", "child"): (48, 40, 30, 5, 44, 6, 0, 0),
    ("vc", "adult"): (32, 19, 12, 0, 30, 11, 12, 7),
    ("fk", "adult"): (26, 21, 10, 6, 24, 9, 7, 7),
}

# By so many more there are in each quarter. What is a share grows as its whole does, so that more of it is in time.
_MORE: Final[Mapping[str, int]] = {
    **dict.fromkeys((Tally.NOTICED, Tally.FIRST_HELD, Tally.FIRST_IN_TIME, Tally.ASKED_FELT, Tally.FELT), 2),
    Tally.FOLLOWED_UP: 1,
    **dict.fromkeys((Tally.PLANNED, Tally.PLAN_IN_TIME, Tally.BOOKED), 3),
    **dict.fromkeys((Tally.SUMMONED, Tally.CONFIRMED, Tally.NAMED, Tally.EXPECTED), 3),
}

# Days from the need to the first meeting, and hours until a summons is confirmed, in the mean.
_DAYS: Final[Mapping[_Part, int]] = {("soc", "child"): 23, ("soc", "adult"): 27, ("bup", "child"): 32}
_HOURS: Final[Mapping[str, int]] = {"soc": 14, "bup": 40, "skola": 29, "vc": 96, "fk": 64}

# Tenths of points that each statement has in the mean, in the order in which they are asked; and how many answered.
_POINTS: Final[Mapping[str, tuple[int, ...]]] = {
    "soc": (44, 39, 43, 36, 33, 41, 42, 37, 31, 40, 38, 43),
    "bup": (41, 43, 45, 34, 38, 32, 36, 39, 34, 44, 33, 35),
}
_PERSONS: Final = {"soc": 26, "bup": 14}
_STAFF: Final = {"soc": 61, "bup": 34}


def invented() -> dict[Key, Sum]:
    """Return sums of three quarters; none of them is about anybody."""
    return {key: one for quarter, step in _QUARTERS.items() for key, one in _of_quarter(quarter, step)}


def _of_quarter(quarter: str, step: int) -> Iterator[tuple[Key, Sum]]:
    for names, table in ((_OF_MEETINGS, _CALLED), (_OF_SUMMONSES, _ASKED)):
        for (unit, track), counts in table.items():
            for name, count in zip(names, counts, strict=True):
                there = count + step * _MORE.get(name, 0) if count else 0
                yield Key(quarter, unit, track, name), Sum(there, there * _mean(name, (unit, track), step))
    for unit, points in _POINTS.items():
        for statement, tenths in zip((*PERSON_ASKED, *STAFF_ASKED), points, strict=True):
            answers = (_PERSONS if statement in PERSON_ASKED else _STAFF)[unit] + 2 * step
            yield Key(quarter, unit, "child", statement), Sum(answers, round(answers * (tenths + step) / 10))


def _mean(name: str, part: _Part, step: int) -> int:
    if name == Tally.FIRST_HELD:
        return _DAYS[part] - step
    return _HOURS[part[0]] - 2 * step if name == Tally.CONFIRMED else 0
