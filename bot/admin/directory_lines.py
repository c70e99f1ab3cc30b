"""Where things stand in a directory file: which line an agency, a member of staff, or one of their fields is on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HEADER = re.compile(r"\s*\[\[\s*agency\s*(\.\s*staff\s*)?\]\]")
_FIELD = re.compile(r"\s*([A-Za-z_]+)\s*=")


@dataclass(frozen=True, slots=True)
class Place:
    """A table of the file, or one field in it: which agency, counted from 0, and which of its staff, -1 for none."""

    agency: int
    staff: int = -1
    field: str = ""

    def at(self, field: str) -> Place:
        """Return the place of one field in the same table."""
        return Place(self.agency, self.staff, field)


class Lines:
    """The lines of a file, found by its headers and fields as people write them, one a line."""

    def __init__(self, text: str) -> None:
        self._numbers = _numbers(text)

    def of(self, place: Place) -> int:
        """Return the line number, counted from 1, of a field or else of its table; 0 where it is written unusually."""
        return self._numbers.get(place) or self._numbers.get(place.at(""), 0)


def _numbers(text: str) -> Mapping[Place, int]:
    numbers: dict[Place, int] = {}
    here = Place(-1)
    for number, line in enumerate(text.splitlines(), 1):
        header, field = _HEADER.match(line), _FIELD.match(line)
        if header is not None:
            here = Place(here.agency, here.staff + 1) if header[1] else Place(here.agency + 1)
            numbers[here] = number
        elif field is not None:
            numbers.setdefault(here.at(field[1]), number)
    return numbers
