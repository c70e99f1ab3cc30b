"""The invented figures of the demo add up as real ones do, and tell something."""

from __future__ import annotations

import pytest

from demo.world.figures import invented
from domain.figures.quarter import Quarter
from domain.figures.sheet import EVALUATED, ROWS, Reads, Row, Seen, Sheet
from domain.figures.sums import Sum, Tally

QUARTERS = ("2026-2", "2026-3", "2026-4")
UNITS = ("bup", "fk", "skola", "soc", "vc")
CALLING = ("bup", "soc")


def sheet(quarter: str) -> Sheet:
    return Sheet({key: one for key, one in invented().items() if key.quarter == quarter})


def count(quarter: str, name: str) -> int:
    return sum((one for key, one in invented().items() if (key.quarter, key.name) == (quarter, name)), Sum()).count


def test_they_are_of_these_quarters_and_units() -> None:
    assert {key.quarter for key in invented()} == set(QUARTERS)
    assert all(Quarter.read(quarter) is not None for quarter in QUARTERS)
    assert all(sheet(quarter).units == UNITS for quarter in QUARTERS)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_nothing_is_so_small_that_it_is_kept_back(quarter: str) -> None:
    told, rows = sheet(quarter), (*ROWS, *EVALUATED)
    assert [row.key for row in rows if told.of_all(row).seen is Seen.HIDDEN] == []
    assert [(unit, row.key) for unit in UNITS for row in rows if told.of_unit(row, unit).seen is Seen.HIDDEN] == []


@pytest.mark.parametrize("quarter", QUARTERS)
def test_what_became_of_meetings_and_cases_adds_up(quarter: str) -> None:
    held = count(quarter, Tally.FIRST_HELD) + count(quarter, Tally.FOLLOWED_UP)
    assert held == count(quarter, Tally.PLANNED) + count(quarter, Tally.FINISHED)
    assert count(quarter, Tally.FINISHED) == count(quarter, Tally.GOALS_MET) + count(quarter, Tally.NO_NEED)
    for name, of in ((row.name, row.of) for row in ROWS if row.of):
        assert 0 < count(quarter, name) < count(quarter, of), name
    assert held <= count(quarter, Tally.EXPECTED) <= count(quarter, Tally.SUMMONED) <= 3 * held
    assert count(quarter, Tally.ASKED_FELT) <= held


@pytest.mark.parametrize("quarter", QUARTERS)
def test_units_and_statements_differ(quarter: str) -> None:
    told = sheet(quarter)
    means = {told.of_unit(row, unit).mean for unit in UNITS for row in ROWS if row.reads is Reads.HOURS}
    assert len(means) == len(UNITS)
    for unit in CALLING:
        points = [told.of_unit(row, unit).mean for row in EVALUATED]
        assert max(points) - min(points) > 1
        assert 1 < min(points) < max(points) < 5
    assert all(told.of_unit(Row(Tally.SUMMONED, Reads.COUNT), unit).count for unit in UNITS)


@pytest.mark.parametrize("unit", UNITS)
def test_each_quarter_is_better_than_the_one_before(unit: str) -> None:
    sheets = [sheet(quarter) for quarter in QUARTERS]
    for row in (*ROWS, *EVALUATED):
        cells = [each.of_unit(row, unit) for each in sheets]
        if row.reads in {Reads.DAYS, Reads.HOURS}:
            assert [cell.mean for cell in cells] == sorted((cell.mean for cell in cells), reverse=True), row.key
        elif row.reads is Reads.POINTS:
            assert [cell.mean for cell in cells] == sorted(cell.mean for cell in cells), row.key
    in_time = Row(Tally.CONFIRMED, Reads.SHARE, Tally.SUMMONED)
    shares = [cell.count / cell.of for cell in (each.of_unit(in_time, unit) for each in sheets)]
    assert shares == sorted(shares)
