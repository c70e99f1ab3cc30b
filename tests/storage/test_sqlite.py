"""SQLite as it is set up here: what is acknowledged is kept, through kills and full disks."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from domain.errors import Unavailable
from storage.encryption.cipher import Keyring
from storage.engine import sqlite
from storage.engine.database import open_database, path_of
from storage.engine.sqlite_file import lock
from storage.migrate import migrate
from storage.outbox.outbox import Letter
from storage.transaction import Reader, Transaction
from tests import forked
from tests.storage.specimens import ANNA, CODE, PATIENCE, HandClock, Store, a_case, a_listing


def pragma(part: Reader, name: str) -> object:
    return part._link._cursor.execute(f"PRAGMA {name}", {}).fetchone()[0]  # type: ignore[attr-defined]  # noqa: SLF001


def test_a_commit_is_on_the_disk_when_it_is_acknowledged(sqlite_store: Store) -> None:
    """FULL is the one setting under which a modelled power cut lost nothing."""
    full = 2
    assert sqlite_store.write(lambda tx: (pragma(tx, "journal_mode"), pragma(tx, "synchronous"))) == ("wal", full)
    assert sqlite_store.write(lambda tx: (pragma(tx, "foreign_keys"), pragma(tx, "trusted_schema"))) == (1, 0)


def test_readers_neither_write_nor_checkpoint(sqlite_store: Store) -> None:
    assert sqlite_store.read(lambda r: (pragma(r, "query_only"), pragma(r, "wal_autocheckpoint"))) == (1, 0)


def test_the_files_can_be_read_by_their_owner_alone(tmp_path: Path, keyring: Keyring, clock: HandClock) -> None:
    path = tmp_path / "data" / "sipbot.db"
    migrate(f"sqlite:///{path}")
    store = Store(open_database(f"sqlite:///{path}", keyring, clock), clock, "")
    store.add()
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.database.close()
    assert modes == {"sipbot.db": 0o600, "sipbot.db-wal": 0o600, "sipbot.db-shm": 0o600}


def test_closing_leaves_one_file_and_no_open_descriptor(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.add()
    sqlite_store.read(lambda reader: reader.cases.get(CODE))
    sqlite_store.database.close()
    opened = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.exists()]
    assert not [name for name in opened if name.startswith(str(tmp_path))]
    assert [file.name for file in tmp_path.iterdir()] == ["sipbot.db"]


def test_upkeep_cuts_the_log(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.add()
    assert (tmp_path / "sipbot.db-wal").stat().st_size > 0
    sqlite_store.database.tidy().result(PATIENCE)
    assert (tmp_path / "sipbot.db-wal").stat().st_size == 0


@pytest.mark.parametrize(
    "version, affected",
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)
def test_libraries_that_can_lose_commits_are_known(version: tuple[int, int, int], affected: bool) -> None:  # noqa: FBT001
    assert sqlite.has_wal_reset_bug(version) is affected


def test_an_old_library_is_warned_of(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    sqlite.warn_of_old_library()
    monkeypatch.setattr(sqlite, "version", lambda: (3, 40, 1))
    sqlite.warn_of_old_library()
    assert [record.levelname for record in caplog.records][-1:] == ["WARNING"]
    assert "3.40.1" in caplog.text


def test_where_there_is_no_newer_library_the_standard_librarys_serves(
    tmp_path: Path, keyring: Keyring, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "driver", sqlite3)
    url = f"sqlite:///{tmp_path / 'sipbot.db'}"
    migrate(url)
    store = Store(open_database(url, keyring, clock), clock, url)
    store.add(due_at=clock.now())
    store.write(lambda tx: tx.cases.save(tx.cases.get(CODE), a_listing(), None))
    store.write(lambda tx: tx.journal.write(CODE, "one", ANNA))
    store.write(lambda tx: tx.outbox.put_many([Letter(f"k{n}", "slack:channel:C0", "card") for n in range(3)]))
    (claim,) = store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", timedelta(minutes=2)))
    assert store.write(lambda tx: tx.outbox.sent(claim, "1"))
    assert store.breaks() == []
    store.database.close()


# ---- kill -9 -------------------------------------------------------------------------------------------------


def write_on(url: str, secret: str, begin: int, acknowledged: Connection) -> None:
    """Write without end, and name each piece of work once it is acknowledged; done in a process of its own."""
    database = open_database(url, Keyring([secret]), HandClock())

    def work(tx: Transaction, key: str) -> str:
        assert tx.inbox.first(key)
        tx.cases.save(tx.cases.get(CODE), a_listing(step=key), None)
        tx.journal.write(CODE, key, ANNA)
        tx.outbox.put_many([Letter(f"{key}:{n}", f"slack:channel:C{n}", "card", {"n": n}, CODE) for n in range(2)])
        return key

    for number in itertools.count(begin, 3):
        for future in [database.write(partial(work, key=f"k{n}")) for n in range(number, number + 3)]:
            acknowledged.send(future.result(PATIENCE))


@pytest.mark.slow
@pytest.mark.waits
def test_killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_is_half_done(
    migrated_url: str, keyring: Keyring, secret: str, clock: HandClock
) -> None:
    """What was named had been acknowledged. The same must hold of both kinds of database."""
    store = Store(open_database(migrated_url, keyring, clock), clock, migrated_url)
    store.add()
    draw = random.Random(11)
    acknowledged: set[str] = set()
    for life in range(5):
        here, there = forked.context.Pipe(duplex=False)
        process = forked.context.Process(target=write_on, args=(migrated_url, secret, life * 100_000, there))
        process.start()
        there.close()
        acknowledged.add(here.recv())
        time.sleep(draw.uniform(0.0, 0.15))
        process.kill()
        with contextlib.suppress(EOFError):
            while True:
                acknowledged.add(here.recv())
        here.close()
        process.join(PATIENCE)
    kept = [row.entry.action for row in store.read(lambda reader: reader.journal.read(CODE))]
    assert acknowledged <= set(kept)
    assert len(kept) == len(set(kept)) >= 5
    letters = store.read(lambda reader: reader.outbox.of_case(CODE))
    assert {letter.letter.key for letter in letters} == {f"{key}:{n}" for key in kept for n in range(2)}
    assert store.read(lambda reader: reader.cases.get(CODE)).version == len(kept)
    assert store.breaks() == []
    if store.is_sqlite:
        assert store.read(lambda reader: pragma(reader, "integrity_check")) == "ok"
    store.database.close()


# ---- a full disk ---------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", place], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    yield place
    with contextlib.suppress(OSError):
        subprocess.run(["umount", place], check=True, capture_output=True)


def test_on_a_full_disk_writing_fails_reading_works_and_all_is_well_once_there_is_room(
    small_disk: Path, keyring: Keyring, clock: HandClock
) -> None:
    url = f"sqlite:///{small_disk / 'sipbot.db'}"
    migrate(url)
    store = Store(open_database(url, keyring, clock), clock, url)
    store.add()
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize))

    def fill(tx: Transaction, number: int) -> int:
        tx.journal.write(CODE, f"step.{number}", ANNA)
        tx.outbox.put(Letter(f"k{number}", "slack:channel:C0", "card", {"text": "x" * 20_000}, CODE))
        return number

    futures = [store.ask(fill, n) for n in range(300)]
    errors = [future.exception(PATIENCE) for future in futures]
    assert any(isinstance(error, Unavailable) for error in errors)
    written = [number for number, error in enumerate(errors) if error is None]

    assert store.read(lambda reader: reader.cases.get(CODE)) == a_case()
    assert store.database.fault == "the disk is full"
    ballast.unlink()
    store.database.try_to_write().result(PATIENCE)
    assert store.database.fault == ""
    assert store.write(lambda tx: fill(tx, 1000)) == 1000
    kept = [row.entry.action for row in store.read(lambda reader: reader.journal.read(CODE))]
    assert kept == [f"step.{number}" for number in (*written, 1000)]
    assert store.breaks() == []
    assert store.read(lambda reader: pragma(reader, "integrity_check")) == "ok"
    assert store.write(lambda tx: tx.cases.save(tx.cases.get(CODE), a_listing(), None)).version == 1
    store.database.close()


@pytest.mark.parametrize("swap", ["replaced", "moved"])
def test_nothing_is_written_into_a_file_that_is_no_longer_there(sqlite_store: Store, swap: str) -> None:
    """Else a press would be confirmed, and be gone after the next start."""
    path = path_of(sqlite_store.url)
    assert path is not None
    sqlite_store.add()
    aside = path.with_name("aside.db")
    shutil.copy(path, path.with_name("copy.db"))
    path.rename(aside)
    if swap == "replaced":
        path.with_name("copy.db").rename(path)
    with pytest.raises(Unavailable):
        sqlite_store.write(lambda tx: tx.inbox.first("a press"))
    assert sqlite_store.database.fault == "the file was swapped"
    aside.rename(path)
    sqlite_store.database.try_to_write().result(PATIENCE)
    assert sqlite_store.database.fault == ""
    assert sqlite_store.write(lambda tx: tx.inbox.first("a press"))


def test_presses_that_share_a_commit_are_not_written_either(sqlite_store: Store) -> None:
    path = path_of(sqlite_store.url)
    assert path is not None
    sqlite_store.add()
    path.rename(path.with_name("aside.db"))
    futures = [sqlite_store.ask(lambda tx, n: tx.inbox.first(f"press-{n}"), n) for n in range(40)]
    assert all(isinstance(future.exception(PATIENCE), Unavailable) for future in futures)


def test_a_database_is_one_processs_own(tmp_path: Path) -> None:
    path = tmp_path / "data" / "sipbot.db"
    with lock(path):
        with pytest.raises(OSError, match=rf"another .* \(process {os.getpid()}\)") as refused:
            lock(path)
        assert refused.value.filename == str(path)
        assert stat.S_IMODE(path.with_name("sipbot.db.lock").stat().st_mode) == 0o600
    lock(path).close()
