"""The schema: migrations make what the tables say, and go both ways."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from domain.errors import Invalid, Unavailable
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database, path_of
from storage.migrate import configuration, downgrade, is_current, migrate, transaction
from storage.schema import metadata
from storage.schema.version import NEWEST
from tests.postgres import Postgres
from tests.storage.specimens import PATIENCE, HandClock, Store

PG_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
PG_COLUMNS = (
    "SELECT table_name, column_name, data_type, is_nullable, collation_name, is_identity "
    "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
)
PG_CONSTRAINTS = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace "
    "AND conrelid::regclass::text <> 'alembic_version'"
)
SQLITE_SCHEMA = (
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger' AND tbl_name <> 'alembic_version'"
)


def described(url: str) -> set[str]:
    """Everything that the database itself says of its tables, columns, indexes and constraints."""
    with transaction(url) as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(SQLITE_SCHEMA).scalars()
            return {" ".join(row.replace('"', "").replace(",", " , ").split()) for row in rows}
        queries = (PG_INDEXES, PG_COLUMNS, PG_CONSTRAINTS)
        return {str(tuple(row)) for query in queries for row in connection.exec_driver_sql(query)}


def test_the_migrations_make_the_tables(migrated_url: str) -> None:
    with transaction(migrated_url) as connection:
        differences: list[Any] = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_the_migrations_make_what_the_tables_would_make_themselves_to_the_last_index(database_url: str) -> None:
    migrate(database_url)
    migrated = described(database_url)
    downgrade(database_url, "base")
    with transaction(database_url) as connection:
        metadata.create_all(connection)
    assert described(database_url) == migrated


def test_migrating_again_changes_nothing(migrated_url: str) -> None:
    before = described(migrated_url)
    migrate(migrated_url)
    assert described(migrated_url) == before


def test_the_way_back_leaves_nothing_and_can_be_gone_again(database_url: str) -> None:
    migrate(database_url)
    downgrade(database_url, "base")
    with transaction(database_url) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    migrate(database_url)
    assert is_current(database_url)


def test_the_newest_version_is_the_head_of_the_migrations(migrated_url: str) -> None:
    with transaction(migrated_url) as connection:
        assert ScriptDirectory.from_config(configuration(connection)).get_current_head() == NEWEST


def test_the_version_is_known_with_and_without_opening(store: Store) -> None:
    assert is_current(store.url)
    assert store.read(lambda reader: reader.schema_is_current())


def test_an_empty_or_older_database_is_not_current(database_url: str, keyring: Keyring, clock: HandClock) -> None:
    assert not is_current(database_url)
    path = path_of(database_url) if database_url.startswith("sqlite") else None
    assert path is None or not path.exists(), "asking makes no file"
    database = open_database(database_url, keyring, clock)
    assert not database.read(lambda reader: reader.schema_is_current()).result(PATIENCE)
    database.close()
    migrate(database_url)
    with transaction(database_url) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert not is_current(database_url)


@pytest.mark.postgres
def test_of_several_processes_that_migrate_at_once_one_does_and_the_others_wait(
    postgres_server: Postgres,
) -> None:
    with postgres_server.database() as url:
        failures: list[BaseException] = []

        def run() -> None:
            try:
                migrate(url)
            except BaseException as error:  # noqa: BLE001
                failures.append(error)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert failures == []
        assert is_current(url)


def test_a_database_that_cannot_be_reached_is_told_as_unavailable() -> None:
    for ask in (migrate, is_current):
        with pytest.raises(Unavailable):
            ask("postgresql://sipbot@127.0.0.1:9/none")


@pytest.mark.parametrize("what", [migrate, is_current])
def test_a_file_of_another_program_is_left_as_it_is(tmp_path: Path, what: Callable[[str], object]) -> None:
    """With a slip in SIPBOT_DATABASE_URL the bot's tables would come to stand in somebody else's file."""
    file = tmp_path / "theirs.db"
    with closing(sqlite3.connect(file)) as theirs, theirs:
        theirs.execute("CREATE TABLE books (title)")
    with pytest.raises(Invalid, match=r"database\.foreign"):
        what(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("books",)]


@pytest.mark.parametrize("url", ["postgresql://sip:hemligt@localhost:x/sip", "postgresql://localhost/sip?hemligt=1"])
def test_an_address_that_cannot_be_read_is_refused_without_its_words(url: str) -> None:
    with pytest.raises(Invalid, match=r"database\.url\Z") as refused:
        is_current(url)
    assert refused.value.__suppress_context__
