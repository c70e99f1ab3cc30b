"""A hundred reminders fall due while the bot is killed and down for three seconds: all are sent, none twice."""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.measure import Result
from bench.slack import Slack
from bench.surroundings import Seeded, seeded, settings
from domain.code import make_code
from storage.transaction import Transaction
from tests.ports import free_port
from tests.program import kill, serving, start
from tests.whole.cases import add, withdrawn

REMINDERS = 50
# A withdrawal that has not arrived is asked about after this long, at any hour: reminders that wait for no morning.
FIRST_STEP = timedelta(minutes=15)
PATIENCE = 60.0


def measure() -> list[Result]:
    """Return how many of the reminders went out after the restart, and how many messages were doubled."""
    with tempfile.TemporaryDirectory() as folder, Slack() as slack:
        found = settings(Path(folder), slack.url, free_port())
        filled = seeded(found, 0, 0)
        _withdrawn(filled, due_in=timedelta(seconds=4))
        filled.database.close()
        kill(start(found, Path(folder)))
        time.sleep(6)
        with serving(found, Path(folder)):
            began = time.monotonic()
            while time.monotonic() - began < PATIENCE and int(slack.ask("told")) < REMINDERS * 2:
                time.sleep(0.5)
            time.sleep(3)
            told, posts = int(slack.ask("told")), int(slack.ask("direct"))
    return [
        Result(
            f"of {REMINDERS * 2} reminders due during a restart, sent",
            f"{told}",
            f"= {REMINDERS * 2}",
            told == REMINDERS * 2,
        ),
        Result(f"  in as many messages as people ({REMINDERS})", f"{posts}", f"= {REMINDERS}", posts == REMINDERS),
    ]


def _withdrawn(filled: Seeded, due_in: timedelta) -> None:
    """Make two withdrawn cases for each of many coordinators, with an agency that has not heard of it."""

    def fill(tx: Transaction) -> None:
        for n in range(REMINDERS * 2):
            closed_at = tx.now - FIRST_STEP + due_in
            add(
                filled.services,
                tx,
                withdrawn(
                    make_code(n + 3), closed_at, tx.now, "a59", f"slack:T0/U0S{n % REMINDERS}", f"a{n % REMINDERS}"
                ),
            )

    filled.database.write(fill).result(60)
