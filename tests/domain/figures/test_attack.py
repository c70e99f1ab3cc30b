"""An attacker reads all that is told of a quarter, and no number from 1 to 4 comes out (law 4D).

Small tables are put, every one that there can be, beside all others that read just the same: a number that is the same
in all of these has been told, whatever the way to it is, even to one who knows the program. For larger ones it is
enough to find, for each number that is small, one table with all the numbers that were told in which it is another.

Who looks twice, before and after something is answered, must read the same.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import pytest

from domain.figures.hiding import is_small
from domain.figures.quarter import Quarter
from domain.figures.sheet import ROWS, Cell, Seen, Sheet
from domain.figures.sums import NOTHING, Key, Sum, Sums, Tally, Track, open_on

UNITS = ("bup", "skola", "soc")
MOST = 25
Whole: TypeAlias = Mapping[str, int]


def told(sums: Sums, units: Iterable[str]) -> tuple[Cell, ...]:
    """Return all that is told by these figures, of each unit, of each track and of all."""
    sheet = Sheet(sums)
    names = {key.name for key in sums}
    rows = [row for row in ROWS if row.name in names]
    return tuple(
        cell
        for row in rows
        for cell in (
            sheet.of_all(row),
            *(sheet.of_unit(row, unit) for unit in units),
            *(sheet.of_track(row, track) for track in Track),
        )
    )


def numbers(sums: Sums, kinds: Iterable[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield each number that must not come out: of each unit, of each track and of all."""
    found: defaultdict[tuple[str, str], Sum] = defaultdict(Sum)
    for key, one in sums.items():
        for whose in (key.agency, key.track, "*"):
            found[whose, key.name] += one
    for whose in sorted({whose for whose, _ in found}):
        for kind in kinds:
            first, *less = (found.get((whose, name), NOTHING).count for name in kind)
            yield (whose, *kind), first - sum(less)


def come_out(tables: Iterable[Sums], kinds: Iterable[tuple[str, ...]]) -> list[tuple[tuple[str, ...], Sums]]:
    """Return the small numbers that are the same in all tables that read alike, each with one such table."""
    kinds, alike = tuple(kinds), defaultdict[object, list[Sums]](list)
    for table in tables:
        alike[told(table, UNITS)].append(table)
    found = []
    for tables_alike in alike.values():
        seen: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        for table in tables_alike:
            for name, number in numbers(table, kinds):
                seen[name].add(number)
        found += [(name, tables_alike[0]) for name, ways in seen.items() if len(ways) == 1 and is_small(*ways)]
    return found


def table(of_units: Mapping[str, Whole], track: str = Track.ADULT) -> dict[Key, Sum]:
    """Return figures of one track."""
    return {
        Key("2026-1", unit, track, name): Sum(count)
        for unit, counts in of_units.items()
        for name, count in counts.items()
    }


def of_each(units: Iterable[str], ways: Iterable[Whole]) -> Iterator[dict[Key, Sum]]:
    """Yield each table in which each unit has one of these counts."""
    units = tuple(units)
    for each in itertools.product(tuple(ways), repeat=len(units)):
        yield table(dict(zip(units, each, strict=True)))


def test_no_count_comes_out_of_those_of_other_units() -> None:
    every = of_each(UNITS, [{Tally.NOTICED: number} for number in range(17)])
    tables = (one for one in every if sum(each.count for each in one.values()) < 17)
    assert not come_out(tables, [(Tally.NOTICED,)])


def test_no_count_comes_out_of_units_and_tracks_together() -> None:
    """Two units, each with two tracks."""
    places = [(unit, track) for unit in UNITS[:2] for track in (Track.ADULT, Track.CHILD)]
    tables = (
        {Key("2026-1", *place, Tally.DEVIATION): Sum(count) for place, count in zip(places, counts, strict=True)}
        for counts in itertools.product(range(13), repeat=4)
        if sum(counts) < 13
    )
    assert not come_out(tables, [(Tally.DEVIATION,)])


def test_no_part_comes_out_of_its_wholes_and_the_parts_of_other_units() -> None:
    """Three units with known wholes: a part is never larger than its whole, which has told a part before."""
    ways: list[Whole] = [{Tally.EXPECTED: whole, Tally.ABSENT: part} for whole in (0, 5) for part in range(whole + 1)]
    kinds = [(Tally.EXPECTED,), (Tally.ABSENT,), (Tally.EXPECTED, Tally.ABSENT)]
    assert not come_out(of_each(UNITS, ways), kinds)


# What one thing counts for at once.
Thing: TypeAlias = tuple[str, ...]
Place: TypeAlias = tuple[str, str]
Things: TypeAlias = dict[tuple[Place, Thing], int]

NEEDS: Final[tuple[Thing, ...]] = ((Tally.NOTICED,), (Tally.NOTICED, Tally.DENIED), (Tally.NOTICED, Tally.REFUSED))
FIRST: Final[tuple[Thing, ...]] = ((Tally.FIRST_HELD,), (Tally.FIRST_HELD, Tally.FIRST_IN_TIME))
ANSWERS: Final[tuple[Thing, ...]] = (
    (Tally.SUMMONED,),
    (Tally.SUMMONED, Tally.CONFIRMED),
    (Tally.SUMMONED, Tally.CONFIRMED, Tally.NAMED),
    (Tally.SUMMONED, Tally.CONFIRMED, Tally.DECLINED),
)
MEETINGS: Final[tuple[Thing, ...]] = tuple(
    (kind, *then)
    for kind in (Tally.FIRST_HELD, Tally.FOLLOWED_UP)
    for then in ((Tally.PLANNED,), (Tally.PLANNED, Tally.BOOKED), (Tally.FINISHED,))
)
COME_OF: Final[Mapping[tuple[Thing, ...], tuple[tuple[str, ...], ...]]] = {
    NEEDS: (
        (Tally.NOTICED,), (Tally.DENIED,), (Tally.REFUSED,), (Tally.NOTICED, Tally.DENIED),
        (Tally.NOTICED, Tally.REFUSED), (Tally.NOTICED, Tally.DENIED, Tally.REFUSED),
    ),
    FIRST: ((Tally.FIRST_HELD,), (Tally.FIRST_IN_TIME,), (Tally.FIRST_HELD, Tally.FIRST_IN_TIME)),
    ANSWERS: (
        (Tally.SUMMONED,), (Tally.NAMED,), (Tally.DECLINED,), (Tally.CONFIRMED,), (Tally.SUMMONED, Tally.NAMED),
        (Tally.SUMMONED, Tally.CONFIRMED), (Tally.SUMMONED, Tally.NAMED, Tally.DECLINED),
        (Tally.CONFIRMED, Tally.NAMED, Tally.DECLINED),
    ),
    MEETINGS: (
        (Tally.FIRST_HELD,), (Tally.FOLLOWED_UP,), (Tally.PLANNED,), (Tally.FINISHED,), (Tally.BOOKED,),
        (Tally.PLANNED, Tally.BOOKED),
    ),
}  # fmt: skip
"""Of each kind of thing which numbers must not come out."""

PLACES: Final[tuple[Place, ...]] = tuple((unit, track) for unit in UNITS for track in (Track.ADULT, Track.CHILD))


def counted(things: Mapping[tuple[Place, Thing], int]) -> dict[Key, Sum]:
    """Return the figures of so many things at each place."""
    found: defaultdict[Key, Sum] = defaultdict(Sum)
    for ((unit, track), thing), count in things.items():
        for name in thing:
            found[Key("2026-1", unit, track, name)] += Sum(count)
    return dict(found)


def fits(sums: Sums, units: Iterable[str], read: tuple[Cell, ...]) -> bool:
    """Say whether these figures have every number that was read, wherever one was told."""
    have: defaultdict[tuple[str, str], int] = defaultdict(int)
    for key, one in sums.items():
        for whose in (key.agency, key.track, "*"):
            have[whose, key.name] += one.count
    names = {key.name for key in sums}
    asked = [(whose, row) for row in ROWS if row.name in names for whose in ("*", *units, *Track)]
    return all(
        (cell.seen is not Seen.WHOLE or cell.count == have[whose, row.name])
        and (not row.of or (cell.seen is Seen.HIDDEN and not cell.of) or cell.of == have[whose, row.of])
        for (whose, row), cell in zip(asked, read, strict=True)
    )


def change(before: Sums, after: Sums) -> dict[Key, Sum]:
    """Return by how much each number has grown or shrunk, leaving out those that have not."""
    more = {key: after.get(key, NOTHING).count - before.get(key, NOTHING).count for key in (*before, *after)}
    return {key: Sum(count) for key, count in more.items() if count}


def with_moves(things: Things, *moves: tuple[Place, Thing, int]) -> Things | None:
    """Return the things with some more or fewer; None where there would be fewer than none."""
    found = dict(things)
    for place, thing, more in moves:
        found[place, thing] = found.get((place, thing), 0) + more
    return found if min(found.values()) >= 0 else None


def neighbours(things: Things, kinds: tuple[Thing, ...]) -> Iterator[Things]:
    """Yield what could have been instead: things of another place, exchanged, become another, or more or fewer."""
    found: list[Things | None] = []
    for mine, yours in itertools.permutations({place[0] for place, _ in things}, 2):
        exchanged = {mine: yours, yours: mine}
        found.append({((exchanged.get(p[0], p[0]), p[1]), thing): n for (p, thing), n in things.items()})
    places = sorted({place for place, _ in things})
    for here, there in itertools.permutations(places, 2):
        for one, other in itertools.product(kinds, kinds):
            if here[1] == there[1] or here[0] == there[0]:
                found.append(with_moves(things, (here, one, -1), (there, one, 1)))
                found.append(with_moves(things, (here, one, -1), (here, other, 1), (there, other, -1), (there, one, 1)))
            else:
                across, back = (there[0], here[1]), (here[0], there[1])
                found.append(
                    with_moves(things, (here, one, -1), (across, one, 1), (there, other, -1), (back, other, 1))
                )
    for here in places:
        found += [with_moves(things, (here, one, more)) for one in kinds for more in (1, -1)]
        found += [with_moves(things, (here, one, -1), (here, other, 1)) for one in kinds for other in kinds]
    yield from (each for each in found if each is not None)


def not_hidden(things: Things, kinds: tuple[Thing, ...]) -> set[tuple[str, ...]]:
    """Return the small numbers for which no table is found that reads the same and has another."""
    units = sorted({place[0] for place, _ in things})
    mine = counted(things)
    read, have = told(mine, units), dict(numbers(mine, COME_OF[kinds]))
    small = {name for name, number in have.items() if is_small(number)}
    for moved in neighbours(things, kinds):
        if not small:
            break
        other = counted(moved)
        differ = {name for name, number in numbers(other, COME_OF[kinds]) if number != have[name]} & small
        if differ and fits(other, units, read):
            small -= differ
    return small


@pytest.mark.parametrize("kinds", list(COME_OF))
def test_for_each_small_number_there_is_a_table_that_reads_the_same_with_another(kinds: tuple[Thing, ...]) -> None:
    """R207. Random tables of one to three units, by one track or two; seeded, since shrinking them takes minutes."""
    chance = random.Random(207)
    for _ in range(MOST):
        places = chance.choice((PLACES, PLACES[:2], PLACES[::2], PLACES[:4]))
        things = {(place, kind): chance.choice((0, 0, 0, 1, 1, 2, 4, 5, 6, 12)) for place in places for kind in kinds}
        assert not not_hidden(things, kinds), things


def added(sums: Sums, more: Sums) -> dict[Key, Sum]:
    """Return figures after they have grown."""
    return {key: sums.get(key, NOTHING) + more.get(key, NOTHING) for key in (*sums, *more)}


@pytest.mark.parametrize("kinds", list(COME_OF))
def test_looks_before_and_after_a_late_answer_read_the_same(kinds: tuple[Thing, ...]) -> None:
    """R207. Whatever could have been instead comes to be so, on the first day on which the quarter is told."""
    quarter, chance = Quarter(2026, 1), random.Random(208)
    things = {(place, kind): chance.choice((1, 2, 6, 12)) for place in PLACES[:4] for kind in kinds}
    before, changed = counted(things), 0
    read = told(before, UNITS)
    for moved in chance.sample(list(neighbours(things, kinds)), 50):
        late = change(before, counted(moved))
        assert told(added(before, open_on(quarter.told_from, late)), UNITS) == read
        changed += told(added(before, open_on(quarter.last_day, late)), UNITS) != read
    # While it may still change it would have been seen to, and is not told.
    assert changed
    assert not quarter.is_told(quarter.last_day)


def at(*counts: tuple[int, ...], kinds: tuple[Thing, ...], units: tuple[str, ...] = (*UNITS, "vc")) -> Things:
    """Return so many things of each kind in each unit."""
    return {
        ((unit, Track.ADULT), kind): number
        for unit, of_unit in zip(units, counts, strict=False)
        for kind, number in zip(kinds, of_unit, strict=True)
    }


@pytest.mark.parametrize(
    "things, kinds",
    [
        # No unit has more than its whole: of 10 that are kept back skola has 6 at most, so bup has 4 at least.
        (at((16, 4), (0, 6), (10, 10), kinds=FIRST), FIRST),
        # The smallest was taken along: of 10 that are kept back skola had 6 at most, since soc with 6 is told.
        (at((4, 0, 0), (6, 0, 0), (6, 0, 0), kinds=NEEDS), NEEDS),
        # Four units with few, and few in all: each has one.
        (at((1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 0, 0), kinds=NEEDS), NEEDS),
        # Nobody followed up, so 2 of the 10 first meetings of bup were the last.
        (at((8, 0, 2, 0, 0, 0), (8, 0, 7, 0, 0, 0), kinds=MEETINGS), MEETINGS),
        # In all as many plans as meetings, so that none was the last: bup had 8 plans, 5 follow-ups and 3 first ones.
        (at((3, 0, 0, 5, 0, 0), (6, 0, 0, 5, 0, 0), (10, 0, 0, 5, 0, 0), kinds=MEETINGS), MEETINGS),
    ],
)  # fmt: skip
def test_what_once_came_out_does_so_no_more(things: Things, kinds: tuple[Thing, ...]) -> None:
    assert not not_hidden(things, kinds)
