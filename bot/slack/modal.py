"""Draws forms as modals, and reads a submitted modal back into the form's values.

`block_id`, `action_id` and the field's name are one and the same, so an error finds its field and a test
finds its input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from types import MappingProxyType

from bot.slack.draw import VIEW_BLOCKS, Json, blocks, option, plain, quiet, rich, run, runs, words_in_full
from bot.slack.names import CLOSING_VIEW
from bot.slack.phrases import Phrases
from bot.slack.texts import cut, shown
from handlers.ui.branches import asked_parts, steering
from handlers.ui.cards import Card
from handlers.ui.forms import Field, FieldKind, Form, Note, Value, Values

_NOTHING: Mapping[str, str] = MappingProxyType({})
_TEXT_MOST = 3000
_OPTIONS = 100
_BOXES = 10
_READ_MOST = 10_000
_QUIET_NOTE = 300
_IDENTITY = re.compile(r"slack:[A-Z0-9]+/([A-Z0-9]+)", re.ASCII)
_USER = re.compile(r"[A-Z0-9]{1,32}", re.ASCII)


def modal(form: Form, words: Phrases, answers: Values = _NOTHING, errors: Mapping[str, str] = _NOTHING) -> Json:
    """Draw `form` as a view for `views.open` and `views.update`, or for the answer to a submit.

    Only what follows from `answers` is drawn. Slack itself keeps what was filled in at a place that keeps its ids. A
    field on which more depends tells of its changes. `errors` stand before their fields: Slack shows none of its own
    in a view that is drawn anew.
    """
    drawn: list[Json] = []
    steers = steering(form)
    for part in asked_parts(form, answers):
        if isinstance(part, Note):
            drawn += _note(part, words)
            continue
        if part.name in errors:
            drawn += _note(Note(errors[part.name], warning=True), words)
        block = _field(part, words)
        drawn.append({**block, "dispatch_action": True} if part.name in steers and block["type"] == "input" else block)
    view = {
        "type": "modal",
        "callback_id": form.name,
        "title": plain(form.title, 24),
        "submit": plain(form.submit, 24),
        "close": plain(form.cancel, 24),
        "blocks": drawn[:VIEW_BLOCKS] or [words_in_full("–")],
    }
    return view | {"private_metadata": form.token} if form.token else view


def closing_view(card: Card, title: str, words: Phrases) -> Json:
    """Draw the answer to a submit: the card in the same window, with nothing left to send."""
    return {
        "type": "modal",
        "callback_id": CLOSING_VIEW,
        "title": plain(title, 24),
        "close": plain(words("slack.close"), 24),
        # What led here, form by form, is over: closing the last answer closes the windows below it too.
        "clear_on_close": True,
        "blocks": blocks(card, words, VIEW_BLOCKS) or [words_in_full("–")],
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


def _note(note: Note, words: Phrases) -> list[Json]:
    """Draw words between fields: a warning in full size with the word for it, other notes small if short."""
    text = shown(note.text).strip()
    if not text:
        return []
    if note.warning:
        return [rich(runs(run(words("slack.warning") + " ", 100, bold=True), run(text, 5000)))]
    if len(text) <= _QUIET_NOTE:
        return [quiet(text)]
    return [words_in_full(text[start : start + _TEXT_MOST]) for start in range(0, len(text), _TEXT_MOST)]


def _field(field: Field, words: Phrases) -> Json:
    if field.kind in _WITH_OPTIONS and not field.options:
        return words_in_full(f"{field.label}: {words('slack.no_options')}")
    block: Json = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, 2000),
        "element": _element(field),
        "optional": not field.required,
    }
    return block | {"hint": plain(field.hint, 2000)} if field.hint.strip() else block


_WITH_OPTIONS = frozenset({FieldKind.SELECT, FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES})


def _element(field: Field) -> Json:  # noqa: PLR0911 - one for each kind
    first = field.initial if isinstance(field.initial, str) else ""
    several = field.initial if isinstance(field.initial, tuple) else ()
    match field.kind:
        case FieldKind.TEXT | FieldKind.LINES:
            return _text_input(field, first)
        case FieldKind.URL:
            return _asked(field, "url_text_input", initial_value=first)
        case FieldKind.DATE:
            return _asked(field, "datepicker", initial_date=_iso_date(first))
        case FieldKind.TIME:
            return _asked(field, "timepicker", initial_time=_wall_time(first))
        case FieldKind.SELECT:
            chosen = _chosen_options(field, (first,))
            return _asked(field, "static_select", **_options(field), initial_option=next(iter(chosen), None))
        case FieldKind.CHECKBOXES if len(field.options) <= _BOXES:
            initial = _chosen_options(field, several)
            boxes = _asked(field, "checkboxes", **_options(field), initial_options=initial)
            boxes.pop("placeholder", None)
            return boxes
        case FieldKind.MULTI_SELECT | FieldKind.CHECKBOXES:
            initial = _chosen_options(field, several)
            return _asked(field, "multi_static_select", **_options(field), initial_options=initial)
        case FieldKind.USER:
            return _asked(field, "users_select", initial_user=next(iter(_users((first,))), None))
        case FieldKind.USERS:
            return _asked(field, "multi_users_select", initial_users=_users(several))


def _asked(field: Field, kind: str, **more: object) -> Json:
    """Draw an element that bears the field's name; what is empty is left out."""
    placeholder = plain(field.placeholder, 150) if field.placeholder.strip() else None
    given = {key: value for key, value in {"placeholder": placeholder, **more}.items() if value}
    return {"type": kind, "action_id": field.name, **given}


def _text_input(field: Field, first: str) -> Json:
    most = min(field.max_length or _TEXT_MOST, _TEXT_MOST)
    several_lines = field.kind is FieldKind.LINES
    initial = shown(first)[:most]
    return _asked(field, "plain_text_input", multiline=several_lines, max_length=most, initial_value=initial)


def _options(field: Field) -> Json:
    """Draw the options; more than 100 are split into groups, which Slack allows a hundred of."""
    drawn = [option(choice.label, choice.value, choice.note) for choice in field.options]
    if len(drawn) <= _OPTIONS:
        return {"options": drawn}
    starts = range(0, min(len(drawn), _OPTIONS * _OPTIONS), _OPTIONS)
    chunks = [drawn[start : start + _OPTIONS] for start in starts]
    return {"option_groups": [{"label": plain(_span(chunk), 75), "options": chunk} for chunk in chunks]}


def _chosen_options(field: Field, initial: Sequence[str]) -> list[Json]:
    """Draw those options that are chosen from the start, word for word as they stand in the menu."""
    chosen = [choice for choice in field.options if choice.value in initial]
    return [option(choice.label, choice.value, choice.note) for choice in chosen]


def _span(chunk: Sequence[Json]) -> str:
    first, last = (cut(str(line["text"]["text"]), 35) for line in (chunk[0], chunk[-1]))
    return f"{first} – {last}"


def _users(identities: Sequence[str]) -> list[str]:
    found = [_IDENTITY.fullmatch(identity) for identity in identities]
    return [match.group(1) for match in found if match]


def _iso_date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _wall_time(text: str) -> str | None:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        return None
