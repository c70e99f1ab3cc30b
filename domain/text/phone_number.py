"""Phone numbers as people in Sweden write them, found in running text.

Numbering plan: an area code begins with 0 and has two (08), three or four digits; 07x are mobiles. A time
("08.15-16.30", "0815-1630"), a date ("08-12-2026") and a record number ("2026/0812345") also hold zeros and
hyphens: they are told from a phone number by how its digits are grouped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# Where one may begin: not inside a word, a date or a time, and with at least eight digits ahead. (The set
# comes first and looks back, so that the search skips everything else at once.)
# A small letter that is no digit of an id ends a word such as "tel" or "mobil", which people write together with it.
_START = re.compile(
    r"[+0(](?<![0-9A-Za-f][+0(])(?<![A-Z][a-z][+0(])(?<![0-9][-./:][+0(])"
    r"(?:(?<=0)(?:[^\w\n\0]|_){0,6}(?:[0-9](?:[^\w\n\0]|_){0,6}){6}[0-9]"
    r"|(?<!0)[ (]{0,2}[0-9](?:(?:[^\w\n\0]|_){0,6}[0-9]){7})"
)
# What a number may not go on with: a digit, or letters and a digit as in an id. Letters alone hide nothing.
_END = r"(?![0-9]|[A-Za-z]+[0-9])"

# +46 and 0046, with or without a zero in brackets; any other country after a plus sign.
_INTERNATIONAL = re.compile(
    r"(?:(?:\+|00) ?46[ ._*-]{0,3}(?:\(0\))?(?:[ ._*-]{0,3}[0-9]){7,10}|\+ ?[1-9](?:[ .()_*/-]{0,3}[0-9]){7,14})" + _END
)
_MOBILE = re.compile(r"\(?07[0-9]\)?((?:(?:[^\w\n\0]|_){0,3}[0-9]){7})" + _END)
# Two by two or one by one, with the same mark between all: no other way to write a mobile breaks up its 07x.
_MOBILE_IN_PAIRS = re.compile(
    r"07(?P<mark>(?:[^\w\n\0:]|_){1,3})[0-9]{2}(?:(?P=mark)[0-9]{2}){3}(?!(?P=mark)[0-9])" + _END
)
_MOBILE_IN_DIGITS = re.compile(r"0(?P<mark>(?:[^\w\n\0]|_){1,3})7(?:(?P=mark)[0-9]){8}(?!(?P=mark)[0-9])" + _END)
_AREA_CODE = re.compile(r"\(?(0(?:8|1[0136789]|2[0136]|3[1356]|4[0246]|54|6[03]|90|[1-69][0-9]{2}))\)?")
# How many digits may follow a landline's area code, the most first, by the number of digits in the code.
_AFTER_AREA_CODE = {2: (8, 7, 6), 3: (7, 6, 5), 4: (6, 5)}
_LANDLINE = {
    count: re.compile(rf"([ -]{{0,3}}[1-9](?:[ -]{{0,3}}[0-9]){{{count - 1}}})" + _END) for count in (5, 6, 7, 8)
}
_DATE_IN_DIGITS = re.compile(r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}(?![0-9])")

_DIGITS = re.compile(r"[0-9]+")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[^0-9]+")
_LONGEST_GROUP, _YEAR = 3, 4


def find_phones(text: str) -> Iterator[tuple[int, int]]:
    """Where phone numbers stand in `text`, as (start, end), in order. Digits are expected in ASCII."""
    position = 0
    while found := _START.search(text, position):
        end = _end_of_phone(text, found.start())
        if end:
            yield found.start(), end
            # Blanked, so that another number right after a slash or hyphen is not taken for its continuation.
            text = "\0" * end + text[end:]
        position = end or found.start() + 1


def _end_of_phone(text: str, start: int) -> int:
    """Where the phone number that begins at `start` ends; 0 if there is none."""
    if international := _INTERNATIONAL.match(text, start):
        return international.end()
    mobile = _MOBILE.match(text, start)
    if mobile:
        return mobile.end() if _is_grouped_as_mobile(mobile[1]) else 0
    if one_by_one := _MOBILE_IN_DIGITS.match(text, start):
        return one_by_one.end()
    pairs = _MOBILE_IN_PAIRS.match(text, start)
    if pairs:
        return pairs.end() if not _is_another_row(_DIGITS.findall(pairs[0])) else 0
    return _end_of_landline(text, start)


def _end_of_landline(text: str, start: int) -> int:
    area = _AREA_CODE.match(text, start)
    if area is None or _DATE_IN_DIGITS.match(text, start):
        return 0
    for count in _AFTER_AREA_CODE[len(area[1])]:
        subscriber = _LANDLINE[count].match(text, area.end())
        if subscriber and _is_grouped_as_landline(subscriber[1]):
            return subscriber.end()
    return 0


def _is_grouped_as_mobile(digits: str) -> bool:
    """Groups of at most three digits, but for the last: 174 06 05, 1-740605; not 0-0830 12, a time.

    Behind a separated 07x any groups will do, but for a year: 070-2026-123 is a record.
    """
    groups = _DIGITS.findall(digits)
    if not digits[0].isdigit():
        return not any(len(group) == _YEAR and group[:2] in {"19", "20"} for group in groups)
    return all(len(group) <= _LONGEST_GROUP for group in groups[:-1])


def _is_another_row(pairs: list[str]) -> bool:
    """Whether five pairs of digits that begin with 07 are a list, which rises, or a day and a time: 07 01 27 10 30."""
    month, year, hour, minute = map(int, pairs[1:])
    rises = all(a < b for a, b in pairwise(pairs))
    return rises or (1 <= month <= 12 and 20 <= year <= 49 and hour <= 23 and minute <= 59)  # noqa: PLR2004


def _is_grouped_as_landline(digits: str) -> bool:
    """One group, or groups of at most three digits with the same between them; not 1030 11 or 12-2026."""
    groups = _DIGITS.findall(digits)
    alike = len(set(_BETWEEN_DIGITS.findall(digits))) <= 1
    return len(groups) == 1 or (alike and all(len(group) <= _LONGEST_GROUP for group in groups))
