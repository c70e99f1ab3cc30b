"""What `sipbot demo` does: show the page, or tell the story in the terminal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from demo.page.serving import run
from demo.play.story import WentWrong, play
from demo.world.texts import Language, texts


def show(
    keep: Path | None, language: Language, port: int | None, line: Callable[[str], None], *, browser: bool
) -> str | None:
    """Serve the page until Ctrl+C; return what is wrong if it cannot be served."""
    logging.basicConfig(level=logging.ERROR)
    try:
        asyncio.run(run(keep, language, port, line, browser=browser))
    except OSError:
        return texts(language)("cli.port_taken", port=port)
    return None


def tell(language: Language, line: Callable[[str], None]) -> str | None:
    """Play the main job as a transcript; return what went wrong, if anything did."""
    logging.basicConfig(level=logging.ERROR)
    try:
        asyncio.run(play(language, line))
    except WentWrong as wrong:
        return texts(language)("play.failed", what=wrong)
    return None
