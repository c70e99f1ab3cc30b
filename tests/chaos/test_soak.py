"""A long day: memory does not grow with clicks and letters, whatever their number."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack
from storage.transaction import Reader
from tests.chaos.conftest import LONG, Note, Scale
from tests.chaos.siege import besieged
from tests.whole.conftest import opening

pytestmark = [pytest.mark.siege, pytest.mark.slow]

# What caches may take while they fill, of the clicks or of the time; from then on nothing may be added. The auditor has
# looked at all cases once by then, and has found that most of these were put there without their letters.
WARM = 0.6
GROWTH = 1.15
# Letters that may wait while people press: the workspace is no faster than the machine that plays it.
WAITING = 300


def test_memory_stays_flat_over_clicks_and_letters(
    on_sqlite: Settings, slack: RunningSlack, tmp_path: Path, scale: Scale, note: Note
) -> None:
    """Each click is kept and has letters: the summons that shows it, and the board."""
    with (
        besieged(on_sqlite, slack, tmp_path, cases=scale.clicks // 4, people=4) as siege,
        closing(opening(on_sqlite)) as database,
    ):
        (member,) = siege.crew.members
        assert member.process is not None
        warm, done, passed = 0, 0.0, 0.0
        while siege.pressing.left and passed < 1:
            time.sleep(0.2)
            siege.pressing.resting = database.read(letters_waiting).result(30) > WAITING
            done = len(siege.pressing.done) / scale.clicks
            passed = (time.monotonic() - siege.began) / scale.most_seconds
            if not warm and max(done, passed) >= WARM:
                warm = resident(member.process.pid)
        at_last, clicks = resident(member.process.pid), len(siege.pressing.done)
        siege.assert_whole()
        figures = siege.figures(clicks=clicks, **{"MB when warm": warm // 1024, "MB at last": at_last // 1024})
        note("soak", figures)
    assert warm
    if LONG:
        assert at_last < GROWTH * warm


def letters_waiting(reader: Reader) -> int:
    """Return how many letters wait to be delivered."""
    return reader.outbox.counts().waiting


def resident(pid: int) -> int:
    """Return how much of a process is in memory, in kilobytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])
