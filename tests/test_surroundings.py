"""The surroundings that `tests/conftest.py` promises to every other test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

from tests.conftest import ROOT
from tests.postgres import Postgres, PostgresServer, packaged_programs

EXAMPLE_NET = "192.0.2.1"  # an address for documentation only (RFC 5737)


def sqlalchemy_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def test_each_test_gets_an_empty_database_of_its_own_on_both_kinds(database_url: str) -> None:
    engine = sqlalchemy.create_engine(sqlalchemy_url(database_url))
    try:
        with engine.begin() as connection:
            assert sqlalchemy.inspect(connection).get_table_names() == []
            connection.execute(sqlalchemy.text("CREATE TABLE note (word TEXT)"))
            connection.execute(sqlalchemy.text("INSERT INTO note VALUES ('hållet')"))
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("SELECT word FROM note")) == "hållet"
    finally:
        engine.dispose()


@pytest.mark.postgres
def test_a_database_is_dropped_although_somebody_is_still_connected(postgres_server: Postgres) -> None:
    with postgres_server.database() as url:
        engine = sqlalchemy.create_engine(sqlalchemy_url(url), poolclass=sqlalchemy.NullPool)
        forgotten = engine.connect()
        forgotten.execute(sqlalchemy.text("SELECT 1"))
    with pytest.raises(sqlalchemy.exc.OperationalError):
        engine.connect()
    forgotten.invalidate()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_packaged_postgresql_serves_where_the_system_has_none() -> None:
    with PostgresServer(packaged_programs()) as server, server.database() as url:
        engine = sqlalchemy.create_engine(sqlalchemy_url(url), poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as outgoing, pytest.raises((UserWarning, RuntimeError), match="tried to use socket"):
        outgoing.connect((EXAMPLE_NET, 80))


def test_loopback_is_open_to_tests() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_settings_of_whoever_runs_the_tests_do_not_reach_them() -> None:
    program = """
        import os, runpy
        import tests.conftest
        print(sorted(name for name in os.environ if name.startswith(("SIPBOT_", "SLACK_"))))
    """
    settings = {"SIPBOT_DATABASE_URL": "sqlite:///real.db", "SLACK_BOT_TOKEN": "xoxb-invented"}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line.strip() for line in program.splitlines())],
        cwd=ROOT,
        env=os.environ | settings,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]"


def test_tests_run_outside_the_checkout() -> None:
    assert ROOT not in [Path.cwd(), *Path.cwd().parents]
