"""Reports where an error happened without what it held: messages of errors may quote what people wrote."""

from __future__ import annotations

import logging
import traceback

_DEEPEST = 8


def report(logger: logging.Logger, message: str, error: BaseException, **words: object) -> None:
    """Log `message` with the error's class, the places it passed, and fixed `words`; never its text."""
    logger.error(message, extra={**words, **told(error)})


def told(error: BaseException) -> dict[str, object]:
    """Return an error's class and the places it passed, for a log line."""
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "places": places}
