"""Named people typed one a line: "Namn, titel, e-post" (the field `others` of `summons.name`)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from domain.errors import Invalid
from domain.text.free_text import find_forbidden
from domain.text.mail_address import normal_address

MAX_LINES = 20
MAX_NAME = 80
MAX_TITLE = 80

_MIN_NAME = 2
_BETWEEN = re.compile(r"[,;\t]")
_IN_NAMES = frozenset(" -'’.")
_FEWEST_PARTS = 2


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One named person. `title` may be empty; `email` is in the form of `normal_address`."""

    name: str
    title: str
    email: str


def parse_people(text: str) -> tuple[PersonLine, ...]:
    """The people in `text`, in its order. Blank lines are skipped; the title may be left out.

    Comma, semicolon and tab part name, title and address. Raises `Invalid` at the first fault, with the
    parameter `line` (counted from 1, blank lines too) and one of the keys `people.parts`, `people.name`,
    `people.title`, `people.email`, `people.duplicate`; or, without `line` but with `most`, `people.too_many`.
    """
    people: list[PersonLine] = []
    addresses: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not _tidy(line):
            continue
        if len(people) == MAX_LINES:
            raise Invalid("people.too_many", {"most": MAX_LINES})
        person = _person(line, number)
        # The local part is compared without regard to case: no known mail system tells Anna@ from anna@.
        if person.email.lower() in addresses:
            raise _fault("duplicate", number)
        addresses.add(person.email.lower())
        people.append(person)
    return tuple(people)


def _person(line: str, number: int) -> PersonLine:
    parts = [_tidy(part) for part in _BETWEEN.split(line)]
    if len(parts) < _FEWEST_PARTS:
        raise _fault("parts", number)
    name, title, email = parts[0], ", ".join(part for part in parts[1:-1] if part), parts[-1]
    if not _is_name(name):
        raise _fault("name", number)
    if not _is_title(title):
        raise _fault("title", number)
    try:
        return PersonLine(name, title, normal_address(email))
    except Invalid as error:
        raise _fault("email", number) from error


def _tidy(text: str) -> str:
    """Composed letters, single spaces, and none of the invisible marks that come with pasted text."""
    visible = "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) != "Cf")
    return re.sub(r"[ \t\u00a0\u2007\u202f]+", " ", visible).strip(" ")


def _is_name(name: str) -> bool:
    return (
        _MIN_NAME <= len(name) <= MAX_NAME
        and name[0].isalpha()
        and all(c.isalpha() or unicodedata.category(c) == "Mn" or c in _IN_NAMES for c in name)
    )


def _is_title(title: str) -> bool:
    return len(title) <= MAX_TITLE and title.isprintable() and not find_forbidden(title)


def _fault(what: str, line: int) -> Invalid:
    return Invalid(f"people.{what}", {"line": line})
