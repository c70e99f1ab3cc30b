"""No small number is told, and none follows from those that are (law 4D): an attacker is played who tries all."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping

from domain.figures.hiding import FEWEST, hiding, is_small
from domain.figures.sheet import ROWS, Cell, Reads, Row, Seen, Sheet
from domain.figures.sums import Key, Sum, Tally, Track

UNITS = ("bup", "skola", "soc", "vc")
NOTICED = Row(Tally.NOTICED, Reads.COUNT)
ABSENT = Row(Tally.ABSENT, Reads.SHARE, Tally.EXPECTED)


def ways(parts: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
    """Yield every way in which the parts that are kept back can add up to what is missing from the sum."""
    kept = hiding(parts).parts
    missing = sum(parts[name] for name in kept)
    spans = [range(1, FEWEST) if is_small(parts[name]) else range(FEWEST, missing + 1) for name in kept]
    yield from (way for way in itertools.product(*spans) if sum(way) == missing)


def test_a_small_number_never_stands_alone_nor_follows_from_the_sum() -> None:
    """Whoever knows the sum, all parts that are told, and which parts are small, still finds more than one way."""
    for numbers in itertools.product((0, 1, 2, 4, 5, 7, 12), repeat=4):
        parts = dict(zip(UNITS, numbers, strict=True))
        found = hiding(parts)
        assert all(name in found.parts for name, number in parts.items() if is_small(number))
        if any(map(is_small, numbers)) and not found.whole:
            assert len(list(itertools.islice(ways(parts), 2))) == 2, parts
        if is_small(sum(numbers)):
            assert found.whole


def test_what_need_not_be_kept_back_is_told() -> None:
    assert not hiding({"bup": 5, "soc": 12, "vc": 0}).parts
    assert hiding({"bup": 2, "soc": 12, "vc": 6, "skola": 0}).parts == {"bup", "vc"}


def test_when_nothing_can_stand_beside_a_small_part_the_sum_goes_too() -> None:
    """All of 5 from five units, one each: whoever knew the sum would know them all."""
    found = hiding({str(unit): 1 for unit in range(5)})
    assert found.whole


def sheet(**counts: Mapping[tuple[str, str], int]) -> Sheet:
    """Return a sheet with these numbers, by unit and track."""
    return Sheet(
        {
            Key("2026-1", unit, track, name): Sum(count)
            for name, by in counts.items()
            for (unit, track), count in by.items()
        }
    )


def test_a_unit_and_all_tell_whole_numbers_from_five() -> None:
    """R207."""
    made = sheet(noticed={("soc", "child"): 6, ("bup", "adult"): 7})
    assert made.of_unit(NOTICED, "soc") == Cell(Seen.WHOLE, 6)
    assert made.of_all(NOTICED) == Cell(Seen.WHOLE, 13)
    assert made.of_unit(NOTICED, "vc") == Cell(Seen.WHOLE, 0)


def test_fewer_than_five_are_few_and_the_next_smallest_goes_with_them() -> None:
    made = sheet(noticed={("soc", "child"): 2, ("bup", "child"): 7, ("vc", "child"): 9})
    assert made.of_unit(NOTICED, "soc") == Cell(Seen.FEW)
    assert made.of_unit(NOTICED, "bup") == Cell(Seen.HIDDEN)
    assert made.of_unit(NOTICED, "vc") == Cell(Seen.WHOLE, 9)
    assert made.of_all(NOTICED) == Cell(Seen.WHOLE, 18)


def test_a_share_is_told_when_neither_side_of_it_is_small() -> None:
    made = sheet(
        expected={("soc", "child"): 12, ("bup", "child"): 12, ("vc", "child"): 12, ("skola", "child"): 12},
        absent={("soc", "child"): 6, ("bup", "child"): 2, ("vc", "child"): 11, ("skola", "child"): 5},
    )
    assert made.of_unit(ABSENT, "bup") == Cell(Seen.FEW, of=12)
    assert made.of_unit(ABSENT, "vc") == Cell(Seen.ALL_BUT_FEW, of=12)
    assert made.of_unit(ABSENT, "skola") == Cell(Seen.HIDDEN, of=12)
    assert made.of_all(ABSENT) == Cell(Seen.WHOLE, 24, 48)


def test_a_mean_is_told_of_five_at_least() -> None:
    row = Row("person.listened", Reads.POINTS)
    few = Sheet({Key("2026-1", "soc", "child", row.name): Sum(4, 16)})
    enough = Sheet({Key("2026-1", "soc", "child", row.name): Sum(5, 21)})
    assert few.of_unit(row, "soc").seen is Seen.FEW
    assert enough.of_unit(row, "soc") == Cell(Seen.WHOLE, 5, mean=4.2)


def test_a_mean_does_not_tell_of_how_many_it_is() -> None:
    """How many have confirmed is kept back where it would tell how few have not; so the mean must not say it."""
    confirmed = {row.reads: row for row in ROWS if row.name == Tally.CONFIRMED}
    made = sheet(summoned={("bup", "adult"): 12}, confirmed={("bup", "adult"): 10})
    assert made.of_unit(confirmed[Reads.SHARE], "bup") == Cell(Seen.ALL_BUT_FEW, of=12)
    assert made.of_unit(confirmed[Reads.HOURS], "bup").count == 0


def test_how_many_meetings_were_the_last_does_not_follow_from_how_many_plans_were_made() -> None:
    """9 first meetings and 8 follow-ups, after which 15 plans were to be made: two found that no need remained."""
    row = next(row for row in ROWS if row.name == Tally.FOLLOWED_UP)
    made = sheet(first_held={("soc", "adult"): 9}, followed_up={("soc", "adult"): 8},
                 planned={("soc", "adult"): 15}, finished={("soc", "adult"): 2})  # fmt: skip
    assert made.of_unit(row, "soc") == made.of_all(row) == Cell(Seen.HIDDEN)


def test_what_is_left_of_two_shares_of_one_number_is_not_small_either() -> None:
    """12 summonses: 5 named and 5 declined would tell that 2 did not answer."""
    row = next(row for row in ROWS if row.name == Tally.NAMED)
    made = sheet(summoned={("bup", "adult"): 12}, confirmed={("bup", "adult"): 12},
                 named={("bup", "adult"): 5}, declined={("bup", "adult"): 5})  # fmt: skip
    assert made.of_unit(row, "bup").seen is Seen.HIDDEN


def test_units_tracks_and_the_whole_never_betray_each_other() -> None:
    """R207. Random counts: in each breakdown that is told, whatever is missing has more than one way to come about."""
    chance = random.Random(207)
    for _ in range(300):
        by = {(unit, track.value): chance.choice((0, 0, 1, 2, 5, 9)) for unit in UNITS for track in Track}
        made = sheet(noticed=by)
        whole = made.of_all(NOTICED)
        for cells, numbers in (
            (
                [made.of_unit(NOTICED, unit) for unit in UNITS],
                [sum(n for (u, _), n in by.items() if u == unit) for unit in UNITS],
            ),
            (
                [made.of_track(NOTICED, track) for track in Track],
                [sum(n for (_, t), n in by.items() if t == track) for track in Track],
            ),
        ):
            missing = [number for cell, number in zip(cells, numbers, strict=True) if cell.seen is not Seen.WHOLE]
            assert not [n for cell, n in zip(cells, numbers, strict=True) if is_small(n) and cell.seen is Seen.WHOLE]
            if whole.seen is Seen.WHOLE:
                assert not missing or (sum(missing) >= FEWEST and len(missing) > 1)
            else:
                assert not [n for cell, n in zip(cells, numbers, strict=True) if cell.seen is Seen.WHOLE and n]
