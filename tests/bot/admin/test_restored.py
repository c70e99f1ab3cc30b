"""A backup of PostgreSQL, put back by PostgreSQL's own programs: what follows is as after `sipbot restore`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from bot.admin import maintenance
from bot.settings import Settings
from domain.code import make_code
from domain.errors import Invalid, Unavailable
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.outbox.letter import Letter, LetterState
from storage.posts import Post
from storage.transaction import Transaction
from tests.postgres import Postgres, find_programs
from tests.storage.specimens import ANNA, START, HandClock, Store
from tests.storage.test_kept_directory import DIRECTORY

CODE, GONE, FRESH = make_code(4711), make_code(4712), make_code(4713)

pytestmark = pytest.mark.postgres


@dataclass
class Site:
    """A database on a server, and its backup."""

    settings: Settings
    name: str
    before: str
    copy: Path

    def opened(self) -> Store:
        url, clock = self.settings.sipbot_database_url, HandClock(START)
        return Store(open_database(url, Keyring(self.settings.keys), clock), clock, url)

    def back_up(self) -> None:
        self._run("pg_dump", "--format=custom", "--no-owner", f"--file={self.copy}")

    def put_back(self) -> None:
        """Do what the operator's guide says before `sipbot restored`."""
        self._on_server("ALTER DATABASE {} RENAME TO {}", self.name, self.before)
        self._on_server("CREATE DATABASE {}", self.name)
        self._run("pg_restore", "--no-owner", "--exit-on-error", str(self.copy))

    def forget_what_was(self) -> None:
        self._on_server("DROP DATABASE {} WITH (FORCE)", self.before)

    def _run(self, program: str, *arguments: str) -> None:
        url = self.settings.sipbot_database_url
        subprocess.run([str(find_programs() / program), f"--dbname={url}", *arguments], check=True, capture_output=True)

    def _on_server(self, command: LiteralString, *names: str) -> None:
        url = self.settings.sipbot_database_url.rpartition("/")[0] + "/postgres"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


@pytest.fixture
def site(postgres_server: Postgres, empty_postgres: str, tmp_path: Path) -> Iterator[Site]:
    with postgres_server.database(empty_postgres) as url:
        name = url.rpartition("/")[2]
        settings = Settings(_env_file=None, sipbot_database_url=url, sipbot_secret_keys=(SecretStr(fresh_key()),))
        found = Site(settings, name, f"{name}_before", tmp_path / "copy.dump")
        yield found
        with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
            command = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(command.format(sql.Identifier(found.before)))


def go_on(tx: Transaction) -> None:
    """Do after the backup what a restore undoes."""
    for surface, message in ((f"board:{CODE}", "1.5"), (f"board:{FRESH}", "1.7")):
        tx.posts.put(Post(surface, ANNA.replace("slack:", "slack:person:"), "D1", message, 7, tx.now))
    tx.journal.write(CODE, "consent.withdrawn", ANNA)
    tx.journal.write(FRESH, "case.opened", ANNA)
    tx.journal.write(GONE, "case.erasure_decided", ANNA)
    tx.shred(GONE)
    (claim,) = tx.outbox.claim(tx.now, 1, "here", timedelta(seconds=12))
    assert tx.outbox.sent(claim, "1.5")


def worked(site: Site) -> None:
    """Have a backup, and go on after it."""
    store = site.opened()
    store.write(lambda tx: tx.replace_directory(DIRECTORY))
    store.add(CODE)
    store.add(GONE)
    store.write(lambda tx: tx.outbox.put_many([Letter(f"w:{n}", "slack:channel:C0BUP", "summons") for n in (1, 2)]))
    site.back_up()
    store.clock.turn(timedelta(minutes=5))
    store.add(FRESH)
    store.write(go_on)
    store.database.close()


def letters_about(store: Store, code: str) -> set[tuple[str, object]]:
    kept = store.read(lambda reader: reader.outbox.of_case(code))
    return {(one.letter.what, one.letter.args.get("about")) for one in kept}


def test_chat_follows_and_the_operator_hears_of_what_was_done_since(site: Site) -> None:
    worked(site)
    site.put_back()
    told = maintenance.restored(site.settings, site.before)
    assert "whole" in told.told[0]
    lines = [*told.told[1:], *told.to_do]
    assert [line.partition(" ")[0].strip(":") for line in lines] == ["Went", "Opened", "Erased", "Withdrawn"]
    assert [code for line in lines for code in (CODE, GONE, FRESH) if code in line] == [CODE, FRESH, GONE, CODE]
    again = site.opened()
    assert {post.message for post in again.read(lambda reader: reader.posts.at("slack:"))} == {"1.5"}
    assert letters_about(again, CODE) == {("board", None), ("note", "note.set_back")}
    assert letters_about(again, GONE) == set(), "it is to be erased anew"
    states = again.read(lambda reader: [reader.outbox.state_of(f"w:{n}") for n in (1, 2)])
    assert states == [LetterState.SENT, LetterState.WAITING]
    (row,) = again.read(lambda reader: reader.journal.read(CODE)[-1:])
    assert (row.entry.action, row.entry.actor) == ("case.set_back", "operator")
    again.database.close()
    assert maintenance.verify_journal(site.settings).broken == ""


@pytest.mark.parametrize("named", [True, False])
def test_where_what_was_there_is_gone_everybody_with_an_open_case_is_told(site: Site, *, named: bool) -> None:
    worked(site)
    site.put_back()
    site.forget_what_was()
    told = maintenance.restored(site.settings, site.before if named else "")
    assert told.to_do[-1].endswith(": 2.")
    again = site.opened()
    assert ("note", "note.set_back") in letters_about(again, CODE) & letters_about(again, GONE)
    again.database.close()


def test_it_comes_before_the_bot_and_not_while_it_runs(site: Site) -> None:
    store = site.opened()
    store.add(CODE)
    with pytest.raises(Unavailable) as wrong:
        maintenance.restored(site.settings, site.before)
    assert wrong.value.key == "restore.in_use"
    assert letters_about(store, CODE) == set()
    store.database.close()


def test_a_file_is_put_back_by_its_own_command(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sipbot.db'}"
    settings = Settings(_env_file=None, sipbot_database_url=url, sipbot_secret_keys=(SecretStr(fresh_key()),))
    with pytest.raises(Invalid) as wrong:
        maintenance.restored(settings, "")
    assert wrong.value.key == "restore.use_restore"
