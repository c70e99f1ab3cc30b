"""Putting a backup in the place of the database: only when nobody has it open, and never without keeping what was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from domain.errors import Invalid, Unavailable
from storage.backup import is_whole
from storage.engine import sqlite
from storage.engine.database import path_of

_PG_RESTORE = "pg_restore --no-owner --exit-on-error --dbname=<SIPBOT_DATABASE_URL> {source}"
_OTHERS = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid() LIMIT 1"
)
_BESIDE = ("-wal", "-shm", "-journal")


def restore(url: str, source: Path, now: datetime, check: Callable[[str], None]) -> Path | None:
    """Put a copy of `source` in the place of the database of a URL; return where what was there is kept now.

    `check` is given the URL of the copy before it takes that place. Whatever it raises leaves all as it was.

    Raises:
        Invalid: PostgreSQL has its own program for this (`restore.use_pg_restore`, with the command as a parameter);
            or there is no such file (`restore.no_file`); or it is damaged or none of ours (`restore.damaged`).
        Unavailable: somebody has the database open (`restore.in_use`): stop the bot first.
    """
    path = path_of(url)
    if path is None:
        raise Invalid("restore.use_pg_restore", {"command": _PG_RESTORE.format(source=source)})
    if not source.is_file():
        raise Invalid("restore.no_file", {"file": str(source)})
    if not is_whole(source):
        raise Invalid("restore.damaged", {"file": source.name})
    _require_closed(path)
    fresh = path.with_name(f"{path.name}.restoring")
    fresh.unlink(missing_ok=True)
    try:
        _copy(source, fresh)
        check(f"sqlite:///{fresh}")
        _require_closed(fresh)  # all that the check brought up to date is written home
        kept = path.with_name(f"{path.name}.before-{now:%Y%m%dT%H%M%S.%f}") if path.exists() else None
        if kept is not None:
            # Under both names until it is replaced: at no moment is there no database, or the bot would begin anew.
            kept.hardlink_to(path)
        for ending in _BESIDE:
            path.with_name(path.name + ending).unlink(missing_ok=True)
        fresh.replace(path)
    except BaseException:
        for ending in ("", *_BESIDE):
            fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
        raise
    return kept


def _copy(source: Path, fresh: Path) -> None:
    # It holds what one person may read, from its first byte.
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as target, source.open("rb") as copied:
        shutil.copyfileobj(copied, target)
        target.flush()
        os.fsync(target.fileno())


def require_alone(url: str) -> None:
    """Raise when somebody else is connected to a PostgreSQL database: what follows a restore comes before the bot.

    Raises:
        Unavailable: somebody is (`restore.in_use`), or the database does not serve now (`database.unavailable`).
    """
    import psycopg  # noqa: PLC0415 - loaded only where it is used, as in the engine

    from storage.engine.postgres import connection_string  # noqa: PLC0415

    try:
        with psycopg.connect(connection_string(url)) as connection:
            open_elsewhere = connection.execute(_OTHERS).fetchone() is not None
    except psycopg.Error as error:
        raise Unavailable("database.unavailable") from error
    if open_elsewhere:
        raise Unavailable("restore.in_use")


def _require_closed(path: Path) -> None:
    """Raise when another process has the database open: leaving WAL mode needs it alone, and writes all of it home."""
    if not path.exists():
        return
    connection = sqlite.driver.connect(str(path), isolation_level=None, timeout=0.5)
    try:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite.driver.OperationalError as error:
        raise Unavailable("restore.in_use") from error
    except sqlite.driver.DatabaseError:
        pass  # what is there is damaged, which may be why it is replaced; it is kept all the same
    finally:
        connection.close()
