"""What a conversation says: everything said so far, and the open question with every way to answer it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.matrix.talk.conversation import Person, Talk, Value, Words, one_box, options_of
from bot.matrix.talk.draw import shown
from handlers.ui.forms import Field, FieldKind

#: People that are listed by number; of more, one types the name.
_NAMES_LISTED = 15


def overview(talk: Talk, words: Words, people: Sequence[Person]) -> str:
    """Return everything said so far."""
    lines = [talk.title]
    for number, at in enumerate(talk.asked, 1):
        question = talk.questions[at]
        if question.field.name in talk.values:
            said = spoken(question.field, talk.values[question.field.name], words, people)
            lines.append(f"{number}. {question.field.label}: {said}")
    return "\n".join(lines)


def question(talk: Talk, words: Words, people: Sequence[Person]) -> str:
    """Return what is asked now, with every way to answer it."""
    if talk.at >= len(talk.questions):
        return "\n\n".join([*talk.last_notes, words("matrix.confirm")])
    asked = talk.questions[talk.at]
    field = asked.field
    places = talk.asked
    head = f"{places.index(talk.at) + 1}/{len(places)} {field.label}"
    optional = words("matrix.optional")
    parts = [*asked.notes, head if field.required else f"{head} ({optional})"]
    if field.hint:
        parts.append(field.hint)
    options = options_of(field, people)
    if options and (field.options or len(options) <= _NAMES_LISTED):
        parts.append("\n".join(f"{number} {label}" for number, (_, label) in enumerate(options, 1)))
    parts.append(_how(field, talk.values.get(field.name, field.initial), words, people))
    return "\n\n".join(parts)


def spoken(field: Field, value: Value, words: Words, people: Sequence[Person]) -> str:
    """Return an answer in words: days with their weekday, choices by their labels."""
    if not value:
        return "–"
    if isinstance(value, tuple):
        return ", ".join(_label(field, one, people) for one in value)
    if field.kind is FieldKind.DATE:
        return words.day(date.fromisoformat(value))
    if field.kind is FieldKind.TIME:
        return words.clock(value)
    return _label(field, value, people)


def _label(field: Field, value: str, people: Sequence[Person]) -> str:
    known = {option.value: option.label for option in field.options} | {p.identity: shown(p.name) for p in people}
    return known.get(value, shown(value))


def _how(field: Field, default: Value, words: Words, people: Sequence[Person]) -> str:
    """Tell how the question can be answered; the default in one tap, where there is one."""
    if one_box(field):
        return "\n".join([field.options[0].label, words("matrix.how.box")])
    lines = [_how_typed(field, words)]
    if default:
        lines.append(words("matrix.how.default", value=spoken(field, default, words, people)))
    if not field.required:
        lines.append(words("matrix.how.skip"))
    return "\n".join(lines)


def _how_typed(field: Field, words: Words) -> str:
    match field.kind:
        case FieldKind.SELECT | FieldKind.USER:
            return words("matrix.how.one")
        case FieldKind.MULTI_SELECT | FieldKind.CHECKBOXES | FieldKind.USERS:
            return words("matrix.how.several")
        case FieldKind.DATE:
            return words("matrix.how.date")
        case FieldKind.TIME:
            return words("matrix.how.time")
        case FieldKind.LINES:
            return words("matrix.how.lines")
        case FieldKind.URL:
            return words("matrix.how.url")
        case FieldKind.TEXT:
            return words("matrix.how.text")
