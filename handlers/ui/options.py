"""Choices for forms, made from the domain's own enumerations and the directory."""

from __future__ import annotations

from collections.abc import Container, Iterable
from enum import StrEnum

from domain.directory import Directory
from handlers.ui.forms import Field, FieldKind, Option
from templates import Words

YES = "yes"
NO = "no"


def choices(words: Words, prefix: str, values: Iterable[StrEnum | str]) -> tuple[Option, ...]:
    """Return one option a value, with the words under `prefix.value` and, where there are some, `prefix.value.note`."""
    return tuple(_option(words, f"{prefix}.{value}", str(value)) for value in values)


def begun(values: Iterable[StrEnum], held: Container[StrEnum]) -> tuple[str, ...]:
    """Return those values that are held already, in the order of the choices: what a form begins with."""
    return tuple(value.value for value in values if value in held)


def _option(words: Words, key: str, value: str) -> Option:
    note = words(f"{key}.note") if words.has(f"{key}.note") else ""
    return Option(value, words(key), note)


def agency_choices(directory: Directory, ids: Iterable[str] | None = None) -> tuple[Option, ...]:
    """Return one option an agency, in the directory's order."""
    wanted = None if ids is None else frozenset(ids)
    return tuple(Option(a.id, a.name) for a in directory.agencies.values() if wanted is None or a.id in wanted)


def tick(words: Words, name: str, key: str, value: str = YES, *, required: bool = True, hint: str = "") -> Field:
    """Return a single checkbox: the label of the field under `key`, the words beside the box under `key.tick`."""
    return Field(
        name,
        FieldKind.CHECKBOXES,
        words(key),
        required=required,
        options=(Option(value, words(f"{key}.tick")),),
        hint=hint,
    )
