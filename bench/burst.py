"""Eight in the morning: 600 messages for 60 channels, and 20 people who press a button meanwhile."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.measure import Result
from bench.slack import Slack
from bench.surroundings import AGENCIES, Seeded, seeded, settings
from handlers import enqueue
from storage.outbox.letter import Rank
from storage.transaction import Transaction
from tests.ports import free_port
from tests.program import Client, press_body, serving

MESSAGES, ANSWERS = 600, 20
WATCHED = 20.0


def measure() -> list[Result]:
    """Return how often Slack's limits were struck, and how long answers took beside the burst."""
    with tempfile.TemporaryDirectory() as folder, Slack(limits=True) as slack:
        found = settings(Path(folder), slack.url, free_port())
        filled = seeded(found, MESSAGES // 10, 10)
        filled.database.write(lambda tx: _burst(filled, tx)).result(60)
        with serving(found, Path(folder)):
            began = time.monotonic()
            pressed = asyncio.run(_press(found.sipbot_port, filled))
            time.sleep(max(0.0, WATCHED - (time.monotonic() - began)))
            struck, posts = int(slack.ask("429")), int(slack.ask("posts"))
            answered = json.loads(slack.ask("answers"))
        filled.database.close()
    waits = [answered.get(user, float("inf")) - at for user, at in pressed.items()]
    slowest = max(waits)
    return [
        Result(
            f"{MESSAGES} messages to {AGENCIES} channels: calls refused for their rate", f"{struck}", "= 0", struck == 0
        ),
        Result(f"  messages out after {WATCHED:.0f} s", f"{posts}", "(Slack's own limits)", posts > 0),
        Result(f"  slowest of {ANSWERS} answers meanwhile", f"{slowest:.2f} s", "< 1 s", slowest < 1),
    ]


def _burst(filled: Seeded, tx: Transaction) -> None:
    """Put every case's summonses in the outbox with the urgency of reminders."""
    letters = []
    for code in filled.codes:
        case = tx.cases.get(code)
        meeting = case.meetings[0]
        letters += [
            replace(enqueue.summons(case, meeting, s.agency, tx.directory, tx.now), rank=Rank.REMINDER)
            for s in meeting.summonses
        ]
    tx.outbox.put_many(letters)


def _body(filled: Seeded, user: str, code: str, agency: int, number: int) -> bytes:
    token = filled.token(code, f"a{agency}")
    return press_body(user, "summons.received", token, number, channel=f"C0A{agency}")


async def _press(port: int, filled: Seeded) -> dict[str, float]:
    """Let one person after another press; return when each of them did."""
    client = await Client.open(port)
    pressed = {}
    await asyncio.sleep(1)
    for n in range(ANSWERS):
        agency = (n * 3) % AGENCIES
        code = next(c for k, c in enumerate(filled.codes) if agency in {(k + j) % AGENCIES for j in range(10)})
        user = f"U0S{agency}"
        pressed[user] = time.time()
        status, _ = await client.post(_body(filled, user, code, agency, n))
        assert status == 200, status
        await asyncio.sleep(0.2)
    await client.close()
    return pressed
