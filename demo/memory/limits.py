"""What the neutral language promises to every platform: how long words may be, how many choices there are."""

from __future__ import annotations

from collections.abc import Iterator

from demo.memory.chat import buttons_of, choosers_of
from handlers.ui.cards import Card
from handlers.ui.forms import Field, FieldKind, Form

LONGEST_LABEL = 75
LONGEST_FORM_TITLE = 24
MOST_CHOICES = 100
MOST_BOXES = 10
LANGUAGES = frozenset({"sv", "en"})


def breaches_of_card(card: Card) -> list[str]:
    """Return what is wrong with a card, a line each; see `handlers.ui.cards`."""
    return list(_card(card))


def breaches_of_form(form: Form) -> list[str]:
    """Return what is wrong with a form, a line each; see `handlers.ui.forms`."""
    return list(_form(form))


def _card(card: Card) -> Iterator[str]:
    if not card.summary.strip():
        yield f"card {card.title!r}: nothing for a notification or a screen reader"
    if card.language not in LANGUAGES:
        yield f"card {card.title!r}: nobody can tell its language"
    for button in buttons_of(card):
        if not 0 < len(button.label) <= LONGEST_LABEL:
            yield f"button {button.action}: a label of {len(button.label)} characters"
        if not (button.token or button.url):
            yield f"button {button.action}: neither a token nor a link"
    for chooser in choosers_of(card):
        if not 0 < len(chooser.choices) <= MOST_CHOICES:
            yield f"chooser {chooser.action}: {len(chooser.choices)} choices"


def _form(form: Form) -> Iterator[str]:
    if not 0 < len(form.title) <= LONGEST_FORM_TITLE:
        yield f"form {form.name}: a title of {len(form.title)} characters"
    if form.language not in LANGUAGES:
        yield f"form {form.name}: nobody can tell its language"
    fields = [part for part in form.parts if isinstance(part, Field)]
    names = [field.name for field in fields]
    if len(set(names)) != len(names):
        yield f"form {form.name}: two fields of one name"
    for field in fields:
        yield from _field(form, field)


def _field(form: Form, field: Field) -> Iterator[str]:
    place = f"form {form.name}, field {field.name}"
    if field.kind is FieldKind.CHECKBOXES and len(field.options) > MOST_BOXES:
        yield f"{place}: {len(field.options)} boxes"
    several = field.kind in {FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES, FieldKind.USERS}
    if field.initial is not None and isinstance(field.initial, tuple) is not several:
        yield f"{place}: it begins with a value of another kind"
    first = field.initial if isinstance(field.initial, tuple) else (field.initial,)
    offered = {option.value for option in field.options}
    if field.options and not offered.issuperset(value for value in first if value is not None):
        yield f"{place}: it begins with what it does not offer"
