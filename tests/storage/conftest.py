"""Fixtures for storage: every test that asks for `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from tests.storage.specimens import HandClock, Store


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
