"""Acknowledged is kept, twice is once: the real process is killed in the middle of its work, again and again."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack
from demo.slack.stand_in import StandIn
from demo.slack.state.records import Message
from domain.case import Case
from domain.code import make_code
from handlers import enqueue
from handlers.services import Services
from handlers.ui.actions import OneSummons
from storage.engine.database import Database
from storage.journal import JournalRow
from storage.transaction import Transaction
from tests.forked import start
from tests.program import Client, Running, kill, press_body, stop
from tests.whole.cases import add, summoned, withdrawn
from tests.whole.conftest import opening, until

AGENCIES = ("bup", "skola", "vc", "fk")
STAFF = {"bup": "U0JULIA", "skola": "U0OMAR", "vc": "U0PIA", "fk": "U0LEIF"}
CASES = 12
KILLS = 6
MET = 3  # presses that each kill comes after
PATIENCE = 20.0


@pytest.mark.apart
@pytest.mark.siege
@pytest.mark.slow
def test_no_acknowledged_press_is_lost_and_no_message_doubled(
    settings: Settings, folder: Path, slack: RunningSlack, services: Services
) -> None:
    codes = [make_code(n * 31 + 5) for n in range(CASES)]
    _seed(settings, services, codes)
    acked: set[tuple[str, str]] = set()
    chaos = random.Random(7)
    work = [(code, agency) for code in codes for agency in AGENCIES]
    for _ in range(KILLS):
        process = start(settings, folder)
        met = threading.Event()

        def end(process: Running = process, met: threading.Event = met) -> None:
            met.wait(PATIENCE)  # on a busy machine a moment may hold no press at all
            process.kill()

        deadline = threading.Timer(chaos.uniform(0.2, 1.2), end)
        deadline.start()
        _press_until_it_dies(settings, services, work, acked, met)
        deadline.join()
        process.wait()
    process = start(settings, folder)
    try:
        expected = CASES * len(AGENCIES)
        until(lambda: _summonses(slack) >= expected, 90)
        time.sleep(2)
    finally:
        stop(process)
    assert len(acked) > 10, "the presses must have met the kills"
    _assert_kept(settings, acked)
    assert _summonses(slack) == CASES * len(AGENCIES)
    assert not [key for key, count in _keys(slack).items() if count > 1]


def _seed(settings: Settings, services: Services, codes: list[str]) -> None:
    database = opening(settings)

    def fill(code: str) -> None:
        def put(tx: Transaction) -> None:
            case = summoned(code, tx.now, AGENCIES)
            add(services, tx, case)
            meeting = case.meetings[0]
            tx.outbox.put_many([enqueue.summons(case, meeting, a, tx.directory, tx.now) for a in AGENCIES])

        database.write(put).result(30)

    for code in codes:
        fill(code)
    database.close()


def _press_until_it_dies(
    settings: Settings,
    services: Services,
    work: list[tuple[str, str]],
    acked: set[tuple[str, str]],
    met: threading.Event,
) -> None:
    before = len(acked)

    async def press() -> None:
        secret = settings.slack_signing_secret.get_secret_value()
        client = await Client.open(settings.sipbot_port)
        try:
            for number, (code, agency) in enumerate(work):
                if (code, agency) not in acked:
                    token = OneSummons(code, 1, agency).seal(services.seal)
                    body = press_body(STAFF[agency], "summons.received", token, number)
                    status, _ = await client.post(body, secret=secret)
                    if status == 200:
                        acked.add((code, agency))
                        if len(acked) >= before + MET:
                            met.set()
                        await asyncio.sleep(0.02)
        finally:
            await client.close()

    try:
        asyncio.run(press())
    except (OSError, asyncio.IncompleteReadError):
        return  # the program was killed before it had answered
    finally:
        met.set()


def _assert_kept(settings: Settings, acked: set[tuple[str, str]]) -> None:
    database = opening(settings)
    try:
        for code, agency in acked:
            case = _read(database, code)
            summons = case.meetings[0].summons_of(agency)
            assert summons is not None
            assert summons.received is not None
    finally:
        database.close()


def _read(database: Database, code: str) -> Case:
    return database.read(lambda reader: reader.cases.get(code)).result(10)


def _journal(database: Database, code: str) -> tuple[JournalRow, ...]:
    return database.read(lambda reader: reader.journal.read(code)).result(10)


def _summonses(slack: RunningSlack) -> int:
    """Count the summonses that stand in the agencies' channels."""

    def count(stand_in: StandIn) -> int:
        held = stand_in.state.messages.everywhere()
        return sum(_key(m) is not None and not m.deleted and m.channel.startswith("C0") for m in held)

    return slack.do(count)


def _keys(slack: RunningSlack) -> Counter[str]:
    """Count the messages by the key that the bot marked them with."""

    def count(stand_in: StandIn) -> Counter[str]:
        keys = (_key(held) for held in stand_in.state.messages.everywhere())
        return Counter(key for key in keys if key is not None)

    return slack.do(count)


def _key(message: Message) -> str | None:
    payload = (message.metadata or {}).get("event_payload", {})
    return str(payload["key"]) if "key" in payload else None


@pytest.mark.apart
@pytest.mark.siege
@pytest.mark.slow
def test_reminders_that_fall_due_around_a_kill_go_out_once(
    settings: Settings, folder: Path, slack: RunningSlack, services: Services
) -> None:
    people = list(STAFF.values())
    database = opening(settings)
    number = 24

    def fill(tx: Transaction) -> None:
        for n in range(number):
            closed = tx.now - timedelta(minutes=15) + timedelta(seconds=2 + n / 6)
            coordinator = f"slack:T0/{people[n % len(people)]}"
            add(services, tx, withdrawn(make_code(n + 900), closed, tx.now, "bup", coordinator))

    database.write(fill).result(30)
    database.close()
    chaos = random.Random(3)
    for _ in range(5):
        process = start(settings, folder)
        time.sleep(chaos.uniform(0.1, 1.5))
        kill(process)
    process = start(settings, folder)
    try:
        until(lambda: _reminders(slack) == number, 60)
        time.sleep(3)
    finally:
        stop(process)
    assert _reminders(slack) == number
    assert not [key for key, count in _keys(slack).items() if count > 1]
    _assert_fired_once(settings, number)


def _reminders(slack: RunningSlack) -> int:
    """Count the reminders that stand in people's direct messages."""

    def count(stand_in: StandIn) -> int:
        held = [m for m in stand_in.state.messages.everywhere() if not m.deleted and m.channel.startswith("D")]
        elements = [e for m in held for block in m.blocks for e in block.get("elements", [])]
        return sum(str(e.get("action_id", "")).startswith("nag.done") for e in elements)

    return slack.do(count)


def _assert_fired_once(settings: Settings, number: int) -> None:
    database: Database = opening(settings)
    try:
        for n in range(number):
            rows = _journal(database, make_code(n + 900))
            sent = [row.entry.details["reminder"] for row in rows if row.entry.action == "reminder.sent"]
            assert len(sent) == len(set(sent))
    finally:
        database.close()
