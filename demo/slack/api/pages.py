"""Long lists in pages, with Slack's cursors."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from demo.slack.api.arguments import Arguments
from demo.slack.errors import ApiError

Item = TypeVar("Item")


def page(items: Sequence[Item], args: Arguments, default: int = 100, most: int = 1000) -> tuple[list[Item], str]:
    """Return the asked-for page and the cursor of the next one, empty at the end.

    Raises:
        ApiError: `invalid_cursor` or `invalid_limit`.
    """
    limit = args.number("limit", default, most)
    start = _offset(args.text("cursor"))
    after = start + limit
    cursor = base64.b64encode(f"offset:{after}".encode()).decode() if after < len(items) else ""
    return list(items[start:after]), cursor


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "offset":
            return int(number)
    except ValueError:
        pass
    raise ApiError("invalid_cursor")
