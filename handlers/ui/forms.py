"""Forms: what a person is asked, in the same neutral language as cards.

A field's name is its name everywhere: on each platform, in the web form, in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias


class FieldKind(StrEnum):
    """What a field holds, and in brackets the Python value that a submitted form carries for it."""

    TEXT = "text"  # one line (str)
    LINES = "lines"  # several lines (str)
    DATE = "date"  # ISO date (str "2026-12-03")
    TIME = "time"  # wall time (str "13:00")
    URL = "url"  # link (str)
    SELECT = "select"  # one of `options` (str)
    MULTI_SELECT = "multi_select"  # some of `options` (tuple[str, ...])
    CHECKBOXES = "checkboxes"  # some of `options`, at most ten (tuple[str, ...])
    USER = "user"  # one member of the chat (str, the platform's identity, e.g. "chat:T0/U0ANNA")
    USERS = "users"  # some members (tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: the English value of the contract and the words people read."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A question follows from the answer to an earlier one: one of `values`, or any answer at all where none is named.

    With `every` all of them must be chosen. `otherwise` turns it round: it follows when that is not so. `aside`: it has
    an answer already, and is asked of whoever wants to give another.
    """

    field: str
    values: tuple[str, ...] = ()
    every: bool = False
    otherwise: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One question.

    `initial` is shaped like the value of its kind. No field asks for words about the person (law 4D.2). It is asked
    only while all of `when` is so; `required` holds only while it is asked. `redraws`: what else the form says and asks
    depends on the answer in a way that only the bot knows, so it is made anew when that has changed.
    """

    name: str
    kind: FieldKind
    label: str
    required: bool = False
    hint: str = ""
    placeholder: str = ""
    options: tuple[Option, ...] = ()
    initial: str | tuple[str, ...] | None = None
    max_length: int = 0
    when: tuple[When, ...] = ()
    redraws: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Words between fields: a warning, or what the answer is used for."""

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its contract name, a title (at most 24 characters), its parts in order, its subject as a sealed token.

    `language` is that of its words ("sv"), for what a platform adds of its own; "" where nobody knows.
    """

    name: str
    title: str
    submit: str
    cancel: str
    token: str
    parts: tuple[Field | Note, ...]
    language: str = ""


Value: TypeAlias = str | tuple[str, ...] | None
Values: TypeAlias = Mapping[str, Value]
NOTHING_SAID: Final[Values] = MappingProxyType({})
