"""Make or load the dump of one version of the database: `python -m tests.storage.versions.dump`.

Run it from the top folder, with nothing changed in `domain`, `storage` and `handlers` since the version to be kept,
**before** a migration is written: it works with the program of its own time. It lives a life (`life.py`) on SQLite,
copies every row to PostgreSQL, and writes into the folder named after the newest migration:

- `sqlite.sql.gz`, `postgres.sql.gz`: schema and rows as text (`zcat` shows them);
- `keys.json`: the secret keys that they were written with. Made up for the dump and used nowhere else;
- `expected.json`: what must be found again by every later version.

`tests/storage/test_upgrade.py` runs on each such folder. A version is dumped once: what is there stays as it is.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, create_engine, insert, select

from bot.slack import transport
from domain.meeting import Meeting
from handlers.ui.responses import Say
from storage.engine.database import path_of
from storage.migrate import migrate, transaction
from storage.schema import metadata
from storage.schema.version import NEWEST
from tests.postgres import PostgresServer, find_programs
from tests.storage.versions.described import system_in_words, words_of
from tests.storage.versions.life import Life, live, living
from tests.storage.versions.renamed import under_todays_names
from tests.storage.versions.visitor import Visitor, visiting

VERSIONS = Path(__file__).parent
IS_TEST_DATA = "Invented test data: these keys protect nothing and are used nowhere else."
# Boards, lists of reminders and pages show what is so now: whether they are posted depends on their words.
SHOWN_ANEW = ("board", "handed", "nags", "reminders", "home", "whisper")


@dataclass(frozen=True)
class Dump:
    """One kept version."""

    version: str

    @property
    def folder(self) -> Path:
        return VERSIONS / self.version

    @property
    def keys(self) -> list[str]:
        found: list[str] = json.loads((self.folder / "keys.json").read_text())["keys"]
        return found

    @cached_property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text())
        if self.version == "0001":
            found |= {part: under_todays_names(found[part]) for part in ("cases", "system")}
        if self.version in {"0001", "0002"}:
            # That somebody had opened the home page was never noted, though there was a place for it.
            people = found["system"]["people"]
            found["system"]["people"] = {who: [locale, dm] for who, (locale, dm, _home) in people.items()}
        return found

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.expected["made_at"])

    def load(self, url: str) -> None:
        """Fill an empty database with the dump for its kind."""
        path = path_of(url) if url.startswith("sqlite") else None
        if path is None:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(self._text("postgres"))
            return
        file = sqlite3.connect(path)
        file.executescript(self._text("sqlite").decode())
        file.close()

    def _text(self, kind: str) -> bytes:
        return gzip.decompress((self.folder / f"{kind}.sql.gz").read_bytes())


def kept_versions() -> list[Dump]:
    """Return all versions that a dump is kept of, the oldest first."""
    return [Dump(keys.parent.name) for keys in sorted(VERSIONS.glob("*/keys.json"))]


def carried_for_sure(keys: list[str]) -> list[str]:
    """Return, in order, the letters that go out whatever their words are."""
    return sorted(key for key in keys if not key.startswith(SHOWN_ANEW))


async def make(version: str) -> None:
    """Live a life and keep what is left of it as the dump of a version."""
    dump = Dump(version)
    dump.folder.mkdir()  # what is kept is not made anew
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        empty = folder / "empty.db"
        migrate(f"sqlite:///{empty}")
        (folder / "life").mkdir()
        async with living(folder / "life", empty) as life:
            await live(life)
            at = life.story.clock.now()
        lived = folder / "life" / "sipbot.db"
        _write_packed(dump.folder / "sqlite.sql.gz", _sqlite_text(lived))
        with PostgresServer() as server, server.database() as url:
            _copy(lived, url)
            _write_packed(dump.folder / "postgres.sql.gz", _postgres_text(url))
        _write_json(dump.folder / "keys.json", {"notice": IS_TEST_DATA, "keys": life.keys})
        expected = await _expected(life, f"sqlite:///{lived}", at)
        _write_json(dump.folder / "expected.json", {"notice": "Invented test data.", **expected})


async def _expected(life: Life, url: str, at: datetime) -> dict[str, Any]:
    """Return what this version itself says of its own database."""
    async with visiting(url, life.keys, at) as visitor:
        codes = life.named
        cases = {code: await visitor.tells(code) for code in codes.values()}
        system = await visitor.reading(lambda reader: system_in_words(reader, at))
        told = {code: await _told(visitor, code) for code in codes.values()}
        feeds = {name: (await visitor.overview(secret))[1] for name, secret in life.secrets.items()
                     if name.startswith("overview")}  # fmt: skip
        expected = {
            "made_at": at.isoformat(),
            "codes": codes,
            "erased": life.erased,
            "cases": cases,
            "system": system,
            "told": told,
            "presses": life.presses,
            "secrets": life.secrets,
            "overviews": {name: sorted(line for line in text.splitlines() if line.startswith(("UID:", "DTSTART")))
                          for name, text in feeds.items()},
            "attendee_of_answer": await _attendee(visitor, codes["answers"], life.secrets["answer"]),
        }  # fmt: skip
        expected["carried"] = carried_for_sure(await visitor.delivers())
    return expected


async def _told(visitor: Visitor, code: str) -> str:
    case = await visitor.case(code)
    answer = await visitor.types(case.responsible, f"visa {code}")
    assert isinstance(answer, Say), code
    return words_of(answer.card)


async def _attendee(visitor: Visitor, code: str, secret: str) -> str:
    meeting = (await visitor.case(code)).meeting
    assert isinstance(meeting, Meeting)
    return next(attendee.name for _, attendee in meeting.attendees() if attendee.token == secret)


def _sqlite_text(path: Path) -> str:
    connection = sqlite3.connect(path)
    try:
        return "\n".join(connection.iterdump()) + "\n"
    finally:
        connection.close()


def _copy(path: Path, url: str) -> None:
    """Copy every row of an SQLite file into an empty PostgreSQL database of the same schema."""
    migrate(url)
    source = create_engine(f"sqlite:///{path}")
    with source.connect() as reading, transaction(url) as writing:
        for table in metadata.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table).order_by(*table.primary_key)).mappings()]
            if table.name == "directory_revision":
                writing.execute(table.delete())
            if rows:
                writing.execute(insert(table), rows)
        _count_on(writing)
    source.dispose()


def _count_on(writing: Connection) -> None:
    highest = "SELECT setval(pg_get_serial_sequence('outbox', 'id'), (SELECT max(id) FROM outbox))"
    writing.exec_driver_sql(highest)


def _postgres_text(url: str) -> str:
    command = [str(find_programs() / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", f"--dbname={url}"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # Commands of psql, and settings that an older server does not know, are no part of the data.
    lines = (line for line in text.splitlines() if not line.startswith(("\\", "SET ", "--")))
    return "\n".join(line for line in lines if line) + "\n"


def _write_packed(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    transport._RATE = 1_000_000.0  # noqa: SLF001 - the days pass faster than Slack's limits would allow
    asyncio.run(make(NEWEST))
    for path in sorted((VERSIONS / NEWEST).iterdir()):
        print(path.name, path.stat().st_size)  # noqa: T201
