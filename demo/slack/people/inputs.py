"""What people fill in: an element's entry in `state.values`, and what Slack's own client refuses at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.slack.block_kit.rules import elements_of, offered_options
from demo.slack.errors import UnknownField
from demo.slack.state.records import Json

# The name under which an element's answer stands, and the property that fills it in beforehand.
_ANSWERS = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", ""),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
REQUIRED = "Please complete this required field."


def interactive(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each block with each of its elements that a person can act on."""
    for block in blocks:
        for _, element in elements_of(block):
            if isinstance(element, dict) and "action_id" in element:
                yield block, element
        yield from interactive(block.get("child_blocks") or [])


def first_entry(element: Mapping[str, Any]) -> Json | None:
    """Return an element's entry before anybody touched it; `None` for what has none, such as a button."""
    names = _ANSWERS.get(str(element["type"]))
    if names is None:
        return None
    answer, initial = names
    return {"type": element["type"], answer: element.get(initial, [] if answer.endswith("s") else None)}


def entry(element: Mapping[str, Any], value: Any) -> Json:
    """Return an element's entry once a person chose or wrote `value`: an option goes by its value.

    Raises:
        UnknownField: the element offers no such option.
    """
    kind = str(element["type"])
    if kind not in _ANSWERS:
        raise UnknownField(f"a {kind} has no value to fill in")
    name = _ANSWERS[kind][0]
    held: Any = value
    if name == "selected_option":
        held = None if value is None else option(element, value)
    elif name == "selected_options":
        held = [option(element, item) for item in value or []]
    elif name.endswith("s"):
        held = list(value or [])
    elif name != "selected_date_time" and value is not None:
        held = str(value)
    return {"type": kind, name: held}


def option(element: Mapping[str, Any], value: Any) -> Json:
    """Return the option an element offers under this value.

    Raises:
        UnknownField: there is none.
    """
    offered = [held for held in offered_options(element) if isinstance(held, dict)]
    for held in offered:
        if held.get("value") == value:
            return held
    known = ", ".join(str(held.get("value")) for held in offered)
    raise UnknownField(f"no option {value!r} in {element.get('action_id')}; there are: {known}")


def refusal(block: Mapping[str, Any], given: Json) -> str | None:
    """Return what Slack's client says to an input before it sends anything, or `None` when it is content."""
    element: Json = block["element"]
    name = _ANSWERS[str(element["type"])][0]
    value = given.get(name)
    if value is None or value in ("", []):
        return None if block.get("optional") else REQUIRED
    check = _CLIENT_CHECKS.get(str(element["type"]))
    if check is not None:
        return check(element, str(value))
    most = element.get("max_selected_items")
    if isinstance(value, list) and isinstance(most, int) and len(value) > most:
        return f"You can select up to {most} items."
    return None


def _text(element: Json, value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    return f"Please enter no more than {most} characters." if len(value) > most else None


def _email(_element: Json, value: str) -> str | None:
    good = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value)
    return None if good else "Please enter a valid email address."


def _url(_element: Json, value: str) -> str | None:
    parts = urlsplit(value)
    return None if parts.scheme in ("http", "https") and parts.netloc else "Please enter a valid URL."


def _number(element: Json, value: str) -> str | None:
    form = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(form, value):
        return "Please enter a valid number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number no less than {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number no greater than {element['max_value']}."
    return None


_CLIENT_CHECKS: dict[str, Callable[[Json, str], str | None]] = {
    "plain_text_input": _text,
    "email_text_input": _email,
    "url_text_input": _url,
    "number_input": _number,
}
