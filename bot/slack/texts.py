"""Texts for Slack's fields: cut to length, escaped where markup is read, cleaned of what cannot be shown."""

from __future__ import annotations

import re

_ELLIPSIS = "…"
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def cut(text: str, most: int) -> str:
    """Return `text` in at most `most` characters; what was cut is marked with an ellipsis."""
    text = shown(text)
    return text if len(text) <= most else text[: most - 1].rstrip() + _ELLIPSIS


def shown(text: str) -> str:
    """Return `text` without control characters and lone surrogates, which JSON or a database may refuse."""
    return _UNSHOWABLE.sub("", text.replace("\r\n", "\n"))


def escaped(text: str, most: int) -> str:
    """Return `text` for a field that Slack reads as mrkdwn, in at most `most` characters once escaped.

    Slack decodes exactly three characters; with them gone, nothing in it can be a link, a mention or a
    broadcast. `*_~` and backticks have no escape, so mrkdwn is used for the notification line alone.
    """
    whole = shown(text).translate(_ESCAPES)
    if len(whole) <= most:
        return whole
    short = shown(text)
    while short and len(short.translate(_ESCAPES)) > most - 1:
        short = short[: -max(1, (len(short.translate(_ESCAPES)) - most) // 5)]
    return short.rstrip().translate(_ESCAPES) + _ELLIPSIS
