"""Reading a submitted form: every value is hostile until it has become a typed one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from domain.days import may_concern_a_case
from domain.problem import Problem
from domain.text.free_text import find_forbidden, find_forbidden_in_link
from domain.text.place import REFUSED, suspicions
from domain.text.typed import cleaned
from handlers.ui.branches import Branches, is_asked, without_unasked
from handlers.ui.forms import Values

E = TypeVar("E", bound=StrEnum)

LONGEST_TEXT = 300

DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
CLOCK = re.compile(r"\d{1,2}[:.]\d{2}", re.ASCII)


class FormData:
    """Typed values out of a form, collecting what is wrong. A field that is wrong or not asked reads as absent."""

    def __init__(
        self, values: Values, picked: Callable[[str], str] = str, branches: Branches = MappingProxyType({})
    ) -> None:
        """`picked` gives the identity by which the directory knows somebody who was picked.

        `branches` says which fields are asked at all; what stands in others does not count.
        """
        self._sent = values
        self._values = without_unasked(values, branches)
        self._picked = picked
        self._branches = branches
        self.problems: list[Problem] = []

    def _wrong(self, name: str, key: str, **params: str | int) -> None:
        self.problems.append(Problem(name, key, params))

    def _is_asked(self, name: str) -> bool:
        return is_asked(name, self._branches, self._values)

    def _single(self, name: str, *, required: bool) -> str:
        value = self._values.get(name)
        text = cleaned(value).strip() if isinstance(value, str) else ""
        if required and not text and self._is_asked(name):
            self._wrong(name, "field.required")
        return text

    def _several(self, name: str, *, required: bool) -> tuple[str, ...]:
        value = self._values.get(name)
        items = value if isinstance(value, tuple) else ((value,) if isinstance(value, str) and value else ())
        if required and not items and self._is_asked(name):
            self._wrong(name, "field.required")
        return tuple(dict.fromkeys(items))

    def text(self, name: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str:
        """Read free text; personal numbers, phone numbers and e-mail addresses are refused (law 4D.2)."""
        text = self._single(name, required=required)
        if len(text) > longest:
            self._wrong(name, "field.too_long", longest=longest)
            return ""
        findings = find_forbidden(text)
        if findings:
            self._wrong(name, f"field.forbidden.{findings[0].kind.value}")
            return ""
        return text

    def place(self, name: str, *, longest: int) -> str:
        """Read where people meet: no link, which has a field of its own, and no home (law 4D.1)."""
        text = self.text(name, longest=longest)
        for suspicion in suspicions(text):
            if suspicion in REFUSED:
                self._wrong(name, f"place.{suspicion.value}")
                return ""
        return text

    def raw(self, name: str, *, required: bool = False, longest: int = LONGEST_TEXT) -> str:
        """Read a text that has a checker of its own (an agency's id, lines of people)."""
        text = self._single(name, required=required)
        if len(text) > longest:
            self._wrong(name, "field.too_long", longest=longest)
            return ""
        return text

    def link(self, name: str) -> str:
        """Read an https address without blanks, and without numbers and addresses of people in it."""
        text = self.raw(name)
        findings = find_forbidden_in_link(text)
        if findings:
            self._wrong(name, f"field.forbidden.{findings[0].kind.value}")
            return ""
        if text and (not text.startswith("https://") or any(c.isspace() for c in text)):
            self._wrong(name, "field.not_a_link")
            return ""
        return text

    def day(self, name: str, *, required: bool = False) -> date | None:
        """Read an ISO date between 2005, when the present holidays began to hold, and 2090."""
        text = self._single(name, required=required)
        if not text:
            return None
        try:
            day = date.fromisoformat(text) if DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or not may_concern_a_case(day):
            self._wrong(name, "field.not_a_date")
            return None
        return day

    def wall_time(self, name: str, *, required: bool = False) -> time | None:
        """Read a wall time "13:00" (also "13.00")."""
        text = self._single(name, required=required)
        if not text:
            return None
        hours, minutes = map(int, re.split("[:.]", text)) if CLOCK.fullmatch(text) else (-1, -1)
        try:
            return time(hours, minutes)
        except ValueError:
            self._wrong(name, "field.not_a_time")
            return None

    def one(self, name: str, kind: type[E], *, required: bool = False) -> E | None:
        """Read one value of an enumeration."""
        text = self._single(name, required=required)
        if not text:
            return None
        try:
            return kind(text)
        except ValueError:
            self._wrong(name, "field.unknown_choice")
            return None

    def yes_or_no(self, name: str, *, required: bool = False) -> bool | None:
        """Read a question that is answered with yes or no."""
        text = self._single(name, required=required)
        if text and text not in {"yes", "no"}:
            self._wrong(name, "field.unknown_choice")
            return None
        return text == "yes" if text else None

    def some(self, name: str, kind: type[E], *, required: bool = False) -> frozenset[E]:
        """Read several values of an enumeration."""
        found = set()
        for item in self._several(name, required=required):
            try:
                found.add(kind(item))
            except ValueError:
                self._wrong(name, "field.unknown_choice")
        return frozenset(found)

    def names(self, name: str, known: frozenset[str], *, required: bool = False) -> tuple[str, ...]:
        """Read several ids out of `known`."""
        items = self._several(name, required=required)
        if not known.issuperset(items):
            self._wrong(name, "field.unknown_choice")
        return tuple(item for item in items if item in known)

    def identities(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Read the chat identities of several people."""
        return tuple(dict.fromkeys(map(self._picked, self._several(name, required=required))))

    def identity(self, name: str, *, required: bool = False) -> str:
        """Read the chat identity of one person."""
        identity: str = self._picked(self._single(name, required=required))
        return identity

    def number(self, name: str, allowed: frozenset[int], *, required: bool = False) -> int | None:
        """Read one of a few whole numbers."""
        text = self._single(name, required=required)
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or int(text[:6]) not in allowed:
            self._wrong(name, "field.unknown_choice")
            return None
        return int(text[:6])

    def sent(self, name: str) -> bool:
        """Say whether an answer was sent for this field, asked or not."""
        return bool(self._sent.get(name))

    def asks(self, name: str) -> bool:
        """Say whether the form that was sent had this field: one that was opened by an earlier version may not."""
        return name in self._values

    def ticked(self, name: str, value: str = "yes") -> bool:
        """Say whether a checkbox is ticked."""
        return value in self._several(name, required=False)
