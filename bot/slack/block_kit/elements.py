"""Block Kit's elements and composition objects as tables (Slack's reference, block-kit/block-elements).

Each entry says which properties an element must and may have, and how long or many they may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.slack.block_kit.kinds import (
    Check,
    Rule,
    Violation,
    below,
    boolean,
    choice,
    date,
    iana_zone,
    integer,
    items,
    number_text,
    pattern,
    plain,
    record,
    string,
    text,
    time,
    typed,
    unix_seconds,
    url,
)

ACTION_ID = string(255, 1)
STYLE = choice("primary", "danger")
IDENTIFIER = string(255, 1)

CONFIRM = record({"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)}, {"style": STYLE})
DISPATCH = record(
    {}, {"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), least=1, most=2)}
)
FILTER = record(
    {},
    {
        "include": items(choice("im", "mpim", "private", "public"), least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)


def option(*, mrkdwn: bool = False, with_url: bool = False) -> Check:
    """An option object; markdown only in checkboxes and radio buttons, an address only in overflow menus."""
    extra: dict[str, Check] = {"description": text(75, mrkdwn=mrkdwn)}
    if with_url:
        extra["url"] = url
    return record({"text": text(75, mrkdwn=mrkdwn), "value": string(150, 1)}, extra)


OPTION = option()
MARKED_OPTION = option(mrkdwn=True)
OPTION_GROUP = record({"label": plain(75), "options": items(OPTION, least=1, most=100)})


def one_of_two(first: str, second: str) -> Rule:
    """Exactly one of two properties must be there."""

    def rule(value: Mapping[str, object], pointer: str) -> Iterator[Violation]:
        present = [name for name in (first, second) if name in value]
        if not present:
            yield Violation(pointer, "missing", f"must define either `{first}` or `{second}`")
        elif len(present) > 1:
            yield Violation(pointer, "both", f"must not define both `{first}` and `{second}`")

    return rule


SLACK_FILE = record({}, {"id": IDENTIFIER, "url": url}, (one_of_two("id", "url"),))


def ascending(low: str, high: str) -> Rule:
    """A lower bound may not lie above the upper one."""

    def rule(value: Mapping[str, object], pointer: str) -> Iterator[Violation]:
        least, most = _number(value.get(low)), _number(value.get(high))
        if least is not None and most is not None and least > most:
            yield Violation(below(pointer, low), "min_over_max", f"must be less than or equal to {high}")

    return rule


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def offered_options(value: Mapping[str, object]) -> list[object]:
    """Return the options an element offers, those in groups too, in their order."""
    found: list[object] = []
    groups = value.get("option_groups")
    lists = [value.get("options"), *(g.get("options") for g in _dicts(groups))]
    for options in lists:
        found.extend(_dicts(options))
    return found


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _initial_among_offered(value: Mapping[str, object], pointer: str) -> Iterator[Violation]:
    offered = offered_options(value)
    words = "must be one of the offered options"
    if "initial_option" in value and value["initial_option"] not in offered:
        yield Violation(below(pointer, "initial_option"), "not_an_option", words)
    initial = value.get("initial_options")
    for index, chosen in enumerate(initial if isinstance(initial, list) else []):
        if chosen not in offered:
            yield Violation(below(below(pointer, "initial_options"), index), "not_an_option", words)


def _distinct_values(value: Mapping[str, object], pointer: str) -> Iterator[Violation]:
    values = [item.get("value") for item in _dicts(offered_options(value))]
    for name in {repr(held): held for held in values if values.count(held) > 1}.values():
        yield Violation(pointer, "duplicate_value", f"option values must be unique: {name}")


_CHOOSING: tuple[Rule, ...] = (_initial_among_offered, _distinct_values)
_MENU: tuple[Rule, ...] = (one_of_two("options", "option_groups"), *_CHOOSING)
_OFFERED: dict[str, Check] = {
    "options": items(OPTION, least=1, most=100),
    "option_groups": items(OPTION_GROUP, least=1, most=100),
}
_ASKED: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean}
_PLACED: dict[str, Check] = {**_ASKED, "placeholder": plain(150)}
_TYPED_IN: dict[str, Check] = {
    "action_id": ACTION_ID,
    "focus_on_load": boolean,
    "placeholder": plain(150),
    "dispatch_action_config": DISPATCH,
}
_MANY: dict[str, Check] = {**_PLACED, "max_selected_items": integer(1)}


def menu(
    initial: Mapping[str, Check],
    *,
    many: bool = False,
    required: Mapping[str, Check] | None = None,
    rules: tuple[Rule, ...] = (),
) -> Check:
    """A select menu: what all of them have, plus the initial choice of this kind."""
    return record(required, {**(_MANY if many else _PLACED), **initial}, rules)


ELEMENTS: dict[str, Check] = {
    "button": record(
        {"text": plain(75)},
        {
            "action_id": ACTION_ID,
            "confirm": CONFIRM,
            "value": string(2000),
            "url": url,
            "style": STYLE,
            "accessibility_label": string(75, 1),
        },
    ),
    "checkboxes": record(
        {"options": items(MARKED_OPTION, least=1, most=10)},
        {**_ASKED, "initial_options": items(MARKED_OPTION, least=1)},
        _CHOOSING,
    ),
    "radio_buttons": record(
        {"options": items(MARKED_OPTION, least=1, most=10)},
        {**_ASKED, "initial_option": MARKED_OPTION},
        _CHOOSING,
    ),
    "overflow": record(
        {"options": items(option(with_url=True), least=1, most=5)},
        {"action_id": ACTION_ID, "confirm": CONFIRM},
        (_distinct_values,),
    ),
    "datepicker": record({}, {**_PLACED, "initial_date": date}),
    "timepicker": record({}, {**_PLACED, "initial_time": time, "timezone": iana_zone}),
    "datetimepicker": record({}, {**_ASKED, "initial_date_time": unix_seconds}),
    "plain_text_input": record(
        {},
        {
            **_TYPED_IN,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        (ascending("min_length", "max_length"),),
    ),
    "email_text_input": record({}, {**_TYPED_IN, "initial_value": string()}),
    "url_text_input": record({}, {**_TYPED_IN, "initial_value": string()}),
    "number_input": record(
        {"is_decimal_allowed": boolean},
        {**_TYPED_IN, "initial_value": number_text, "min_value": number_text, "max_value": number_text},
        (ascending("min_value", "max_value"),),
    ),
    "file_input": record(
        {}, {"action_id": ACTION_ID, "filetypes": items(string(20, 1), least=1), "max_files": integer(1, 10)}
    ),
    "static_select": menu({**_OFFERED, "initial_option": OPTION}, rules=_MENU),
    "multi_static_select": menu({**_OFFERED, "initial_options": items(OPTION, least=1)}, many=True, rules=_MENU),
    "external_select": menu({"initial_option": OPTION, "min_query_length": integer(0)}),
    "multi_external_select": menu(
        {"initial_options": items(OPTION, least=1), "min_query_length": integer(0)}, many=True
    ),
    "users_select": menu({"initial_user": IDENTIFIER}),
    "multi_users_select": menu({"initial_users": items(IDENTIFIER, least=1)}, many=True),
    "channels_select": menu({"initial_channel": IDENTIFIER, "response_url_enabled": boolean}),
    "multi_channels_select": menu({"initial_channels": items(IDENTIFIER, least=1)}, many=True),
    "conversations_select": menu(
        {
            "initial_conversation": IDENTIFIER,
            "default_to_current_conversation": boolean,
            "filter": FILTER,
            "response_url_enabled": boolean,
        }
    ),
    "multi_conversations_select": menu(
        {
            "initial_conversations": items(IDENTIFIER, least=1),
            "default_to_current_conversation": boolean,
            "filter": FILTER,
        },
        many=True,
    ),
    "image": record(
        {"alt_text": string(2000, 1)},
        {"image_url": url, "slack_file": SLACK_FILE},
        (one_of_two("image_url", "slack_file"),),
    ),
    "icon_button": record(
        {"icon": pattern(r"[a-z_]+", "the name of an icon"), "text": plain(75)},
        {
            "action_id": ACTION_ID,
            "confirm": CONFIRM,
            "value": string(2000),
            "accessibility_label": string(75, 1),
            "visible_to_user_ids": items(IDENTIFIER),
        },
    ),
}

_FEEDBACK = record({"text": plain(75), "value": string(2000, 1)}, {"accessibility_label": string(75, 1)})
ELEMENTS["feedback_buttons"] = record(
    {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {"action_id": ACTION_ID}
)
ELEMENT_TYPES = frozenset(ELEMENTS) | {"rich_text_input", "plain_text", "mrkdwn"}


def elements(*names: str) -> Check:
    """An element of one of the named types; the other known types are refused as out of place."""
    return typed({name: ELEMENTS[name] for name in names}, ELEMENT_TYPES)
