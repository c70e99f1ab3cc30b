"""Swedish public holidays and the three eves, from the `holidays` library.

Two traps of the library are closed here. Its default list lacks Midsummer Eve, Christmas Eve and New Year's
Eve: they stand in the category "de_facto". And for a year it does not know it gives an empty list, which
would make every Monday to Friday a working day: such a year is an error instead.
"""

from __future__ import annotations

from datetime import date
from functools import cache

# Since 2005 Whit Monday is no holiday and the National Day is one (lag 1989:253); the library's tables end
# with 2100.
FIRST_YEAR = 2005
LAST_YEAR = 2100


def is_holiday(day: date) -> bool:
    """Whether `day` is a public holiday, Midsummer Eve, Christmas Eve or New Year's Eve.

    Ordinary Saturdays and Sundays are not: the working calendar knows weekends itself. Raises `ValueError`
    for a year outside `FIRST_YEAR` to `LAST_YEAR`.
    """
    return day in _holidays_of(day.year)


@cache
def _holidays_of(year: int) -> frozenset[date]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"holidays are known from {FIRST_YEAR} to {LAST_YEAR}")
    # Imported here because the library loads every country of the world with the first one, and most commands
    # need none.
    from holidays import country_holidays  # noqa: PLC0415

    return frozenset(country_holidays("SE", years=year, expand=False, categories=("public", "de_facto")))
