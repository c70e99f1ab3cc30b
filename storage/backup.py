"""Backups: a whole, checked copy of the database while the bot goes on working.

`VACUUM INTO` was chosen by measurement: SQLite's step-by-step backup begins anew whenever somebody writes, and
never ended.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from domain.errors import Invalid, Unavailable
from storage.engine import sqlite
from storage.engine.database import path_of

_PG_DUMP = "pg_dump --format=custom --no-owner --file={target} <SIPBOT_DATABASE_URL>"


# In every version of the schema; another program's file may have one of these names, and not all.
_TABLES: Final = frozenset({"alembic_version", "case_", "case_key", "chain", "journal", "outbox"})
_REVISION: Final = re.compile("[0-9]{4}")


def backup(url: str, target: Path) -> Path:
    """Copy the database of a URL into a new file, check the copy, then give it its name, and return that.

    Raises:
        Invalid: the target exists (`backup.exists`); or the database is PostgreSQL, which has its own program for this
            (`backup.use_pg_dump`, with the command as a parameter); or the file is another program's
            (`database.foreign`).
        Unavailable: the copy could not be made (`database.unavailable`), or it is damaged (`backup.damaged`).
    """
    path = path_of(url)
    if path is None:
        raise Invalid("backup.use_pg_dump", {"command": _PG_DUMP.format(target=target)})
    if os.path.lexists(target):
        raise Invalid("backup.exists", {"file": target.name})
    if not _is_ours(path):
        raise Invalid("database.foreign")
    # In a folder of its own (mode 700, a name nobody knows): where others may write too, nobody can put a link in the
    # copy's place, nor read it.
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    unfinished = folder / target.name
    try:
        # The copy holds what one person may read, from its first byte.
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR, 0o600))
        _copy(path, unfinished)
        if not is_whole(unfinished):
            raise Unavailable("backup.damaged")
        _keep(unfinished, target)
        return target
    except sqlite.driver.Error as error:
        raise Unavailable("database.unavailable") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_whole(path: Path) -> bool:
    """Say whether an SQLite file passes its own quick check, is the bot's, and holds the journal's triggers."""
    if not _is_ours(path):
        return False
    connection = _open(path)
    try:
        checked = connection.execute("PRAGMA quick_check").fetchall()
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        return bool(checked == [("ok",)] and {("journal_no_update",), ("journal_no_delete",)} <= set(triggers))
    except sqlite.driver.DatabaseError:
        return False
    finally:
        connection.close()


def _is_ours(path: Path) -> bool:
    """Say whether the bot's tables are in a file, and one of its migrations the last that ran there."""
    try:
        connection = _open(path)
    except sqlite.driver.OperationalError as error:
        raise Unavailable("database.unavailable") from error
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= _TABLES:
            return False
        revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        return len(revisions) == 1 and _REVISION.fullmatch(str(revisions[0][0])) is not None
    except sqlite.driver.OperationalError as error:
        raise Unavailable("database.unavailable") from error
    except sqlite.driver.DatabaseError:
        return False  # no database at all
    finally:
        connection.close()


def _copy(path: Path, target: Path) -> None:
    connection = _open(path)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def _open(path: Path) -> Any:
    # Reading only: the bot's own writer stays the only one that commits and checkpoints.
    return sqlite.driver.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, timeout=5.0)


def _keep(unfinished: Path, target: Path) -> None:
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    unfinished.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
