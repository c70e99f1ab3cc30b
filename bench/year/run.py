"""Running a year from its beginning to its end in a folder that goes with it; what the bot logs as wrong is noted."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.year.play import Played, Size, Year

# A file system in memory, where there is one: a year is played to see what happens in it, not how fast a disk is.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own


class Wrong(logging.Handler):
    """Keeps what is logged as an error, with the places that the error passed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        places = " < ".join(reversed(getattr(record, "places", [])))
        self.lines.append(f"{record.getMessage()} ({getattr(record, 'error', '')}; {places})")


def played(size: Size, seed: int) -> Played:
    """Play a year and return what it was."""
    began, wrong = time.monotonic(), Wrong()
    logging.getLogger().addHandler(wrong)
    try:
        with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
            year = asyncio.run(Year(Path(folder), size, seed).play())
    finally:
        logging.getLogger().removeHandler(wrong)
    year.wrong, year.seconds = wrong.lines, time.monotonic() - began
    return year
