"""Swedish holidays by name: for the month view, and to be jumped to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal, TypeAlias

from demo.world.texts import Language

Feast: TypeAlias = Literal["easter", "midsummer", "christmas"]

_LIBRARY_LANGUAGE: Mapping[Language, str] = {"sv": "sv", "en": "en_US"}
_FIRST_DAY: Mapping[Feast, str] = {"easter": "Långfredagen", "midsummer": "Midsommarafton", "christmas": "Julafton"}


@cache
def holidays_of(year: int, language: Language) -> Mapping[date, str]:
    """Return the names of a year's holidays and eves, but not of ordinary Sundays."""
    from holidays import country_holidays  # noqa: PLC0415 - it loads every country of the world

    found = country_holidays(
        "SE", years=year, expand=False, categories=("public", "de_facto"), language=_LIBRARY_LANGUAGE[language]
    )
    return {day: found[day] for day in found}


def first_day(feast: Feast, after: date) -> date:
    """Return the first day off of the next feast after a day: Good Friday, Midsummer Eve or Christmas Eve."""
    name = _FIRST_DAY[feast]
    days = [
        day for year in (after.year, after.year + 1) for day, held in holidays_of(year, "sv").items() if name in held
    ]
    return min(day for day in days if day > after)
