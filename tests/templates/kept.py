"""Every field that is kept of a case: an extract on paper calls each by a word that the person knows (GDPR 15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_type_hints

from domain.case import Case
from domain.listing import Listing
from storage.export import OPENS_SOMETHING
from storage.outbox.letter import KeptLetter
from storage.posts import Post
from storage.reminders import Reminder

# What the extract itself has, the columns of the journal, and what most often stands in its details.
_OF_THE_EXTRACT = "format code exported_at document listing due_at journal accesses letters posts reminders names"
_OF_THE_JOURNAL = "seq at action actor agency before after details text erased"
_DETAILS = "form attendee reminder target to"


def _fields(kind: Any, seen: set[Any]) -> Iterator[str]:
    if is_dataclass(kind) and kind not in seen:
        seen.add(kind)
        for name, inner in get_type_hints(kind).items():
            yield name
            yield from _fields(inner, seen)
    for part in get_args(kind):
        yield from _fields(part, seen)


def _all() -> Iterator[str]:
    yield from f"{_OF_THE_EXTRACT} {_OF_THE_JOURNAL} {_DETAILS}".split()
    for kind in (Case, Listing, KeptLetter, Post, Reminder):
        yield from _fields(kind, set())


FIELDS = frozenset(_all()) - OPENS_SOMETHING
