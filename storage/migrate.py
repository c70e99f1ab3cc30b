"""The schema of the database: brought to the newest version, or asked which version it has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from domain.errors import Invalid, Unavailable
from storage.encryption.cipher import Keyring
from storage.engine import sqlite
from storage.engine.database import path_of
from storage.engine.postgres import connection_string
from storage.schema.tables import process
from storage.schema.version import NEWEST

# Any number will do as long as every process of the bot takes the same: "SIPBOT" as bytes.
_LOCK: Final = 0x534950424F54

# Seconds after its last sign of life in which a process may still run; it gives one every three.
_SILENT: Final = 20.0

# What makes an SQLite file somebody else's: tables, where none of our migrations has run. (A PostgreSQL database may be
# shared, and the names of tables that clash there are refused by the server.)
_OF_OTHERS: Final = (
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version' AND name NOT LIKE 'sqlite!_%' "
    "ESCAPE '!' LIMIT 1"
)

# Every revision that this program knows, and none at all.
KNOWN: Final = frozenset(
    {None, *(path.name.partition("_")[0] for path in (Path(__file__).parent / "migrations" / "versions").glob("0*.py"))}
)


def migrate(url: str, keyring: Keyring | None = None, revision: str = "head") -> None:
    """Bring the database of a URL to the newest schema. Of several processes, one does and the others wait for it.

    `keyring` seals what a version before left in the clear; only an empty database needs none.

    Raises:
        Unavailable: the database does not serve now (`database.unavailable`), or a process of the version before still
            runs (`database.in_use`).
        Invalid: a newer version of the program has brought it further than this one knows (`database.newer`), the
            file is another program's (`database.foreign`), or there is something to be sealed, and no key
            (`keys.missing`).
    """
    with transaction(url) as connection:
        if _revision_of(connection) not in {None, NEWEST}:
            _require_alone(connection)
        command.upgrade(configuration(connection, keyring), revision)


def _require_alone(connection: Connection) -> None:
    """Refuse while a process of the version before runs: what it writes from now on the next could not read.

    On SQLite too: any command of the new version brings the file up to date, and `sipbot serve` may still be the old.
    """
    if not sqlalchemy.inspect(connection).has_table(process.name):
        return
    now = time.time()
    lately = process.c.at.between(int((now - _SILENT) * 1_000_000), int((now + _SILENT) * 1_000_000))
    alive = sqlalchemy.select(process.c.name).where(process.c.name != "", lately).limit(1)
    if connection.execute(alive).first() is not None:
        raise Unavailable("database.in_use")


def is_current(url: str) -> bool:
    """Say whether the database of a URL has the newest schema. A file that is not there is not made.

    Raises:
        Unavailable: the database does not serve now (`database.unavailable`).
        Invalid: a newer version of the program has brought it further than this one knows (`database.newer`), or the
            file is another program's (`database.foreign`).
    """
    path = path_of(url)
    if path is not None and not path.exists():
        return False
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return _revision_of(connection) == NEWEST
    except sqlalchemy.exc.OperationalError as error:
        raise Unavailable("database.unavailable") from error
    finally:
        engine.dispose()


def downgrade(url: str, revision: str, keyring: Keyring | None = None) -> None:
    """Bring the database of a URL back to an older schema, or with "base" to none. What has no place there is lost.

    `keyring` opens what the older version reads in the clear.

    Raises:
        Invalid: there is something to be opened, and no key (`keys.missing`).
    """
    with transaction(url) as connection:
        _revision_of(connection)
        command.downgrade(configuration(connection, keyring), revision)


def configuration(connection: Connection, keyring: Keyring | None = None) -> Config:
    """Return Alembic's configuration for the migrations of this package, on a connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["keyring"] = keyring
    return config


@contextmanager
def transaction(url: str) -> Iterator[Connection]:
    """Open an SQLAlchemy connection in a transaction that is the only one to change the schema."""
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection
    except sqlalchemy.exc.OperationalError as error:
        raise Unavailable("database.unavailable") from error
    finally:
        engine.dispose()


def _revision_of(connection: Connection) -> str | None:
    """Return how far the schema has come; none of an empty database. A file of another program is not made ours."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found not in KNOWN:
        raise Invalid("database.newer")
    if found is None and connection.dialect.name == "sqlite" and connection.exec_driver_sql(_OF_OTHERS).first():
        raise Invalid("database.foreign")
    return found


def _engine(url: str) -> Engine:
    path = path_of(url)
    if path is None:
        return create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(connection_string(url)),
            poolclass=NullPool,
            hide_parameters=True,
        )
    engine = create_engine(
        "sqlite://",
        module=sqlite.driver,
        creator=lambda: sqlite.connect(path),
        poolclass=NullPool,
        hide_parameters=True,
    )
    # The driver begins no transactions by itself (sqlite.connect), and an immediate one waits for other
    # processes.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine
