"""Reads a request body of Slack into a payload, and refuses what does not have Slack's shape.

Bolt looks into these places without looking at their types first; what passes here cannot make it fall.
The Slack Connect variants (no `team`, `user.team_id` of another workspace, `app_installed_team_id`) pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from yarl import URL

from domain.text.outside import writable

Payload: TypeAlias = dict[str, Any]

_FIELDS_MOST = 100
_WORD_MOST = 255
_DEPTH_MOST = 6
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

#: Places that hold an object, or a bare identifier, or nothing.
_OBJECT_OR_WORD = frozenset({"team", "enterprise", "user", "channel"})
#: Places that hold an object or nothing.
_OBJECTS = frozenset(
    {
        "view",
        "container",
        "message",
        "event",
        "item",
        "assistant_thread",
        "previous_message",
        "function_data",
        "state",
    }
)
#: Places that hold a short string or nothing.
_WORDS = frozenset(
    {
        "type",
        "id",
        "team_id",
        "enterprise_id",
        "user_id",
        "channel_id",
        "api_app_id",
        "app_installed_team_id",
        "user_team",
        "action_id",
        "action_ts",
        "block_id",
        "callback_id",
        "command",
        "event_id",
        "hash",
        "message_ts",
        "view_id",
        "thread_ts",
        "tab",
        "subtype",
        "channel_type",
    }
)
#: Places that hold a string or nothing.
_TEXTS = frozenset({"response_url", "trigger_id", "private_metadata", "challenge", "value"})
#: Places that hold a list of objects or nothing.
_LISTS = frozenset({"actions", "authorizations", "response_urls"})


#: How JSON names NUL, and a half of a pair: also both halves of a whole one.
_MAY_BE_UNWRITABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class BadPayload(ValueError):
    """The body is not a payload of Slack. It carries no part of the body."""


def read_payload(body: bytes, content_type: str) -> Payload:
    """Read an HTTP body: JSON for events, a form for commands, JSON in the form's `payload` for the rest.

    Raises BadPayload for everything else.
    """
    try:
        text = body.decode("utf-8")
        if content_type.partition(";")[0].strip().lower() == "application/json":
            found = _from_json(text)
        else:
            form = _from_form(text)
            found = _from_json(form["payload"]) if "payload" in form else writable(form)
    except (ValueError, RecursionError):
        raise BadPayload("not readable") from None
    return sound(found)


def from_socket(payload: object) -> Payload:
    """Return what came over Socket Mode, read already; raises BadPayload when it does not have the shape of one."""
    return sound(writable(payload))


def _from_form(text: str) -> dict[str, str]:
    """Return the fields of a form; raises ValueError where they are no UTF-8, or too many.

    yarl, which is compiled, takes a fifteenth of the time of the standard library, which for a button under a long
    message is most of reading it. It reads the same but for what is no UTF-8: that becomes the replacement character.
    """
    if text.count("&") >= _FIELDS_MOST:
        raise ValueError("too many fields")
    form = dict(URL.build(query_string=text, encoded=True).query.items())
    if any(_REPLACEMENT in part for field in form.items() for part in field):
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    return form


def _from_json(text: str) -> Any:
    # To look through all of a payload costs more than to read it, and hardly any names such a character.
    found = json.loads(text)
    return writable(found) if _MAY_BE_UNWRITABLE.search(text) else found


def sound(payload: object) -> Payload:
    """Return `payload` when it has the shape of one; raises BadPayload otherwise."""
    if not isinstance(payload, dict) or not payload:
        raise BadPayload("not an object")
    _check(payload, 0)
    match payload.get("type"):
        case "block_actions":
            _is(payload.get("actions") and all(action.get("action_id") for action in payload["actions"]))
        case "view_submission":
            _is(isinstance(payload.get("view"), dict) and payload["view"].get("type") == "modal")
        case "event_callback":
            _is(isinstance(payload.get("event"), dict) and payload["event"].get("type"))
    # Bolt falls over two of these at once, and nothing here reads them: answers go into the window itself.
    return {key: value for key, value in payload.items() if key != "response_urls" and not _empty_list(key, value)}


def _empty_list(key: str, value: object) -> bool:
    return value is None and key in _LISTS


def _check(place: Mapping[str, object], depth: int) -> None:
    if depth > _DEPTH_MOST:
        raise BadPayload("too deep")
    for key, value in place.items():
        if value is None:
            continue
        if key in _WORDS:
            _is(isinstance(value, str) and len(value) <= _WORD_MOST)
        elif key in _TEXTS:
            _is(isinstance(value, str))
        elif key in _OBJECT_OR_WORD and isinstance(value, str):
            _is(len(value) <= _WORD_MOST)
        elif key in _OBJECTS or key in _OBJECT_OR_WORD:
            _is(isinstance(value, dict))
            if isinstance(value, dict) and key != "state":
                _check(value, depth + 1)
        elif key in _LISTS:
            _is(isinstance(value, list) and all(isinstance(item, dict) for item in value))
            for item in value if isinstance(value, list) else ():
                _check(item, depth + 1)


def _is(met: object) -> None:
    if not met:
        raise BadPayload("wrong type")
