"""What is told of the figures, and what is kept back (R207; law 4D). What that gives away is tried in test_attack."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from domain.figures.hiding import Hidden, hiding
from domain.figures.sheet import ROWS, Cell, Reads, Row, Seen, Sheet
from domain.figures.sums import Key, Sum, Tally, Track

NOTICED = Row(Tally.NOTICED, Reads.COUNT)
ABSENT = Row(Tally.ABSENT, Reads.SHARE, Tally.EXPECTED)
HIDDEN = Cell(Seen.HIDDEN)


def sheet(**counts: Mapping[tuple[str, str], int]) -> Sheet:
    """Return a sheet with these numbers, by unit and track."""
    return Sheet(
        {
            Key("2026-1", unit, track, name): Sum(count)
            for name, by in counts.items()
            for (unit, track), count in by.items()
        }
    )


def row(name: str, reads: Reads | None = None) -> Row:
    """Return the row of a number."""
    return next(each for each in ROWS if each.name == name and reads in {None, each.reads})


def test_nothing_is_kept_back_where_nothing_is_small() -> None:
    assert hiding("abc", set(), set("abc"), lambda pool: False) == Hidden(frozenset(), whole=False)


def test_neighbours_by_name_go_together_until_they_are_safe_and_at_last_the_sum() -> None:
    every = set("abcde")
    assert hiding("abcde", {"b"}, every, lambda pool: True) == Hidden(frozenset("ab"), whole=False)
    assert hiding("abcde", {"d"}, every, lambda pool: True) == Hidden(frozenset("cde"), whole=False)
    assert hiding("abcde", {"d"}, every, lambda pool: "a" in pool) == Hidden(frozenset(every), whole=False)
    assert hiding("abcde", {"a"}, {"d"}, lambda pool: True) == Hidden(frozenset("ad"), whole=False)
    assert hiding("abcde", {"a"}, every, lambda pool: False) == Hidden(frozenset(every), whole=True)


def test_a_unit_and_all_tell_whole_numbers_from_five() -> None:
    """R207."""
    made = sheet(noticed={("soc", "child"): 6, ("bup", "adult"): 7})
    assert made.of_unit(NOTICED, "soc") == Cell(Seen.WHOLE, 6)
    assert made.of_all(NOTICED) == Cell(Seen.WHOLE, 13)
    assert made.of_unit(NOTICED, "vc") == Cell(Seen.WHOLE, 0)


def test_another_goes_with_fewer_than_five_and_which_of_them_is_small_is_not_told() -> None:
    numbers = {"bup": 7, "skola": 2, "soc": 9, "vc": 6}
    made = sheet(noticed={(unit, "child"): number for unit, number in numbers.items()})
    assert made.of_unit(NOTICED, "bup") == made.of_unit(NOTICED, "skola") == HIDDEN
    assert made.of_unit(NOTICED, "vc") == Cell(Seen.WHOLE, 6)
    assert made.of_all(NOTICED) == made.of_track(NOTICED, Track.CHILD) == Cell(Seen.WHOLE, 24)


def test_a_share_is_told_when_neither_side_of_it_is_small() -> None:
    units = ("bup", "skola", "soc", "vc")
    made = sheet(
        expected={(unit, "child"): 12 for unit in units},
        absent={("bup", "child"): 2, ("skola", "child"): 5, ("soc", "child"): 6, ("vc", "child"): 7},
    )
    assert made.of_unit(ABSENT, "bup") == made.of_unit(ABSENT, "skola") == Cell(Seen.HIDDEN, of=12)
    assert made.of_unit(ABSENT, "soc") == Cell(Seen.WHOLE, 6, 12)
    assert made.of_all(ABSENT) == Cell(Seen.WHOLE, 20, 48)


def test_a_mean_is_told_of_five_at_least() -> None:
    points = Row("person.listened", Reads.POINTS)
    few = Sheet({Key("2026-1", "soc", "child", points.name): Sum(4, 16)})
    enough = Sheet({Key("2026-1", "soc", "child", points.name): Sum(5, 21)})
    assert few.of_unit(points, "soc") == HIDDEN
    assert enough.of_unit(points, "soc") == Cell(Seen.WHOLE, 5, mean=4.2)


def test_a_mean_is_told_only_where_is_told_of_how_many_it_is() -> None:
    """Two units confirm at once and after a hundred days: the mean of both would tell how many each of them were."""
    made = sheet(summoned={("bup", "adult"): 12}, confirmed={("bup", "adult"): 10})
    assert made.of_unit(row(Tally.CONFIRMED, Reads.SHARE), "bup") == Cell(Seen.HIDDEN, of=12)
    assert made.of_unit(row(Tally.CONFIRMED, Reads.HOURS), "bup") == HIDDEN


def test_how_many_meetings_were_the_last_does_not_follow_from_how_many_plans_were_made() -> None:
    """9 first meetings and 8 follow-ups, after which 15 plans were to be made: two found that no need remained."""
    made = sheet(first_held={("soc", "adult"): 9}, followed_up={("soc", "adult"): 8},
                 planned={("soc", "adult"): 15}, finished={("soc", "adult"): 2})  # fmt: skip
    assert made.of_unit(row(Tally.FOLLOWED_UP), "soc") == made.of_all(row(Tally.FOLLOWED_UP)) == HIDDEN
    assert made.of_unit(row(Tally.FIRST_HELD), "soc") == Cell(Seen.WHOLE, 9)


def test_that_few_have_declined_keeps_back_who_confirmed_and_not_who_was_named() -> None:
    made = sheet(summoned={("bup", "adult"): 30}, confirmed={("bup", "adult"): 24},
                 named={("bup", "adult"): 15}, declined={("bup", "adult"): 2})  # fmt: skip
    assert made.of_unit(row(Tally.NAMED), "bup") == Cell(Seen.WHOLE, 15, 30)
    assert made.of_unit(row(Tally.CONFIRMED), "bup") == made.of_unit(row(Tally.DECLINED), "bup")
    assert made.of_unit(row(Tally.DECLINED), "bup") == Cell(Seen.HIDDEN, of=30)


@pytest.mark.parametrize("named, declined", [(5, 5), (5, 2)])
def test_what_is_left_of_two_shares_of_one_number_is_not_small_either(named: int, declined: int) -> None:
    """12 summonses: 5 named and 5 declined would tell that 2 did not answer."""
    made = sheet(summoned={("bup", "adult"): 12}, confirmed={("bup", "adult"): 12},
                 named={("bup", "adult"): named}, declined={("bup", "adult"): declined})  # fmt: skip
    assert made.of_unit(row(Tally.DECLINED), "bup").seen is Seen.HIDDEN


def test_a_ground_of_fewer_than_five_is_kept_back() -> None:
    """R175. The sum of the grounds is told nowhere, so none follows from the others."""
    made = sheet(goals_met={("soc", "adult"): 9}, withdrawn={("soc", "adult"): 4})
    assert made.of_ground(Tally.GOALS_MET) == Cell(Seen.WHOLE, 9)
    assert made.of_ground(Tally.WITHDRAWN) == HIDDEN
    assert made.of_ground(Tally.NO_NEED) == Cell(Seen.WHOLE, 0)
