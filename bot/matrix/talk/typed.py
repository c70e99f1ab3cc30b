"""Days and times as people type them: "2/12 14.00", "torsdag 14", "imorgon", "14h", "2026-12-03"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_MONTH = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?\.?")
_DAY_NAMED_MONTH = re.compile(r"(\d{1,2})\.?\s+([^\W\d]{3,})\.?(?:\s+(\d{4}))?")
_CLOCK = re.compile(r"(?:kl\.?\s*|at\s+)?(\d{1,2})(?:\s*[:.]\s*(\d{2})|\s*(?:h|uhr|u)?)$")

_WEEKDAYS = (
    ("mån", "man", "mon"),
    ("tis", "tue"),
    ("ons", "wed"),
    ("tors", "tor", "thu"),
    ("fre", "fri"),
    ("lör", "lor", "sat"),
    ("sön", "son", "sun"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "ma", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_ENGLISH_MONTHS = {"may": 5, "oct": 10, "maj": 5}
_SOON = {"idag": 0, "i dag": 0, "today": 0, "imorgon": 1, "i morgon": 1, "imorron": 1, "tomorrow": 1}


def moment(text: str, today: date) -> tuple[date | None, time | None]:
    """Return the day and the time that a line names; either may be missing.

    A day without a year is the next one that bears it, and a weekday the next such day, never today.
    """
    line = " ".join(text.casefold().replace(",", " ").split()).removeprefix("den ").removeprefix("på ")
    day, rest = _day(line, today)
    return day, clock(rest) if rest else None


def clock(text: str) -> time | None:
    """Return a wall time: "14.00", "14:00", "14", "kl 14", "14h"."""
    found = _CLOCK.fullmatch(text.strip().casefold())
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    return time(hours, minutes) if hours < 24 and minutes < 60 else None  # noqa: PLR2004 - hours, minutes


def _day(line: str, today: date) -> tuple[date | None, str]:
    """Return the day at the beginning of a line, and what is left of it."""
    for word, days in _SOON.items():
        if line == word or line.startswith(f"{word} "):
            return today + timedelta(days=days), line[len(word) :].strip()
    weekday = _weekday(line.partition(" ")[0])
    if weekday is not None:
        rest = line.partition(" ")[2]
        found, after = _numbered(rest, today)
        if found is not None:
            return found, after
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1), rest
    return _numbered(line, today)


def _numbered(line: str, today: date) -> tuple[date | None, str]:
    if found := _ISO.match(line):
        return _valid(int(found[1]), int(found[2]), int(found[3])), line[found.end() :].strip()
    if found := _DAY_NAMED_MONTH.match(line):
        month = _month(found[2])
        if month:
            return _dated(int(found[1]), month, found[3], today), line[found.end() :].strip()
    if (found := _DAY_MONTH.match(line)) and (line[found.end() :][:1] in {"", " "}):
        day = _dated(int(found[1]), int(found[2]), found[3], today)
        # "14.00" alone is a time, not the 14th of month nought.
        return day, line[found.end() :].strip() if day else line
    return None, line


def _dated(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _valid(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004 - two digits
    coming: Sequence[date | None] = [_valid(today.year + more, month, day) for more in range(5)]
    return next((found for found in coming if found is not None and found >= today), None)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weekday(word: str) -> int | None:
    if len(word) < 3:  # noqa: PLR2004 - "to" is no weekday
        return None
    names = (number for number, starts in enumerate(_WEEKDAYS) if word.startswith(starts))
    return next(names, None)


def _month(word: str) -> int:
    if word[:3] in _ENGLISH_MONTHS:
        return _ENGLISH_MONTHS[word[:3]]
    return next((n for n, start in enumerate(_MONTHS, 1) if word.startswith(start)), 0)
