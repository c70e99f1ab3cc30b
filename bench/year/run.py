"""Running a year from its beginning to its end, in a folder that goes with it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

from bench.year.play import Played, Size, Year

# A file system in memory, where there is one: a year is played to see what happens in it, not how fast a disk is.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own


def played(size: Size, seed: int) -> Played:
    """Play a year and return what it was."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        year = asyncio.run(Year(Path(folder), size, seed).play())
    year.seconds = time.monotonic() - began
    return year
