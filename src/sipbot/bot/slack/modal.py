"""Draws forms as modals, and reads a submitted modal back into the form's values.

`block_id`, `action_id` and the field's name are one and the same, so an error finds its field and a test
finds its input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ContextBlock,
    DatePickerElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextSectionElement,
    SectionBlock,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
    UrlInputElement,
    UserMultiSelectElement,
    UserSelectElement,
)

from sipbot.bot.slack.draw import VIEW_BLOCKS, Json, blocks, drawn_blocks, plain
from sipbot.bot.slack.names import CLOSING_VIEW
from sipbot.bot.slack.phrases import Phrases
from sipbot.bot.slack.texts import cut, shown
from sipbot.handlers.cards import Card
from sipbot.handlers.forms import Field, Form, Kind, Note, Value, Values
from sipbot.handlers.forms import Option as Choice

_TEXT_MOST = 3000
_OPTIONS = 100
_BOXES = 10
_READ_MOST = 10_000
_QUIET_NOTE = 300
_IDENTITY = re.compile(r"slack:[A-Z0-9]+/([A-Z0-9]+)", re.ASCII)
_USER = re.compile(r"[A-Z0-9]{1,32}", re.ASCII)


def modal(form: Form, words: Phrases) -> Json:
    """Draw `form` as a view for `views.open`, or for the answer to a submit."""
    drawn: list[Block] = []
    for part in form.parts:
        drawn.extend(_note(part, words) if isinstance(part, Note) else [_field(part, words)])
    drawn = drawn[:VIEW_BLOCKS] or [SectionBlock(text=plain("–", 3000))]
    return {
        "type": "modal",
        "callback_id": form.name,
        "title": plain(form.title, 24).to_dict(),
        "submit": plain(form.submit, 24).to_dict(),
        "close": plain(form.cancel, 24).to_dict(),
        "private_metadata": form.token,
        "blocks": drawn_blocks(drawn),
    }


def closing_view(card: Card, title: str, words: Phrases) -> Json:
    """Draw the answer to a submit: the card in the same window, with nothing left to send."""
    return {
        "type": "modal",
        "callback_id": CLOSING_VIEW,
        "title": plain(title, 24).to_dict(),
        "close": plain(words("slack.close"), 24).to_dict(),
        "blocks": blocks(card, words, VIEW_BLOCKS) or [SectionBlock(text=plain("–", 3000)).to_dict()],
    }


def values(state: object, team: str) -> Values:
    """Read `view.state.values` into values by field name.

    Nothing in `state` is trusted to have a shape: what cannot be read is left out. People become
    identities in `team`, the workspace of the one who submitted.
    """
    read: dict[str, Value] = {}
    by_block = state.get("values") if isinstance(state, dict) else None
    for by_action in by_block.values() if isinstance(by_block, dict) else ():
        for name, element in by_action.items() if isinstance(by_action, dict) else ():
            if isinstance(name, str) and isinstance(element, dict):
                _read_into(read, name, element, team)
    return read


def _read_into(read: dict[str, Value], name: str, element: Mapping[str, object], team: str) -> None:
    match element.get("type"):
        case "plain_text_input" | "url_text_input" | "email_text_input" | "number_input":
            read[name] = _string(element.get("value"))
        case "datepicker":
            read[name] = _string(element.get("selected_date"))
        case "timepicker":
            read[name] = _string(element.get("selected_time"))
        case "static_select" | "radio_buttons":
            read[name] = _chosen(element.get("selected_option"))
        case "multi_static_select" | "checkboxes":
            options = element.get("selected_options")
            found = [_chosen(option) for option in options] if isinstance(options, list) else []
            read[name] = tuple(value for value in found if value is not None)
        case "users_select":
            read[name] = _identity(element.get("selected_user"), team)
        case "multi_users_select":
            users = element.get("selected_users")
            people = [_identity(user, team) for user in users] if isinstance(users, list) else []
            read[name] = tuple(person for person in people if person is not None)


def _string(value: object) -> str | None:
    return (shown(value[:_READ_MOST]) or None) if isinstance(value, str) else None


def _chosen(option: object) -> str | None:
    return _string(option.get("value")) if isinstance(option, dict) else None


def _identity(user: object, team: str) -> str | None:
    return f"slack:{team}/{user}" if isinstance(user, str) and _USER.fullmatch(user) else None


def _note(note: Note, words: Phrases) -> list[Block]:
    """Draw words between fields: a warning in full size with the word for it, other notes small if short."""
    text = shown(note.text).strip()
    if not text:
        return []
    if note.warning:
        bold = RichTextElementParts.TextStyle(bold=True)
        runs = [
            RichTextElementParts.Text(text=cut(words("slack.warning"), 100) + " ", style=bold),
            RichTextElementParts.Text(text=cut(text, 5000)),
        ]
        return [RichTextBlock(elements=[RichTextSectionElement(elements=runs)])]
    if len(text) <= _QUIET_NOTE:
        return [ContextBlock(elements=[plain(text, _QUIET_NOTE)])]
    pieces = [text[start : start + _TEXT_MOST] for start in range(0, len(text), _TEXT_MOST)]
    return [SectionBlock(text=plain(piece, _TEXT_MOST)) for piece in pieces]


def _field(field: Field, words: Phrases) -> Block:
    if field.kind in _WITH_OPTIONS and not field.options:
        return SectionBlock(text=plain(f"{field.label}: {words('slack.no_options')}", _TEXT_MOST))
    return InputBlock(
        block_id=field.name,
        label=plain(field.label, 2000),
        hint=plain(field.hint, 2000) if field.hint.strip() else None,
        optional=not field.required,
        element=_element(field),
    )


_WITH_OPTIONS = frozenset({Kind.SELECT, Kind.MULTI_SELECT, Kind.CHECKBOXES})


def _element(field: Field) -> InputInteractiveElement:  # noqa: PLR0911 - one for each kind
    name, placeholder = field.name, plain(field.placeholder, 150) if field.placeholder.strip() else None
    first = field.initial if isinstance(field.initial, str) else None
    several = field.initial if isinstance(field.initial, tuple) else ()
    match field.kind:
        case Kind.TEXT | Kind.LINES:
            return _text_input(field, first, placeholder)
        case Kind.URL:
            return UrlInputElement(action_id=name, placeholder=placeholder, initial_value=first or None)
        case Kind.DATE:
            return DatePickerElement(action_id=name, placeholder=placeholder, initial_date=_iso_date(first))
        case Kind.TIME:
            return TimePickerElement(action_id=name, placeholder=placeholder, initial_time=_wall_time(first))
        case Kind.SELECT:
            return _select(field, first, placeholder)
        case Kind.MULTI_SELECT:
            return _multi_select(field, several, placeholder)
        case Kind.CHECKBOXES if len(field.options) > _BOXES:
            return _multi_select(field, several, placeholder)
        case Kind.CHECKBOXES:
            options, chosen = _options(field.options, several)
            return CheckboxesElement(action_id=name, options=options, initial_options=chosen or None)
        case Kind.USER:
            return UserSelectElement(
                action_id=name, placeholder=placeholder, initial_user=next(iter(_users((first or "",))), None)
            )
        case Kind.USERS:
            return UserMultiSelectElement(
                action_id=name, placeholder=placeholder, initial_users=_users(several) or None
            )


def _text_input(field: Field, first: str | None, placeholder: PlainTextObject | None) -> PlainTextInputElement:
    most = min(field.max_length or _TEXT_MOST, _TEXT_MOST)
    return PlainTextInputElement(
        action_id=field.name,
        placeholder=placeholder,
        multiline=field.kind is Kind.LINES,
        max_length=most,
        initial_value=shown(first)[:most] if first else None,
    )


def _select(field: Field, first: str | None, placeholder: PlainTextObject | None) -> StaticSelectElement:
    options, chosen = _options(field.options, (first,) if first else ())
    grouped = _groups(options)
    return StaticSelectElement(
        action_id=field.name,
        placeholder=placeholder,
        options=None if grouped else options,
        option_groups=grouped,
        initial_option=chosen[0] if chosen else None,
    )


def _multi_select(
    field: Field, several: Sequence[str], placeholder: PlainTextObject | None
) -> StaticMultiSelectElement:
    options, chosen = _options(field.options, several)
    grouped = _groups(options)
    return StaticMultiSelectElement(
        action_id=field.name,
        placeholder=placeholder,
        options=None if grouped else options,
        option_groups=grouped,
        initial_options=chosen or None,
    )


def _options(choices: Sequence[Choice], initial: Sequence[str]) -> tuple[list[Option], list[Option]]:
    """Return all options and those of them that are chosen from the start, in the order of the form."""
    options = [
        Option(
            value=choice.value,
            text=plain(choice.label, 75),
            description=plain(choice.note, 75) if choice.note.strip() else None,
        )
        for choice in choices
    ]
    return options, [option for option in options if option.value in initial]


def _groups(options: Sequence[Option]) -> list[OptionGroup] | None:
    """Split more than 100 options into groups, which Slack allows a hundred of; None when they fit."""
    if len(options) <= _OPTIONS:
        return None
    starts = range(0, len(options), _OPTIONS)
    chunks = [options[start : start + _OPTIONS] for start in starts][:_OPTIONS]
    return [OptionGroup(label=plain(_span(chunk), 75), options=chunk) for chunk in chunks]


def _span(chunk: Sequence[Option]) -> str:
    first, last = (cut(str(option.to_dict()["text"]["text"]), 35) for option in (chunk[0], chunk[-1]))
    return f"{first} – {last}"


def _users(identities: Sequence[str]) -> list[str]:
    found = [_IDENTITY.fullmatch(identity) for identity in identities]
    return [match.group(1) for match in found if match]


def _iso_date(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text or "").isoformat()
    except ValueError:
        return None


def _wall_time(text: str | None) -> str | None:
    try:
        return time.fromisoformat(text or "").strftime("%H:%M")
    except ValueError:
        return None
