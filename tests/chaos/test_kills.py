"""What was acknowledged is kept and nothing is said twice, though the program is killed again and again."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack
from tests.chaos.conftest import Note, Scale
from tests.chaos.siege import besieged

pytestmark = [pytest.mark.siege, pytest.mark.slow]

REPLICAS = 4


def test_one_process_on_sqlite_may_be_killed_at_any_moment(
    on_sqlite: Settings, slack: RunningSlack, tmp_path: Path, scale: Scale, note: Note
) -> None:
    chaos, kills = random.Random(5), 0
    with besieged(on_sqlite, slack, tmp_path, cases=scale.cases) as siege:
        (member,) = siege.crew.members
        while kills < scale.kills and time.monotonic() - siege.began < scale.most_seconds:
            time.sleep(chaos.uniform(0.0, 0.5))
            if chaos.random() < 0.7:
                # Most kills meet somebody who presses; the others come while the program starts.
                siege.until_pressed(1)
            siege.crew.kill(member)
            kills += 1
            siege.crew.start(member)
        siege.assert_whole()
        note("kills on SQLite", siege.figures(kills=kills))
    assert kills == scale.kills or time.monotonic() - siege.began > scale.most_seconds


def test_any_of_four_on_postgresql_may_be_killed_under_load(
    on_postgres: Settings, slack: RunningSlack, tmp_path: Path, scale: Scale, note: Note
) -> None:
    chaos, kills = random.Random(9), 0
    skews = (0.0,) * REPLICAS
    with besieged(on_postgres, slack, tmp_path, cases=scale.cases, skews=skews) as siege:
        while kills < max(3, scale.kills // 4) and time.monotonic() - siege.began < scale.most_seconds:
            siege.until_pressed(chaos.randrange(1, 6))
            member = chaos.choice(siege.crew.members)
            siege.crew.kill(member)
            kills += 1
            siege.crew.start(member)
        siege.assert_whole()
        note("kills of four on PostgreSQL", siege.figures(replicas=REPLICAS, kills=kills))
    assert kills


def test_all_of_four_may_be_replaced_one_by_one_under_load(
    on_postgres: Settings, slack: RunningSlack, tmp_path: Path, scale: Scale, note: Note
) -> None:
    """A rolling restart: each is asked to end (SIGTERM) while the others go on, and then started again."""
    skews, ended = (0.0,) * REPLICAS, []
    with besieged(on_postgres, slack, tmp_path, cases=scale.cases // 2, skews=skews) as siege:
        for _ in range(scale.rounds):
            for member in siege.crew.members:
                siege.until_pressed(2)
                ended.append(siege.crew.retire(member))
                siege.crew.start(member)
        siege.assert_whole()
        note("rolling restarts", siege.figures(replicas=REPLICAS, restarts=len(ended)))
    assert set(ended) == {0}
    assert siege.pressing.unanswered == 0
