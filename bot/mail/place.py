"""The parts of a mail server's URL, which may hold a password."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def parts_of(url: str, written: str) -> SplitResult:
    """Split a URL; its port is one, and nothing of it has been cut off.

    Raises:
        ValueError: it cannot be meant. The message holds nothing of the URL: what looks like a port may be a piece
            of the password. `written` is how it should look.
    """
    try:
        parts = urlsplit(url)
        sound = not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"it is written {written}; in user and password # is written %23, / %2F, @ %40 and % %25")
    return parts
