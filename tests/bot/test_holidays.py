"""The library's list against the rules of 5A, computed here on their own."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from bot.holidays import FIRST_YEAR, LAST_YEAR, is_holiday

ONE_DAY = timedelta(days=1)
FRIDAY, SATURDAY = 4, 5


def easter_day(year: int) -> date:
    """Easter Day after Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    skipped, quarter = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - skipped - moon + 15) % 30
    leaps, left = divmod(rest, 4)
    weekday = (32 + 2 * quarter + 2 * leaps - epact - left) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def first(weekday: int, on_or_after: date) -> date:
    return on_or_after + ((weekday - on_or_after.weekday()) % 7) * ONE_DAY


def days_of_5a(year: int) -> set[date]:
    easter = easter_day(year)
    public = {
        date(year, 1, 1),
        date(year, 1, 6),
        easter - 2 * ONE_DAY,  # Good Friday
        easter,
        easter + ONE_DAY,
        date(year, 5, 1),
        easter + 39 * ONE_DAY,  # Ascension Day
        easter + 49 * ONE_DAY,  # Whit Sunday
        date(year, 6, 6),
        first(SATURDAY, date(year, 6, 20)),
        first(SATURDAY, date(year, 10, 31)),
        date(year, 12, 25),
        date(year, 12, 26),
    }
    return public | {first(FRIDAY, date(year, 6, 19)), date(year, 12, 24), date(year, 12, 31)}


@pytest.mark.parametrize(
    "year, expected",
    [
        (2024, date(2024, 3, 31)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_the_easter_of_this_test_is_the_almanac_s(year: int, expected: date) -> None:
    assert easter_day(year) == expected


@pytest.mark.parametrize("year", range(2024, 2041))
def test_holidays_are_those_of_lag_1989_253_and_the_three_eves(year: int) -> None:
    days = {date(year, 1, 1) + n * ONE_DAY for n in range(366)}

    assert {day for day in days if day.year == year and is_holiday(day)} == days_of_5a(year)


@pytest.mark.parametrize(
    "day",
    [date(2026, 4, 2), date(2026, 4, 30), date(2026, 1, 5), date(2026, 10, 30)],
    ids=["Maundy Thursday", "Walpurgis Night", "Twelfth Night", "eve of All Saints"],
)
def test_half_days_are_no_holidays(day: date) -> None:
    assert not is_holiday(day)


def test_whit_monday_is_no_holiday_since_2005() -> None:
    assert not is_holiday(easter_day(2026) + 50 * ONE_DAY)


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_a_year_without_a_table_is_an_error_not_a_year_without_holidays(year: int) -> None:
    with pytest.raises(ValueError, match="2005 to 2100"):
        is_holiday(date(year, 12, 25))


@pytest.mark.parametrize("year", [FIRST_YEAR, LAST_YEAR])
def test_the_first_and_the_last_year_have_their_holidays(year: int) -> None:
    assert sum(is_holiday(date(year, 1, 1) + n * ONE_DAY) for n in range(365)) == len(days_of_5a(year))


def test_the_library_is_loaded_with_the_first_question_not_before() -> None:
    program = "import sys, bot.holidays; sys.exit('holidays' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
