"""Tells where an error happened without telling what it held: messages of errors may quote what people wrote."""

from __future__ import annotations

import traceback

_DEEPEST = 8


def told(error: BaseException) -> dict[str, object]:
    """Return an error's class and the places it passed, for a log line."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "places": places}
