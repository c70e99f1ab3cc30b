"""Cases that are walked through at random: what anybody has seen is what they may see (R62, R77, R109; law 4D).

`WALKS=200 make test` walks farther; `WALK=17` walks one again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.stories.memory import in_memory
from tests.walks.walker import Walker

FIRST = int(os.environ.get("WALK", "0"))
WALKS = 1 if "WALK" in os.environ else int(os.environ.get("WALKS", "12"))
STEPS = 25
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it


async def walked(seed: int, database: Path) -> Walker:
    """Walk through one case; a walk that fails says how it went, so that it can be read."""
    async with in_memory(database) as world:
        walker = Walker(world, seed)
        try:
            await walker.walk(STEPS)
            await walker.check_export()
        except AssertionError as seen:
            raise AssertionError(f"walk {seed}: {' '.join(walker.said)}: {seen}") from seen
        return walker


@pytest.mark.slow
async def test_r62_r77_r109_nobody_ever_sees_more_of_a_case_than_they_may(empty_database: Path) -> None:
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place, prefix="sipbot-walk-") as folder:
        steps = looked = extracts = 0
        for seed in range(FIRST, FIRST + WALKS):
            walker = await walked(seed, Path(shutil.copyfile(empty_database, Path(folder) / f"{seed}.db")))
            steps, looked = steps + walker.steps, looked + walker.eyes.looked
            extracts += walker.extracts
    # A walk in which nothing happens shows nothing.
    assert steps > 5 * WALKS, steps
    assert looked > 10 * WALKS, looked
    assert extracts > WALKS, extracts
