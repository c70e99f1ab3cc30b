"""Fixtures for storage: every test that asks for `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.migrate import migrate
from tests.postgres import Postgres
from tests.storage.specimens import HandClock, Store


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "sipbot.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Postgres) -> Iterator[str]:
    """The name of a PostgreSQL database with the newest schema, to be used as a template."""
    with postgres_server.database() as url:
        migrate(url)
        yield url.rpartition("/")[2]


@pytest.fixture
def migrated_sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    path = tmp_path / "sipbot.db"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def migrated_postgres_url(postgres_server: Postgres, migrated_postgres: str) -> Iterator[str]:
    with postgres_server.database(migrated_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with the newest schema and nothing in it, on each kind of database."""
    fixtures = {"sqlite": "migrated_sqlite_url", "postgresql": "migrated_postgres_url"}
    url: str = request.getfixturevalue(fixtures[request.param])
    return url


@pytest.fixture
def secret() -> str:
    return fresh_key()


@pytest.fixture
def keyring(secret: str) -> Keyring:
    return Keyring([secret])


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(migrated_url: str, keyring: Keyring, clock: HandClock) -> Iterator[Store]:
    """An open database of each kind."""
    yield from _opened(migrated_url, keyring, clock)


@pytest.fixture
def sqlite_store(migrated_sqlite_url: str, keyring: Keyring, clock: HandClock) -> Iterator[Store]:
    yield from _opened(migrated_sqlite_url, keyring, clock)


@pytest.fixture
def postgres_store(migrated_postgres_url: str, keyring: Keyring, clock: HandClock) -> Iterator[Store]:
    yield from _opened(migrated_postgres_url, keyring, clock)


def _opened(url: str, keyring: Keyring, clock: HandClock) -> Iterator[Store]:
    database = open_database(url, keyring, clock)
    try:
        yield Store(database, clock, url)
    finally:
        database.close()
