"""Two replicas on PostgreSQL: each reminder and each message goes out once, whoever sends it."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack
from domain.code import make_code
from handlers.services import Services
from storage.transaction import Transaction
from tests.forked import serving
from tests.ports import free_port
from tests.whole.cases import add, withdrawn
from tests.whole.conftest import opening, until
from tests.whole.test_kill import _keys, _reminders

NUMBER = 40


@pytest.mark.slow
@pytest.mark.waits
@pytest.mark.parametrize("migrated_url", ["postgresql"], indirect=True)
def test_two_replicas_send_each_reminder_once(
    settings: Settings, folder: Path, slack: RunningSlack, services: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = opening(settings)

    def fill(tx: Transaction) -> None:
        for n in range(NUMBER):
            closed = tx.now - timedelta(minutes=15) + timedelta(seconds=4 + n / 20)
            add(
                services,
                tx,
                withdrawn(make_code(n + 5000), closed, tx.now, "bup", f"slack:T0/{PEOPLE[n % len(PEOPLE)]}"),
            )

    database.write(fill).result(30)
    database.close()
    second = settings.model_copy(update={"sipbot_port": free_port(), "sipbot_replica": "two"})
    with serving(settings, folder), serving(second, tmp_path_factory.mktemp("second")):
        until(lambda: _reminders(slack) == NUMBER, 60)
        time.sleep(6)
    assert _reminders(slack) == NUMBER
    assert not [key for key, count in _keys(slack).items() if count > 1]


PEOPLE = ("U0ANNA", "U0JULIA", "U0OMAR", "U0PIA", "U0LEIF", "U0MARIA")
