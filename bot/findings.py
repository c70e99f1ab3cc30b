"""What `sipbot doctor` finds, one line each."""

from __future__ import annotations

from dataclasses import dataclass

import templates
from domain.errors import SipError


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: `well`, `failed`, or neither (worth knowing)."""

    what: str
    words: str
    well: bool = True
    failed: bool = False

    def __str__(self) -> str:
        mark = "ok  " if self.well else ("FAIL" if self.failed else "note")
        return f"{mark}  {self.what:<10} {self.words}"


def ok(what: str, words: str) -> Line:
    """Return a finding that is as it should be."""
    return Line(what, words)


def fail(what: str, words: str) -> Line:
    """Return a finding that has to be mended; the words say how."""
    return Line(what, words, well=False, failed=True)


def note(what: str, words: str) -> Line:
    """Return a finding that is worth knowing and hinders nothing."""
    return Line(what, words, well=False)


def in_english(error: SipError) -> str:
    """Return an error in the words of a terminal, which are English."""
    return templates.load("en")(error.key, **error.params)
