"""Fixtures for all tests, and the empty surroundings that they run in."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest
import uvloop

from storage.migrate import migrate
from tests import synapse
from tests.postgres import Postgres, PostgresMissingError, PostgresServer
from tests.running import side_by_side
from tests.running.stopwatch import Stopwatch

ROOT = Path(__file__).parent.parent
# Here whole bots live, on the loop that `sipbot serve` runs on: it computes a good part less than asyncio's own.
ON_UVLOOP = ("handlers", "stories", "walks", "whole")
IN_CI = bool(os.environ.get("CI"))

# The settings of whoever runs the tests must not reach them.
for name in [name for name in os.environ if name.startswith(("MATRIX_", "SIPBOT_", "SLACK_"))]:
    del os.environ[name]

# Nor may a wish to keep no compiled files: programs that the tests start again and again would be compiled each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Examples that once failed are kept with the other caches. CI draws the same examples every time; a machine
# that is busy is no failure.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".cache" / "hypothesis"))
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if IN_CI else "here")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--workers", default="0", help="run tests in so many processes; auto: one a core, and one that waits"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Stopwatch(ROOT / ".cache" / "test-time", fails=IN_CI))
    if (wanted := config.getoption("workers")) != "0":
        config.pluginmanager.register(side_by_side.SideBySide(None if wanted == "auto" else int(wanted)))
    gc.disable()  # what is collected stays: to look through it again and again is a fifth of collecting


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Choose the event loop of a test."""
    folder = item.path.relative_to(ROOT / "tests").parts[0]
    return {"loop": uvloop.new_event_loop if folder in ON_UVLOOP else asyncio.new_event_loop}


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Spare the garbage collector what collecting has made, half a million objects that stay, and call it seldom.

    Each story makes and drops whole bots; to look after every 700 objects was a fifteenth of all computing, and to look
    at the older ones after every ten times another twentieth. After more than these 50,000 caches no longer hold them.
    """
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _empty_working_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run in an empty folder, so that no `.env` or `data/` of the checkout is read or written."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("working-directory"))
    yield
    os.chdir(before)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """One PostgreSQL server for the whole run: that of all workers, or started when the first test asks for it."""
    if shared := side_by_side.shared_postgres(request.config):
        yield shared
        return
    try:
        server = PostgresServer()
    except PostgresMissingError as error:
        if IN_CI:
            raise
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of the test's own."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def homeserver() -> Iterator[synapse.Synapse]:
    """One Matrix server for the whole run, on a worker of its own."""
    with synapse.or_skip() as server:
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file of the test's own, not made yet."""
    return f"sqlite:///{tmp_path / 'sipbot.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database: each test that asks for it runs on SQLite and on PostgreSQL."""
    fixtures = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    url: str = request.getfixturevalue(fixtures[request.param])
    return url


# ---- at the newest schema: migrated once and copied, as a migration computes as much as a whole test ----------------


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "sipbot.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: Postgres) -> Iterator[str]:
    """The name of a PostgreSQL database with the newest schema and nothing in it, to be used as a template."""
    with postgres_server.database() as url:
        migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture
def migrated_sqlite_url(sqlite_url: str, empty_database: Path) -> str:
    """The URL of an SQLite file of the test's own with the newest schema."""
    shutil.copy(empty_database, sqlite_url.removeprefix("sqlite:///"))
    return sqlite_url


@pytest.fixture
def migrated_postgres_url(postgres_server: Postgres, empty_postgres: str) -> Iterator[str]:
    """The URL of a PostgreSQL database of the test's own with the newest schema."""
    with postgres_server.database(empty_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with the newest schema and nothing in it, on each kind of database."""
    fixtures = {"sqlite": "migrated_sqlite_url", "postgresql": "migrated_postgres_url"}
    url: str = request.getfixturevalue(fixtures[request.param])
    return url
