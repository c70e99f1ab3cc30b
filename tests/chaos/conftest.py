"""What the sieges need, and a table of the figures they held at.

`make chaos` runs them long (CHAOS=long), `make siege` in a short form.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack, running_slack
from tests.conftest import ROOT
from tests.postgres import PostgresMissingError, PostgresServer
from tests.whole.conftest import prepared, seed

LONG = os.environ.get("CHAOS") == "long"
RECORD = ROOT / ".cache" / "chaos.json"

Note: TypeAlias = Callable[[str, dict[str, int | str]], None]


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of each: the numbers of the long form, and those that fit into `make siege`."""

    kills: int
    cases: int
    rounds: int
    seconds_cut: float
    clicks: int
    most_seconds: float


SCALE = Scale(1000, 1500, 10, 30.0, 100_000, 1800.0) if LONG else Scale(4, 25, 1, 2.0, 300, 60.0)


@pytest.fixture
def scale() -> Scale:
    """How much of each there is to be."""
    return SCALE


@pytest.fixture
def slack() -> Iterator[RunningSlack]:
    """A workspace without limits."""
    with running_slack(seed(), rate_limited=False) as running:
        yield running


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server that may be restarted: no other test uses it."""
    try:
        server = PostgresServer()
    except PostgresMissingError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def on_postgres(slack: RunningSlack, own_server: PostgresServer) -> Iterator[Settings]:
    """Settings of a bot on a database of that server."""
    with own_server.database() as url:
        yield prepared(slack, url).model_copy(update={"sipbot_replica": ""})


@pytest.fixture
def on_sqlite(slack: RunningSlack, tmp_path: Path) -> Settings:
    """Settings of a bot on a file."""
    return prepared(slack, f"sqlite:///{tmp_path / 'sipbot.db'}")


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Note what a siege held at."""
    noted: dict[str, dict[str, int | str]] = request.config.stash.setdefault(NOTED, {})

    def noting(name: str, figures: dict[str, int | str]) -> None:
        noted[name] = figures

    return noting


NOTED: pytest.StashKey[dict[str, dict[str, int | str]]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the figures, and keep those of the long form."""
    noted = config.stash.get(NOTED, {})
    if not noted:
        return
    terminalreporter.section("what it held at")
    for name, figures in noted.items():
        terminalreporter.write_line(f"{name}: " + ", ".join(f"{value} {what}" for what, value in figures.items()))
    if LONG:
        kept = json.loads(RECORD.read_text()) if RECORD.exists() else {}
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(json.dumps(kept | noted, indent=1))
