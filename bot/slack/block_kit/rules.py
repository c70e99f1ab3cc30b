"""Checks messages and views against the Block Kit rules, before Slack does.

The bot calls it on everything it is about to send, the stand-in Slack on everything it receives. The limits
are Slack's own (reference, block-kit); the rules that need a look at the whole payload stand here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from bot.slack.block_kit.blocks import SURFACES
from bot.slack.block_kit.elements import offered_options
from bot.slack.block_kit.kinds import Check, Violation, anything, below, boolean, items, plain, record, string, typed

__all__ = [
    "TEXT_MOST",
    "Violation",
    "check_blocks",
    "check_message",
    "check_view",
    "elements_of",
    "offered_options",
]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
TEXT_MOST = 40_000
MARKDOWN_MOST = 12_000
VIEW_BYTES = 250_000

_METADATA = record({"event_type": string(255, 1), "event_payload": anything})
_VIEW_COMMON: dict[str, Check] = {
    "callback_id": string(255),
    "external_id": string(255),
    "private_metadata": string(3000),
}


def check_message(payload: Mapping[str, object]) -> list[Violation]:
    """Return what is wrong with a message's `text`, `blocks` and `metadata`, and look at nothing else.

    A missing `text` is the violation `text_missing`: Slack takes such a message, but a screen reader and a
    notification then have nothing to say.
    """
    found: list[Violation] = []
    text = payload.get("text")
    if text is None or text == "":
        found.append(Violation("", "text_missing", "missing required field: text"))
    else:
        found.extend(string(TEXT_MOST)(text, "/text"))
    if payload.get("blocks") is not None:
        found.extend(check_blocks(payload["blocks"], "message", "/blocks"))
    if payload.get("metadata") is not None:
        found.extend(_METADATA(payload["metadata"], "/metadata"))
    return found


def check_view(view: Mapping[str, object], pointer: str = "") -> list[Violation]:
    """Return what is wrong with a modal or home view; `pointer` is where the view stands in its call."""
    return list(_check_view(view, pointer))


def check_blocks(blocks: object, surface: str, pointer: str = "") -> list[Violation]:
    """Return what is wrong with a list of blocks on a `message`, `modal` or `home`."""
    most = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    found = list(items(SURFACES[surface], most=most)(blocks, pointer))
    known = [(index, block) for index, block in enumerate(_list(blocks)) if isinstance(block, dict)]
    for rule in (_unique_block_ids, _unique_action_ids, _one_focus, _one_table, _markdown_sum):
        found.extend(rule(known, pointer))
    return found


_Blocks = Sequence[tuple[int, Mapping[str, object]]]


def _check_view(view: Mapping[str, object], pointer: str) -> Iterator[Violation]:
    kind = view.get("type") if isinstance(view, dict) else None
    if kind not in ("modal", "home"):
        yield from typed({"modal": anything, "home": anything})(view, pointer)
        return
    blocks = view.get("blocks")
    surface = str(kind)
    if surface == "modal":
        shape = record(
            {"title": plain(24), "blocks": anything},
            {
                **_VIEW_COMMON,
                "submit": plain(24),
                "close": plain(24),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        )
    else:
        shape = record({"blocks": anything}, _VIEW_COMMON)
    yield from shape(view, pointer)
    if blocks is not None:
        yield from check_blocks(blocks, surface, below(pointer, "blocks"))
    if surface == "modal" and "submit" not in view and _has_input(blocks):
        text = "missing required field: submit (a modal with input blocks needs a submit button)"
        yield Violation(pointer, "needs_submit", text)
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        yield Violation(pointer, "too_long", "view is larger than 250kb")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _has_input(blocks: object) -> bool:
    return any(isinstance(block, dict) and block.get("type") == "input" for block in _list(blocks))


def elements_of(block: Mapping[str, object]) -> list[tuple[str, Mapping[str, object]]]:
    """Return a block's elements with the pointer to each, relative to the block."""
    found: list[tuple[str, object]] = [
        (f"/elements/{index}", element) for index, element in enumerate(_list(block.get("elements")))
    ]
    found += [(f"/{name}", block[name]) for name in ("accessory", "element") if name in block]
    found += [(f"/actions/{index}", element) for index, element in enumerate(_list(block.get("actions")))]
    return [(pointer, element) for pointer, element in found if isinstance(element, dict)]


def _unique_block_ids(blocks: _Blocks, pointer: str) -> Iterator[Violation]:
    seen: set[object] = set()
    for index, block in blocks:
        name = block.get("block_id")
        if not isinstance(name, str):
            continue
        if name in seen:
            place = below(below(pointer, index), "block_id")
            yield Violation(place, "duplicate_block_id", f"`block_id` already exists: {name}")
        seen.add(name)


def _unique_action_ids(blocks: _Blocks, pointer: str) -> Iterator[Violation]:
    for index, block in blocks:
        seen: set[object] = set()
        for inner, element in elements_of(block):
            name = element.get("action_id")
            if not isinstance(name, str):
                continue
            if name in seen:
                place = f"{below(pointer, index)}{inner}/action_id"
                yield Violation(place, "duplicate_action_id", f"`action_id` already exists: {name}")
            seen.add(name)


def _one_focus(blocks: _Blocks, pointer: str) -> Iterator[Violation]:
    focused = [
        f"{below(pointer, index)}{inner}/focus_on_load"
        for index, block in blocks
        for inner, element in elements_of(block)
        if element.get("focus_on_load") is True
    ]
    for place in focused[1:]:
        yield Violation(place, "second_focus", "only one element can have `focus_on_load` set to true")


def _one_table(blocks: _Blocks, pointer: str) -> Iterator[Violation]:
    tables = [index for index, block in blocks if block.get("type") == "table"]
    for index in tables[1:]:
        yield Violation(below(pointer, index), "second_table", "only one table allowed per message")


def _markdown_sum(blocks: _Blocks, pointer: str) -> Iterator[Violation]:
    lengths = [len(str(block.get("text", ""))) for _, block in blocks if block.get("type") == "markdown"]
    if len(lengths) > 1 and sum(lengths) > MARKDOWN_MOST:
        yield Violation(pointer, "too_long", "markdown blocks must be less than 12001 characters together")
