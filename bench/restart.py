"""A hundred reminders fall due while the bot is killed and down for three seconds: all are sent, none twice."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.measure import Result
from bench.slack import Slack
from bench.surroundings import Seeded, seeded, settings, summoned_case
from sipbot.domain.case import Case, Closure, Ground, Notice
from sipbot.domain.code import make_code
from sipbot.domain.deadlines import deadlines, next_due
from sipbot.domain.meeting import Stamp
from sipbot.handlers.keeping import listing_of
from sipbot.storage.transaction import Transaction
from tests.program import free_port, kill, serving, start

NAGS = 50
# A withdrawal that has not arrived is asked about after this long, at any hour: reminders that do not wait for a morning.
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
            while time.monotonic() - began < PATIENCE and int(slack.ask("told")) < NAGS * 2:
                time.sleep(0.5)
            time.sleep(3)
            told, posts = int(slack.ask("told")), int(slack.ask("direct"))
    return [
        Result(f"of {NAGS * 2} reminders due during a restart, sent", f"{told}", f"= {NAGS * 2}", told == NAGS * 2),
        Result(f"  in as many messages as people ({NAGS})", f"{posts}", f"= {NAGS}", posts == NAGS),
    ]


def _withdrawn(filled: Seeded, due_in: timedelta) -> None:
    """Make two withdrawn cases for each of many coordinators, with an agency that has not heard of it."""

    def add(tx: Transaction) -> None:
        for n in range(NAGS * 2):
            case = _case(n, tx)
            dues = deadlines(case, filled.office.rules, tx.now)
            tx.cases.add(case, listing_of(case, filled.office.rules, tx.now), next_due(case, dues))

    def _case(n: int, tx: Transaction) -> Case:
        coordinator = f"slack:T0/U0S{n % NAGS}"
        made = summoned_case(make_code(n + 3), tx.now, ("a59",), tx.now)
        closed = Closure(Ground.WITHDRAWN, Stamp(coordinator, tx.now - FIRST_STEP + due_in), (Notice("a59"),))
        return replace(made, coordinator=coordinator, closure=closed)

    filled.database.write(add).result(60)
