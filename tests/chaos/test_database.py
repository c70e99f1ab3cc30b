"""The database goes away in every way it can, and comes back: nothing acknowledged is lost, nothing is said twice."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psycopg
import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack
from tests.chaos.conftest import Note, Scale
from tests.chaos.proxy import line_to
from tests.chaos.siege import Siege, besieged
from tests.postgres import PostgresServer
from tests.whole.conftest import until

pytestmark = [pytest.mark.siege, pytest.mark.slow]

PAIR = (0.0, 0.0)
WAYS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@pytest.mark.parametrize("how", WAYS)
def test_the_server_may_be_restarted(
    on_postgres: Settings,
    own_server: PostgresServer,
    slack: RunningSlack,
    tmp_path: Path,
    scale: Scale,
    note: Note,
    how: str,
) -> None:
    with besieged(on_postgres, slack, tmp_path, cases=scale.cases // 2, skews=PAIR) as siege:
        for _ in range(scale.rounds):
            siege.until_pressed(3)
            own_server.restart(WAYS[how])
            assert_again_ready(siege)
        siege.until_pressed(3)
        siege.assert_whole()
        note(f"PostgreSQL restarted ({how})", siege.figures(restarts=scale.rounds))


def test_the_server_may_become_a_standby_and_back(
    on_postgres: Settings, slack: RunningSlack, tmp_path: Path, scale: Scale, note: Note
) -> None:
    database = on_postgres.sipbot_database_url.rpartition("/")[2]
    with besieged(on_postgres, slack, tmp_path, cases=scale.cases // 2, skews=PAIR) as siege:
        for _ in range(scale.rounds):
            siege.until_pressed(3)
            turn(on_postgres, f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
            until(lambda: not any(siege.crew.ready(member) for member in siege.crew.members), 20)
            turn(on_postgres, f'ALTER DATABASE "{database}" SET default_transaction_read_only = off')
            assert_again_ready(siege)
        siege.until_pressed(3)
        siege.assert_whole()
        note("read-only and back", siege.figures(failovers=scale.rounds))


def turn(settings: Settings, command: str) -> None:
    """Change what new connections may do, and end those there are, as a failover does."""
    with psycopg.connect(settings.sipbot_database_url, autocommit=True) as own:
        own.execute("SET default_transaction_read_only = off")
        own.execute(command)
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            "pg_backend_pid()"
        )


def test_the_line_to_the_server_may_be_cut(
    on_postgres: Settings,
    own_server: PostgresServer,
    slack: RunningSlack,
    tmp_path: Path,
    scale: Scale,
    note: Note,
) -> None:
    """Nobody is told that it is cut: packets vanish, and come when it is mended."""
    with line_to(own_server.port) as line:
        url = on_postgres.sipbot_database_url.replace(f":{own_server.port}/", f":{line.port}/")
        behind = on_postgres.model_copy(update={"sipbot_database_url": url})
        with besieged(behind, slack, tmp_path, cases=scale.cases // 2, skews=PAIR, direct=on_postgres) as siege:
            siege.until_pressed(3)
            line.cut()
            time.sleep(scale.seconds_cut)
            line.mend()
            assert_again_ready(siege)
            siege.until_pressed(3)
            siege.assert_whole()
            note("line cut", siege.figures(seconds_cut=round(scale.seconds_cut)))


def test_the_clocks_of_the_members_may_differ_by_a_minute(
    on_postgres: Settings, slack: RunningSlack, tmp_path: Path, scale: Scale, note: Note
) -> None:
    skews = (0.0, 60.0, -60.0)
    with besieged(on_postgres, slack, tmp_path, cases=scale.cases // 2, skews=skews) as siege:
        for _ in range(scale.rounds):
            siege.until_pressed(5)
            member = siege.crew.members[-1]
            siege.crew.kill(member)
            siege.crew.start(member)
        siege.assert_whole()
        note("clocks a minute apart", siege.figures(members=len(skews), kills=scale.rounds))


def assert_again_ready(siege: Siege) -> None:
    """All call themselves ready again within half a minute."""
    until(lambda: all(siege.crew.ready(member) for member in siege.crew.members), 45)
