"""A second process: beside the first it refuses, and after the first was killed it carries on for it."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack
from domain.code import make_code
from handlers import enqueue
from handlers.services import Services
from storage.outbox.outbox import Counts
from storage.transaction import Transaction
from tests.forked import serving, start
from tests.ports import free_port
from tests.program import answers, environment, kill, stop
from tests.whole.cases import add, summoned
from tests.whole.conftest import opening, until
from tests.whole.operator import Operator
from tests.whole.test_kill import AGENCIES, _keys, _summonses

PATIENCE = 30.0


@pytest.mark.apart
@pytest.mark.slow
@pytest.mark.waits
@pytest.mark.parametrize(
    "migrated_url, words",
    [("sqlite", "another `sipbot serve` works on this database"), ("postgresql", "SIPBOT_REPLICA=one")],
    indirect=["migrated_url"],
)
def test_a_second_one_on_the_same_file_or_of_the_same_name_refuses_and_says_why(
    settings: Settings, folder: Path, words: str
) -> None:
    second = settings.model_copy(update={"sipbot_port": free_port()})
    with serving(settings, folder):
        done = Operator(folder, environment(second)).run("serve")
        assert done.code == 1
        assert words in done.err
        assert asyncio.run(answers(settings.sipbot_port, "/readyz"))


@pytest.mark.apart
@pytest.mark.slow
@pytest.mark.waits
@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
def test_when_one_of_two_is_killed_the_other_has_its_letters_within_fifteen_seconds(
    settings: Settings, folder: Path, slack: RunningSlack, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nobody has given them names, so nothing but their leases tells that one has died."""
    first = settings.model_copy(update={"sipbot_replica": ""})
    second = first.model_copy(update={"sipbot_port": free_port()})
    # Every letter is under way when the first is killed, and nobody can tell whether it arrives.
    slack.slack.faults.delay(8, "chat.postMessage", times=len(AGENCIES))
    process, other = start(first, folder), start(second, tmp_path_factory.mktemp("second"))
    other.send_signal(signal.SIGSTOP)
    database = opening(settings)

    def fill(tx: Transaction) -> None:
        case = summoned(make_code(5), tx.now, AGENCIES)
        add(services, tx, case)
        tx.outbox.put_many([enqueue.summons(case, case.meetings[0], a, tx.directory, tx.now) for a in AGENCIES])

    def counts() -> Counts:
        return database.read(lambda reader: reader.outbox.counts()).result(PATIENCE)

    database.write(fill).result(PATIENCE)
    until(lambda: counts().taken == len(AGENCIES))
    try:
        kill(process)
        slack.slack.faults.clear()
        other.send_signal(signal.SIGCONT)
        killed = time.monotonic()
        until(lambda: counts().waiting + counts().taken == 0, 60)
        carried_on_after = time.monotonic() - killed
        assert _summonses(slack) == len(AGENCIES)
        assert not [key for key, count in _keys(slack).items() if count > 1]
    finally:
        other.send_signal(signal.SIGCONT)
        stop(other)
        database.close()
    assert carried_on_after < 15
