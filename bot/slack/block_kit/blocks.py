"""Block Kit's blocks as tables: what each holds, and on which surface it may stand.

`data_visualization` and the workflow blocks are not in the table: the product sends none of them, so they are
refused as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.slack.block_kit.elements import (
    ACTION_ID,
    DISPATCH,
    ELEMENT_TYPES,
    ELEMENTS,
    IDENTIFIER,
    SLACK_FILE,
    elements,
    one_of_two,
)
from bot.slack.block_kit.kinds import (
    Check,
    Rule,
    Violation,
    anything,
    below,
    boolean,
    choice,
    integer,
    items,
    pattern,
    plain,
    record,
    string,
    text,
    typed,
    url,
)

_STYLES = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))


def _styled(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    return record(required, {**dict(optional or {}), "style": _STYLES})


RICH_TEXT_PARTS: dict[str, Check] = {
    "text": _styled({"text": string(least=1)}),
    "link": _styled({"url": url}, {"text": string(), "unsafe": boolean}),
    "user": _styled({"user_id": IDENTIFIER}),
    "channel": _styled({"channel_id": IDENTIFIER}),
    "usergroup": _styled({"usergroup_id": IDENTIFIER}),
    "team": _styled({"team_id": IDENTIFIER}),
    "emoji": _styled({"name": string(100, 1)}, {"unicode": string(), "url": url}),
    "date": _styled({"timestamp": integer(0), "format": string(least=1)}, {"url": url, "fallback": string()}),
    "broadcast": _styled({"range": choice("here", "channel", "everyone")}),
    "color": _styled({"value": pattern(r"#[0-9A-Fa-f]{6}", "a hex colour")}),
}
_BORDER = integer(0, 1)
_SECTION = record({"elements": items(typed(RICH_TEXT_PARTS))})
_PLAIN_PARTS = {name: RICH_TEXT_PARTS[name] for name in ("text", "link")}
RICH_TEXT_ELEMENTS: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_list": record(
        {
            "style": choice("bullet", "ordered"),
            "elements": items(typed({"rich_text_section": _SECTION}), least=1),
        },
        {"indent": integer(0, 8), "offset": integer(0), "border": _BORDER},
    ),
    "rich_text_quote": record({"elements": items(typed(RICH_TEXT_PARTS))}, {"border": _BORDER}),
    "rich_text_preformatted": record(
        {"elements": items(typed(_PLAIN_PARTS, frozenset(RICH_TEXT_PARTS)))},
        {"border": _BORDER, "language": string()},
    ),
}

_BLOCK_ID = string(255, 1)


def _block(
    required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, rules: tuple[Rule, ...] = ()
) -> Check:
    return record(required, {"block_id": _BLOCK_ID, **dict(optional or {})}, rules)


RICH_TEXT = _block({"elements": items(typed(RICH_TEXT_ELEMENTS), least=1)})
_RICH_TEXT_ONLY = typed({"rich_text": RICH_TEXT})

ELEMENTS["rich_text_input"] = record(
    {},
    {
        "action_id": ACTION_ID,
        "focus_on_load": boolean,
        "placeholder": plain(150),
        "dispatch_action_config": DISPATCH,
        "initial_value": _RICH_TEXT_ONLY,
        "min_lines": integer(1, 100),
        "max_lines": integer(1, 100),
    },
)

_MENUS = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
)
_PICKERS = ("checkboxes", "datepicker", "radio_buttons", "timepicker")
IN_ACTIONS = ("button", "datetimepicker", "overflow", "rich_text_input", *_PICKERS, *_MENUS)
IN_SECTION = ("button", "image", "overflow", *_PICKERS, *_MENUS)
IN_INPUT = (
    "datetimepicker",
    "email_text_input",
    "file_input",
    "number_input",
    "plain_text_input",
    "rich_text_input",
    "url_text_input",
    *_PICKERS,
    *_MENUS,
)


def _text_or_fields(value: Mapping[str, object], pointer: str) -> Iterator[Violation]:
    if "text" not in value and "fields" not in value:
        yield Violation(pointer, "missing", "must define either `text` or `fields`")


def _even_rows(value: Mapping[str, object], pointer: str) -> Iterator[Violation]:
    rows = value.get("rows")
    widths = [len(row) for row in rows if isinstance(row, list)] if isinstance(rows, list) else []
    if len(set(widths)) > 1:
        yield Violation(below(pointer, "rows"), "uneven_rows", "all rows must have the same number of cells")


_CONTEXT = typed({"image": ELEMENTS["image"], **{kind: text(2000) for kind in ("plain_text", "mrkdwn")}})
_CELL = typed(
    {
        "raw_text": record({"text": string(least=1)}),
        "raw_number": record({"text": string(least=1), "value": anything}),
        "rich_text": RICH_TEXT,
    },
    ELEMENT_TYPES,
)
_ROWS = items(items(_CELL, least=1, most=20), least=1, most=100)
_CARD_PARTS: dict[str, Check] = {
    "hero_image": elements("image"),
    "icon": elements("image"),
    "title": text(150),
    "subtitle": text(150),
    "body": text(200),
    "actions": items(elements("button"), least=1, most=3),
}
_CARD = _block({}, _CARD_PARTS)
_TASK = _block(
    {
        "task_id": string(least=1),
        "title": string(least=1),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    {
        "details": _RICH_TEXT_ONLY,
        "output": _RICH_TEXT_ONLY,
        "sources": items(typed({"url": record({"url": url, "text": string(least=1)})})),
    },
)

BLOCKS: dict[str, Check] = {
    "actions": _block({"elements": items(elements(*IN_ACTIONS), least=1, most=25)}),
    "alert": _block({"text": text(200)}, {"level": choice("default", "info", "warning", "error", "success")}),
    "card": _CARD,
    "carousel": _block({"elements": items(typed({"card": _CARD}), least=1, most=10)}),
    "context": _block({"elements": items(_CONTEXT, least=1, most=10)}),
    "context_actions": _block({"elements": items(elements("feedback_buttons", "icon_button"), least=1, most=5)}),
    "data_table": _block(
        {"rows": _ROWS, "caption": string(least=1)},
        {"page_size": integer(1, 100), "row_header_column_index": integer(0)},
        (_even_rows,),
    ),
    "divider": _block({}),
    "file": _block({"source": choice("remote"), "external_id": IDENTIFIER}),
    "header": _block({"text": plain(150)}),
    "image": _block(
        {"alt_text": string(2000, 1)},
        {"image_url": url, "slack_file": SLACK_FILE, "title": plain(2000)},
        (one_of_two("image_url", "slack_file"),),
    ),
    "input": _block(
        {"label": plain(2000), "element": elements(*IN_INPUT)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": _block({"text": string(12_000, 1)}),
    "plan": _block({"title": string(least=1)}, {"tasks": items(typed({"task_card": _TASK}))}),
    "rich_text": RICH_TEXT,
    "section": _block(
        {},
        {
            "text": text(3000),
            "fields": items(text(2000), least=1, most=10),
            "accessory": elements(*IN_SECTION),
            "expand": boolean,
        },
        (_text_or_fields,),
    ),
    "table": _block(
        {"rows": _ROWS},
        {
            "column_settings": items(
                record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean}), most=20
            )
        },
        (_even_rows,),
    ),
    "task_card": _TASK,
    "video": _block(
        {
            "video_url": url,
            "thumbnail_url": url,
            "alt_text": string(2000, 1),
            "title": plain(199),
        },
        {
            "title_url": url,
            "author_name": string(49),
            "provider_name": string(),
            "provider_icon_url": url,
            "description": plain(2000),
        },
    ),
}
_CHILDREN: tuple[str, ...] = (
    *("actions", "context", "divider", "file", "header", "image", "input", "rich_text", "section"),
    *("table", "video"),
)
BLOCKS["container"] = _block(
    {"child_blocks": items(typed({name: BLOCKS[name] for name in _CHILDREN}, frozenset(BLOCKS)), least=1, most=10)},
    {
        "title": plain(150),
        "rich_text_title": _RICH_TEXT_ONLY,
        "subtitle": text(150),
        "width": choice("narrow", "standard", "wide", "full"),
        "icon": elements("image"),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
)

_ONLY_MESSAGE = frozenset(
    {
        "card",
        "carousel",
        "container",
        "context_actions",
        "data_table",
        "file",
        "markdown",
        "plan",
        "table",
        "task_card",
    }
)
_ONLY_MODAL = frozenset({"alert"})
_ON = {
    "message": frozenset(BLOCKS) - _ONLY_MODAL,
    "modal": frozenset(BLOCKS) - _ONLY_MESSAGE,
    "home": frozenset(BLOCKS) - _ONLY_MESSAGE - _ONLY_MODAL,
}
SURFACES: dict[str, Check] = {
    surface: typed({name: BLOCKS[name] for name in names}, frozenset(BLOCKS)) for surface, names in _ON.items()
}
