"""What the figures of one quarter show: of a unit, of all, of each track; whatever is too small is kept back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from domain.figures.hiding import hiding, is_small
from domain.figures.sums import NOTHING, Sum, Sums, Tally, Track
from domain.matters.evaluation import PERSON_ASKED, STAFF_ASKED

HOURS_A_DAY: Final = 24


class Seen(StrEnum):
    """What of a number is told."""

    WHOLE = "whole"
    FEW = "few"  # that it is 1 to 4
    ALL_BUT_FEW = "all_but_few"  # that 1 to 4 are missing from all
    HIDDEN = "hidden"  # nothing, since it would betray another
    NONE = "none"  # there was nothing that it could be a part of


class Reads(StrEnum):
    """How a row reads: a number, a part of another number, or a mean."""

    COUNT = "count"
    SHARE = "share"
    DAYS = "days"
    HOURS = "hours"  # kept in hours, read in days
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `name` is what is told, `of` the number that a share is a part of.

    `rests` are other numbers that could be worked out from this row and its neighbours: each the first less the others.
    """

    name: str
    reads: Reads
    of: str = ""
    rests: tuple[tuple[str, ...], ...] = ()

    @property
    def key(self) -> str:
        """The name of the row, by which its words are found: one tally may be read as a number and as a mean."""
        return self.name if self.reads in {Reads.COUNT, Reads.SHARE, Reads.POINTS} else f"{self.name}_mean"


_OF_NOTICED = ((Tally.NOTICED, Tally.DENIED, Tally.REFUSED),)
_OF_SUMMONED = (
    (Tally.SUMMONED, Tally.NAMED, Tally.DECLINED),
    (Tally.CONFIRMED, Tally.NAMED, Tally.DECLINED),
)

ROWS: Final = (
    Row(Tally.NOTICED, Reads.COUNT),
    Row(Tally.DENIED, Reads.SHARE, Tally.NOTICED, _OF_NOTICED),
    Row(Tally.REFUSED, Reads.SHARE, Tally.NOTICED, _OF_NOTICED),
    Row(Tally.FIRST_HELD, Reads.COUNT),
    Row(Tally.FIRST_HELD, Reads.DAYS),
    Row(Tally.FIRST_IN_TIME, Reads.SHARE, Tally.FIRST_HELD),
    Row(Tally.SUMMONED, Reads.COUNT),
    Row(Tally.CONFIRMED, Reads.SHARE, Tally.SUMMONED, _OF_SUMMONED),
    Row(Tally.CONFIRMED, Reads.HOURS),
    Row(Tally.NAMED, Reads.SHARE, Tally.SUMMONED, _OF_SUMMONED),
    Row(Tally.DECLINED, Reads.SHARE, Tally.SUMMONED, _OF_SUMMONED),
    Row(Tally.ABSENT, Reads.SHARE, Tally.EXPECTED),
    Row(Tally.PLAN_IN_TIME, Reads.SHARE, Tally.PLANNED),
    Row(Tally.BOOKED, Reads.SHARE, Tally.PLANNED),
    Row(Tally.FOLLOWED_UP, Reads.COUNT, rests=((Tally.FINISHED,),)),
    Row(Tally.DEVIATION, Reads.COUNT),
    Row(Tally.REMEDIED, Reads.SHARE, Tally.DEVIATION),
    Row(Tally.FELT, Reads.SHARE, Tally.ASKED_FELT),
)
"""What is told of a unit, of a track and of all, in its order (R207)."""

GROUNDS: Final = (Tally.GOALS_MET, Tally.NO_NEED, Tally.WITHDRAWN)
"""Why cases were closed (R175), told of all units together alone."""

EVALUATED: Final = tuple(Row(name, Reads.POINTS) for name in (*PERSON_ASKED, *STAFF_ASKED))
"""The means of the evaluations (R146, R147)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One number as it may be told. `count` and `of` are set where they may be read; `mean` is in days or points."""

    seen: Seen
    count: int = 0
    of: int = 0
    mean: float = 0.0


class Sheet:
    """The figures of one quarter, by unit and by track; neither is ever told by both at once."""

    def __init__(self, sums: Sums) -> None:
        self._units: _Parts = {}
        self._tracks: _Parts = {}
        self._known: dict[tuple[str, tuple[str, ...]], tuple[bool, frozenset[str], frozenset[str]]] = {}
        for key, one in sums.items():
            for parts, part in ((self._units, key.agency), (self._tracks, key.track)):
                of_name = parts.setdefault(key.name, {})
                of_name[part] = of_name.get(part, NOTHING) + one

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit of which something was counted."""
        return tuple(sorted({unit for parts in self._units.values() for unit in parts}))

    def of_unit(self, row: Row, unit: str) -> Cell:
        """Return what may be told of one unit."""
        return self._cell(row, self._units, unit)

    def of_track(self, row: Row, track: Track) -> Cell:
        """Return what may be told of one track, of all units together."""
        return self._cell(row, self._tracks, track.value)

    def of_all(self, row: Row) -> Cell:
        """Return what may be told of all units together."""
        return self._cell(row, self._units, None)

    def of_ground(self, ground: Tally) -> Cell:
        """Return how many cases were closed by a ground, of all units together."""
        closed = {each: _whole(self._units, each).count for each in GROUNDS}
        kept_back = hiding(closed)
        if ground in kept_back.parts:
            return _kept_back(closed[ground])
        return Cell(Seen.WHOLE, closed[ground])

    def _cell(self, row: Row, by: _Parts, part: str | None) -> Cell:
        mine = _of(by, row.name, part)
        if row.reads is Reads.SHARE:
            return self._share(row, by, part)
        if self._is_hidden(row.name, by, part):
            return _kept_back(mine.count)
        if any(self._is_hidden(name, by, part, less=tuple(less)) for name, *less in row.rests):
            return Cell(Seen.HIDDEN)
        if row.reads is Reads.COUNT:
            return Cell(Seen.WHOLE, mine.count)
        if not mine.count:
            return Cell(Seen.NONE)
        if row.reads is Reads.POINTS:
            return Cell(Seen.WHOLE, mine.count, mean=mine.total / mine.count)
        # Of how many it is the mean is told by other rows, which may have to keep it back.
        return Cell(Seen.WHOLE, mean=mine.total / mine.count / (HOURS_A_DAY if row.reads is Reads.HOURS else 1))

    def _share(self, row: Row, by: _Parts, part: str | None) -> Cell:
        mine, whole = _of(by, row.name, part).count, _of(by, row.of, part).count
        if self._is_hidden(row.of, by, part):
            return Cell(Seen.HIDDEN)
        if not whole:
            return Cell(Seen.NONE)
        told = ((row.name,), (row.of, row.name), *row.rests)
        if not any(self._is_hidden(name, by, part, less=tuple(less)) for name, *less in told):
            return Cell(Seen.WHOLE, mine, whole)
        if is_small(mine):
            return Cell(Seen.FEW, of=whole)
        return Cell(Seen.ALL_BUT_FEW if is_small(whole - mine) else Seen.HIDDEN, of=whole)

    def _is_hidden(self, name: str, by: _Parts, part: str | None, *, less: tuple[str, ...] = ()) -> bool:
        """Say whether a number is kept back, or what is left of it `less` others.

        When the sum of one breakdown is, so is that of the other, and all of which the two consist.
        """
        gone, units, tracks = self._hidden(name, less)
        if part is None:
            return gone
        kept_back = units if by is self._units else tracks
        return part in kept_back or (gone and _numbers(by, name, less).get(part, 0) != 0)

    def _hidden(self, name: str, less: tuple[str, ...]) -> tuple[bool, frozenset[str], frozenset[str]]:
        """Return whether the sum is kept back, and which units and tracks are; each is worked out once."""
        known = self._known.get((name, less))
        if known is None:
            units, tracks = (hiding(_numbers(each, name, less)) for each in (self._units, self._tracks))
            known = self._known[name, less] = (units.whole or tracks.whole, units.parts, tracks.parts)
        return known


_Parts: TypeAlias = dict[str, dict[str, Sum]]


def _whole(by: _Parts, name: str) -> Sum:
    return sum(by.get(name, {}).values(), NOTHING)


def _of(by: _Parts, name: str, part: str | None) -> Sum:
    return _whole(by, name) if part is None else by.get(name, {}).get(part, NOTHING)


def _numbers(by: _Parts, name: str, less: tuple[str, ...]) -> dict[str, int]:
    taken = [by.get(other, {}) for other in less]
    return {
        part: one.count - sum(other.get(part, NOTHING).count for other in taken)
        for part, one in by.get(name, {}).items()
    }


def _kept_back(number: int) -> Cell:
    return Cell(Seen.FEW if is_small(number) else Seen.HIDDEN)
