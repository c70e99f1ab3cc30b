"""Branches: which questions of a form are asked, given what has been answered so far.

A form asks what follows from its answers and nothing else. Which question follows from which answer stands in one
table beside the form. The form is drawn by it, and what is sent in is read by it: an answer to a question that is not
asked does not count, whoever sends it. What stands aside has an answer already; another counts, asked for or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from handlers.ui.forms import Field, Form, Note, Value, Values, When

#: By field: all that must be so for it to be asked. A field that is not named is always asked.
Branches: TypeAlias = Mapping[str, tuple[When, ...]]


def chosen(field: str, *values: str) -> When:
    """It is asked when one of these is chosen in an earlier field."""
    return When(field, values)


def not_chosen(field: str, *values: str) -> When:
    """It is asked when none of these is chosen in an earlier field."""
    return When(field, values, otherwise=True)


def not_all_chosen(field: str, *values: str) -> When:
    """It is asked unless all of these are chosen in an earlier field."""
    return When(field, values, every=True, otherwise=True)


def answered(field: str) -> When:
    """It is asked when an earlier field has an answer."""
    return When(field)


def unanswered(field: str) -> When:
    """It is asked when an earlier field has no answer."""
    return When(field, otherwise=True)


#: The question by which somebody says what else they want to tell or change: its choices are names of fields.
MORE = "more"


def aside(field: str) -> When:
    """It is asked when somebody wants to tell it, or to have it otherwise than the form says."""
    return When(MORE, (field,), aside=True)


def branched(parts: Iterable[Field | Note], branches: Branches) -> tuple[Field | Note, ...]:
    """Return a form's parts, each field with what it follows from."""
    return tuple(replace(part, when=branches.get(part.name, ())) if isinstance(part, Field) else part for part in parts)


def is_asked(name: str, branches: Branches, values: Values) -> bool:
    """Say whether a field is asked, given these answers by field.

    A question that was never put steers nothing: what follows from it counts as asked. A form that was opened by an
    earlier version may lack it, and so may one of a case in which it has one answer only.
    """
    return all(_is_met(when, branches, values, is_asked) for when in branches.get(name, ()))


def _counts(name: str, branches: Branches, values: Values) -> bool:
    """Say whether an answer to a field counts: it is asked, or stands aside."""
    return all(when.aside or _is_met(when, branches, values, _counts) for when in branches.get(name, ()))


def _is_met(when: When, branches: Branches, values: Values, is_put: Callable[[str, Branches, Values], bool]) -> bool:
    if not is_put(when.field, branches, values):
        return False
    if when.field not in values:
        return True
    given = _several(values[when.field])
    if not when.values:
        holds = bool(given)
    elif when.every:
        holds = given.issuperset(when.values)
    else:
        holds = not given.isdisjoint(when.values)
    return holds is not when.otherwise


def _several(value: Value) -> frozenset[str]:
    return frozenset(item for item in (value if isinstance(value, tuple) else (value,)) if item)


def without_unasked(values: Values, branches: Branches) -> Values:
    """Return the answers that count: those to questions that are asked, and what is told of what stands aside."""
    return {name: value for name, value in values.items() if _counts(name, branches, values)}


def branches_of(form: Form) -> Branches:
    """Return what each field of a form follows from."""
    return {part.name: part.when for part in form.parts if isinstance(part, Field) and part.when}


def steering(form: Form) -> frozenset[str]:
    """Return the fields on whose answers it depends what else is asked."""
    return frozenset(when.field for whens in branches_of(form).values() for when in whens) | redrawing(form)


def redrawing(form: Form) -> frozenset[str]:
    """Return the fields after whose change the form is to be made anew by the bot."""
    return frozenset(part.name for part in form.parts if isinstance(part, Field) and part.redraws)


def names_asked(fields: Sequence[Field], values: Values) -> frozenset[str]:
    """Return which fields are asked, given these answers; a field that is not among them has what it begins with."""
    branches = {field.name: field.when for field in fields}
    known = {**{field.name: field.initial for field in fields}, **values}
    return frozenset(field.name for field in fields if is_asked(field.name, branches, known))


def asked_parts(form: Form, values: Values) -> tuple[Field | Note, ...]:
    """Return the parts that are shown, given these answers."""
    names = names_asked([part for part in form.parts if isinstance(part, Field)], values)
    return tuple(part for part in form.parts if isinstance(part, Note) or part.name in names)
