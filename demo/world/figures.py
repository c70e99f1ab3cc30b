"""Invented figures of quarters past, so that statistics have something to show beside a visitor's own few cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from domain.figures.sums import Key, Sum, Tally
from domain.matters.evaluation import PERSON_ASKED, STAFF_ASKED

_QUARTERS: Final = ("2026-2", "2026-3", "2026-4")

COUNTED_ON: Final = date(2026, 6, 30)
"""A day on which none of them had settled."""

# For each unit that opens cases: how many of each, and what their days, hours or points come to.
_OPENING: Final[Mapping[str, tuple[int, int]]] = {
    Tally.NOTICED: (24, 0),
    Tally.DENIED: (2, 0),
    Tally.FIRST_HELD: (18, 18 * 26),
    Tally.FIRST_IN_TIME: (12, 0),
    Tally.PLANNED: (17, 0),
    Tally.PLAN_IN_TIME: (11, 0),
    Tally.BOOKED: (12, 0),
    Tally.FOLLOWED_UP: (9, 0),
    Tally.FINISHED: (10, 0),
    Tally.GOALS_MET: (6, 0),
    Tally.NO_NEED: (5, 0),
    Tally.WITHDRAWN: (5, 0),
    Tally.ASKED_FELT: (14, 0),
    Tally.FELT: (9, 0),
    **dict.fromkeys(PERSON_ASKED, (14, 14 * 4)),
    **dict.fromkeys(STAFF_ASKED, (31, 31 * 4 - 9)),
}
_ASKED: Final[Mapping[str, tuple[int, int]]] = {
    Tally.SUMMONED: (30, 0),
    Tally.CONFIRMED: (24, 24 * 40),
    Tally.NAMED: (18, 0),
    Tally.EXPECTED: (18, 0),
    Tally.ABSENT: (5, 0),
    Tally.DEVIATION: (5, 0),
    Tally.REMEDIED: (5, 0),
}


def invented() -> dict[Key, Sum]:
    """Return sums of three quarters, a little better in each; none of them is about anybody."""
    units = (("soc", _OPENING), ("bup", _OPENING), ("bup", _ASKED), ("skola", _ASKED), ("fk", _ASKED))
    return {
        Key(quarter, unit, track, name): Sum(count + at, total)
        for at, quarter in enumerate(_QUARTERS)
        for unit, table in units
        for track in ("child", "adult")
        for name, (count, total) in table.items()
    }
