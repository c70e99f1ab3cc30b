"""Filling in a form as a client does: only what it asks can be answered, and what is amiss at once is not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from urllib.parse import urlsplit

from handlers.ui.branches import asked_parts
from handlers.ui.forms import Field, FieldKind, Form, Value, Values

REQUIRED = "required"
TOO_LONG = "too_long"
NOT_A_DATE = "not_a_date"
NOT_A_TIME = "not_a_time"
NOT_A_LINK = "not_a_link"

_SEVERAL = frozenset({FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES, FieldKind.USERS})
_PEOPLE = frozenset({FieldKind.USER, FieldKind.USERS})
_OFFERING = frozenset({FieldKind.SELECT, FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES})


class NotAsked(Exception):
    """The form has no such field, or the field offers no such choice: no client could send it."""


def filled(form: Form, answers: Mapping[str, object], people: Mapping[str, str]) -> Values:
    """Return the values of what the form asks with these answers; what nobody touched keeps what it began with.

    `people` gives the identities of those in the chat by their short names: others cannot be picked.

    Raises:
        NotAsked: an answer is to nothing that the form asks.
    """
    values = held(form, answers, people)
    asked = {field.name for field in fields_of(form, values)}
    unknown = sorted(set(answers) - asked)
    if unknown:
        raise NotAsked(f"{form.name} does not ask {', '.join(unknown)}")
    return {name: value for name, value in values.items() if name in asked}


def held(form: Form, answers: Mapping[str, object], people: Mapping[str, str]) -> Values:
    """Return what is in a form by now, asked or not."""
    return {
        field.name: _value(field, answers[field.name], people) if field.name in answers else _first(field, people)
        for field in fields_of(form)
    }


def refusals(form: Form, values: Values) -> dict[str, str]:
    """Return what a client finds amiss before it sends, a word for each field."""
    found = {field.name: _refusal(field, values.get(field.name)) for field in fields_of(form, values)}
    return {name: why for name, why in found.items() if why}


def fields_of(form: Form, values: Values | None = None) -> list[Field]:
    """Return the fields that can be filled in: a list without choices is nothing to choose from.

    With `values`, only those that are asked after these answers.
    """
    parts = form.parts if values is None else asked_parts(form, values)
    fields = [part for part in parts if isinstance(part, Field)]
    return [field for field in fields if field.options or field.kind not in _OFFERING]


def _first(field: Field, people: Mapping[str, str]) -> Value:
    """Return what a field begins with; people who are not in the chat are not shown."""
    several = field.initial if isinstance(field.initial, tuple) else (field.initial,)
    items = [item for item in several if item]
    if field.kind in _PEOPLE:
        items = [item for item in items if item in people.values()]
    return tuple(items) if field.kind in _SEVERAL else next(iter(items), None)


def _value(field: Field, answer: object, people: Mapping[str, str]) -> Value:
    if field.kind in _SEVERAL:
        items = [str(item) for item in answer] if isinstance(answer, list | tuple) else []
    else:
        items = [str(answer)] if answer else []
    if field.kind in _PEOPLE:
        items = [people.get(item, item) for item in items]
    _require_offered(field, items, people)
    return tuple(items) if field.kind in _SEVERAL else next(iter(items), None)


def _require_offered(field: Field, items: list[str], people: Mapping[str, str]) -> None:
    if field.kind in _PEOPLE:
        offered = set(people.values())
    elif field.kind in _OFFERING:
        offered = {option.value for option in field.options}
    else:
        return
    unknown = [item for item in items if item not in offered]
    if unknown:
        raise NotAsked(f"{field.name} does not offer {', '.join(unknown)}; it offers {', '.join(sorted(offered))}")


def _refusal(field: Field, value: Value) -> str:
    if not value:
        return REQUIRED if field.required else ""
    if not isinstance(value, str):
        return ""
    match field.kind:
        case FieldKind.TEXT | FieldKind.LINES:
            return TOO_LONG if field.max_length and len(value) > field.max_length else ""
        case FieldKind.DATE:
            return "" if _reads(date.fromisoformat, value) else NOT_A_DATE
        case FieldKind.TIME:
            return "" if _reads(time.fromisoformat, value) else NOT_A_TIME
        case FieldKind.URL:
            return "" if urlsplit(value).scheme in {"http", "https"} else NOT_A_LINK
        case _:
            return ""


def _reads(reader: Callable[[str], object], value: str) -> bool:
    try:
        reader(value)
    except ValueError:
        return False
    return True
