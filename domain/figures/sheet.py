"""What the figures of one quarter show: of a unit, of all, of each track; whatever is too small is kept back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

from domain.figures.family import Family, Number, family_of
from domain.figures.hiding import Hidden, hiding, is_small
from domain.figures.sums import NOTHING, Sum, Sums, Tally, Track
from domain.matters.evaluation import PERSON_ASKED, STAFF_ASKED

HOURS_A_DAY: Final = 24


class Seen(StrEnum):
    """What of a number is told. Whether one that is kept back is small or stands beside a small one is not."""

    WHOLE = "whole"
    HIDDEN = "hidden"
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
    """One row: `name` is what is told, `of` the number that a share is a part of."""

    name: str
    reads: Reads
    of: str = ""

    @property
    def key(self) -> str:
        """The name of the row, by which its words are found: one tally may be read as a number and as a mean."""
        return self.name if self.reads in {Reads.COUNT, Reads.SHARE, Reads.POINTS} else f"{self.name}_mean"


ROWS: Final = (
    Row(Tally.NOTICED, Reads.COUNT),
    Row(Tally.DENIED, Reads.SHARE, Tally.NOTICED),
    Row(Tally.REFUSED, Reads.SHARE, Tally.NOTICED),
    Row(Tally.FIRST_HELD, Reads.COUNT),
    Row(Tally.FIRST_HELD, Reads.DAYS),
    Row(Tally.FIRST_IN_TIME, Reads.SHARE, Tally.FIRST_HELD),
    Row(Tally.SUMMONED, Reads.COUNT),
    Row(Tally.CONFIRMED, Reads.SHARE, Tally.SUMMONED),
    Row(Tally.CONFIRMED, Reads.HOURS),
    Row(Tally.NAMED, Reads.SHARE, Tally.SUMMONED),
    Row(Tally.DECLINED, Reads.SHARE, Tally.SUMMONED),
    Row(Tally.ABSENT, Reads.SHARE, Tally.EXPECTED),
    Row(Tally.PLAN_IN_TIME, Reads.SHARE, Tally.PLANNED),
    Row(Tally.BOOKED, Reads.SHARE, Tally.PLANNED),
    Row(Tally.FOLLOWED_UP, Reads.COUNT),
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
        self._cells: _Parts[tuple[str, str]] = {}
        self._units: _Parts[str] = {}
        self._tracks: _Parts[str] = {}
        self._all: dict[str, Sum] = {}
        self._known: dict[Family, _Kept] = {}
        for key, one in sums.items():
            for of_part in (
                self._cells.setdefault((key.agency, key.track), {}),
                self._units.setdefault(key.agency, {}),
                self._tracks.setdefault(key.track, {}),
                self._all,
            ):
                of_part[key.name] = of_part.get(key.name, NOTHING) + one

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit of which something was counted."""
        return tuple(sorted(self._units))

    def of_unit(self, row: Row, unit: str) -> Cell:
        """Return what may be told of one unit."""
        return _cell(row, self._units.get(unit, {}), lambda family: self._kept(family).has_unit(unit))

    def of_track(self, row: Row, track: Track) -> Cell:
        """Return what may be told of one track, of all units together."""
        return _cell(row, self._tracks.get(track, {}), lambda family: self._kept(family).has_track(track))

    def of_all(self, row: Row) -> Cell:
        """Return what may be told of all units together."""
        return _cell(row, self._all, lambda family: self._kept(family).whole)

    def of_ground(self, ground: Tally) -> Cell:
        """Return how many cases were closed by a ground, of all units together; their sum is told nowhere."""
        closed = self._all.get(ground, NOTHING).count
        return Cell(Seen.HIDDEN) if is_small(closed) else Cell(Seen.WHOLE, closed)

    def _kept(self, family: Family) -> _Kept:
        """Return what of a family is kept back; it is worked out once."""
        known = self._known.get(family)
        if known is None:
            above = self._kept(family_of(family.inside)) if family.inside else _TOLD
            units = self._hiding(family, self._units, above.units)
            tracks = self._hiding(family, self._tracks, above.tracks)
            whole = above.whole or units.whole or tracks.whole
            known = self._known[family] = _Kept(whole, units.parts, tracks.parts)
        return known

    def _hiding(self, family: Family, by: _Parts[str], above: frozenset[str]) -> Hidden[str]:
        small = {
            part
            for part, sums in by.items()
            if part in above or any(is_small(_number(sums, number)) for number in family.numbers)
        }
        # A part in which there is nothing that could be otherwise covers no other.
        able = {part for part, sums in by.items() if not family.of or _number(sums, family.of)}

        def safe(pool: AbstractSet[str]) -> bool:
            if len(able.intersection(pool)) < _ENOUGH:
                return False
            if any(is_small(sum(_number(by[part], number) for part in pool)) for number in family.numbers):
                return False
            return (
                not family.both or small == above or self._could_be_both(family.both, pool, of_units=by is self._units)
            )

        return hiding(sorted(by), small, able, safe)

    def _could_be_both(self, both: tuple[str, str], pool: AbstractSet[str], *, of_units: bool) -> bool:
        """Say whether something in these parts could have counted for both numbers at once, and be another part's."""
        return any(
            all(sums.get(name, NOTHING).count for name in both)
            for (unit, track), sums in self._cells.items()
            if (unit if of_units else track) in pool
        )


_T = TypeVar("_T")
_Parts: TypeAlias = dict[_T, dict[str, Sum]]

# One part that is kept back follows from the sum and the others.
_ENOUGH: Final = 2


@dataclass(frozen=True, slots=True)
class _Kept:
    """What of a family is kept back: with the whole every part."""

    whole: bool = False
    units: frozenset[str] = frozenset()
    tracks: frozenset[str] = frozenset()

    def has_unit(self, unit: str) -> bool:
        return self.whole or unit in self.units

    def has_track(self, track: str) -> bool:
        return self.whole or track in self.tracks


_TOLD: Final = _Kept()


def _number(sums: Mapping[str, Sum], number: Number) -> int:
    first, *less = (sums.get(name, NOTHING).count for name in number)
    return first - sum(less)


def _cell(row: Row, sums: Mapping[str, Sum], is_kept: Callable[[Family], bool]) -> Cell:
    mine, hidden = sums.get(row.name, NOTHING), is_kept(family_of(row.name))
    if row.reads is Reads.SHARE:
        whole = sums.get(row.of, NOTHING).count
        if is_kept(family_of(row.of)):
            return Cell(Seen.HIDDEN)
        if not whole:
            return Cell(Seen.NONE)
        return Cell(Seen.HIDDEN, of=whole) if hidden else Cell(Seen.WHOLE, mine.count, whole)
    if hidden:
        return Cell(Seen.HIDDEN)
    if row.reads is Reads.COUNT:
        return Cell(Seen.WHOLE, mine.count)
    if not mine.count:
        return Cell(Seen.NONE)
    mean = mine.total / mine.count
    return Cell(Seen.WHOLE, mine.count, mean=mean / HOURS_A_DAY if row.reads is Reads.HOURS else mean)
