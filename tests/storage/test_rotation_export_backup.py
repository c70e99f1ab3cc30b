"""What the operator does: rotate the keys, extract what is held on one case, and copy the database."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.attendee import Attendee
from domain.errors import Invalid, NotFound, Unavailable
from storage import backup as backups
from storage.backup import backup, is_whole
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.export import export_case
from storage.outbox.outbox import Letter
from storage.posts import Post
from storage.reminders import Reminder
from storage.rotation import Rotated, rotate
from tests.storage.specimens import ANNA, CODE, OTHER_CODE, START, HandClock, Store, a_case, a_listing
from tests.whole.cases import summoned

LEASE = timedelta(seconds=120)

# ---- rotation ------------------------------------------------------------------------------------------------


def opened(url: str, clock: HandClock, *secrets: str) -> Store:
    return Store(open_database(url, Keyring(secrets), clock), clock, url)


def test_after_a_rotation_the_old_key_may_go(migrated_url: str, clock: HandClock, secret: str) -> None:
    store = opened(migrated_url, clock, secret)
    codes = [f"SIP-AAAA{n}-1" for n in range(7)]
    for code in codes:
        store.add(code)
    letters = [Letter(f"k{n}", f"slack:channel:C{n}", "card", {"n": n}) for n in range(7)]
    store.write(lambda tx: tx.outbox.put_many(letters))
    store.database.close()

    newer = fresh_key()
    store = opened(migrated_url, clock, newer, secret)
    assert rotate(store.database, at_a_time=3) == Rotated(case_keys=7, letters=7)
    assert rotate(store.database) == Rotated(case_keys=0, letters=0)
    store.database.close()

    store = opened(migrated_url, clock, newer)
    assert [store.read(lambda reader, code: reader.cases.get(code), code).code for code in codes] == codes
    claims = store.write(lambda tx: tx.outbox.claim(tx.now, 10, "courier", LEASE))
    assert sorted(claim.letter.args["n"] for claim in claims) == list(range(7))  # type: ignore[type-var]
    store.database.close()


def test_others_may_work_during_a_rotation(store: Store) -> None:
    for number in range(20):
        store.add(f"SIP-AAA{number:02}-1")
    working = threading.Thread(target=rotate, args=(store.database,), kwargs={"at_a_time": 1})
    working.start()
    for number in range(20):
        store.write(lambda tx, n: tx.cases.save(tx.cases.get(f"SIP-AAA{n:02}-1"), a_listing(), None), number)
    working.join(30)
    assert not working.is_alive()


# ---- export --------------------------------------------------------------------------------------------------


def test_an_extract_holds_all_that_is_kept_on_a_case(store: Store) -> None:
    store.add(due_at=START)
    store.add(OTHER_CODE)
    address = "slack:channel:C0BUP"

    store.write(lambda tx: tx.journal.write(CODE, "case.open", ANNA, agency="soc", secret=b"fritext"))
    store.write(lambda tx: tx.journal.write(CODE, "read.case", ANNA, agency="soc"))
    store.write(lambda tx: tx.outbox.put(Letter("k", address, "card", {"agency": "bup"}, CODE)))
    store.write(lambda tx: tx.posts.put(Post(f"board:{CODE}", address, "C0BUP", "1.0", 1, START)))
    store.write(lambda tx: tx.reminders.add(Reminder("n", CODE, address, "", "names", "1", "summons", START)))
    held = json.loads(json.dumps(store.read(lambda reader: export_case(reader, CODE))))
    assert held["document"]["coordinator"] == ANNA
    assert held["listing"]["state"] == "summoned"
    assert held["due_at"] == "2026-11-02T08:00:00Z"
    assert [(row["action"], row["text"]) for row in held["journal"]] == [("case.open", "fritext"), ("read.case", None)]
    assert [row["action"] for row in held["accesses"]] == ["read.case"]
    assert held["letters"][0]["letter"]["args"] == {"agency": "bup"}
    assert held["posts"][0]["surface"] == f"board:{CODE}"
    assert held["reminders"][0]["kind"] == "names"
    assert OTHER_CODE not in json.dumps(held)


def test_of_an_erased_case_the_journal_is_left(store: Store) -> None:
    store.add()
    store.write(lambda tx: tx.journal.write(CODE, "case.open", ANNA, secret=b"fritext"))
    store.write(lambda tx: tx.shred(CODE))
    held = store.read(lambda reader: export_case(reader, CODE))
    assert held["document"] is None
    assert [(row["action"], row["erased"]) for row in held["journal"]] == [("case.open", True), ("case.erased", False)]
    assert "fritext" not in json.dumps(held)


@pytest.mark.parametrize("code", ["", CODE])
def test_where_nothing_is_held_nothing_is_exported(store: Store, code: str) -> None:
    store.add(OTHER_CODE)
    with pytest.raises(NotFound):
        store.read(lambda reader: export_case(reader, code))


def test_an_extract_holds_nothing_that_opens_anything(store: Store) -> None:
    """Whoever is given it could answer in somebody's name otherwise, or press a button."""
    bounce, answer = "secret-of-reports", "secret-of-the-answer"
    attendee = Attendee("key", answer, "Kim Exempelask", "Psykolog", "kim@exempel.invalid", bounce=bounce)
    case = summoned(CODE, START, ("bup",))
    case = replace(case, meetings=(replace(case.meetings[0], uninvited=(attendee,)),))
    store.write(lambda tx: tx.cases.add(case, a_listing(), None))
    card = '{"title":"t","buttons":[{"token":"secret-of-a-button"}]}'
    args = {"card": card, "reply_to": "https://hooks.slack.invalid/secret-of-slack", "person": ANNA}
    store.write(lambda tx: tx.outbox.put(Letter("k", "slack:reply:1", "whisper", args, CODE)))
    told = json.dumps(store.read(lambda reader: export_case(reader, CODE)), default=str)
    assert "Kim Exempelask" in told
    assert f'"person": "{ANNA}"' in told
    assert "secret-of" not in told


# ---- backup --------------------------------------------------------------------------------------------------


def test_a_link_in_the_copys_place_is_followed_by_nobody(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.add()
    victim, folder = tmp_path / "victim", tmp_path / "copies"
    victim.write_text("another's")
    folder.mkdir()
    for name in ("copy.db.part", "copy.db"):
        (folder / name).symlink_to(victim)
    with pytest.raises(Invalid) as refused:
        backup(sqlite_store.url, folder / "copy.db")
    assert refused.value.key == "backup.exists"
    (folder / "copy.db").unlink()
    assert is_whole(backup(sqlite_store.url, folder / "copy.db"))
    (folder / "other.db").symlink_to(tmp_path / "not there")
    with pytest.raises(Invalid):
        backup(sqlite_store.url, folder / "other.db")
    assert victim.read_text() == "another's"
    assert not (tmp_path / "not there").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["copy.db", "copy.db.part", "other.db"]


def test_a_copy_made_while_others_write_is_whole_and_opens(
    sqlite_store: Store, keyring: Keyring, tmp_path: Path
) -> None:
    sqlite_store.add()
    target = tmp_path / "copies" / "copy.db"
    target.parent.mkdir()
    futures = [
        sqlite_store.ask(lambda tx, n: tx.cases.add(a_case(f"SIP-AA{n:03}-1"), a_listing(), None), n)
        for n in range(200)
    ]
    assert backup(sqlite_store.url, target) == target
    for future in futures:
        future.result(30)
    assert is_whole(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(target.parent.iterdir()) == [target]
    copy = Store(open_database(f"sqlite:///{target}", keyring, sqlite_store.clock), sqlite_store.clock, "")
    assert copy.read(lambda reader: reader.cases.get(CODE)) == a_case()
    assert copy.breaks() == []
    copy.database.close()


def test_an_existing_file_is_never_written_over(sqlite_store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("something else")
    with pytest.raises(Invalid) as refused:
        backup(sqlite_store.url, target)
    assert refused.value.key == "backup.exists"
    assert target.read_text() == "something else"


@pytest.mark.parametrize(
    "made",
    [
        ("CREATE TABLE notes (x)",),
        (
            "CREATE TABLE journal (x)",
            "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT 1; END",
            "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT 1; END",
        ),
        (
            *(f"CREATE TABLE {name} (x)" for name in ("case_", "case_key", "chain", "journal", "outbox")),
            "CREATE TABLE alembic_version (version_num)",
            "INSERT INTO alembic_version VALUES ('4f1e2a3b4c5d')",
        ),
        (),
    ],
    ids=["other tables", "tables and triggers of our names", "another program's migrations", "nothing"],
)
def test_another_programs_file_is_copied_by_nobody_as_checked(tmp_path: Path, made: tuple[str, ...]) -> None:
    """A slip in SIPBOT_DATABASE_URL would be found on the day when the backup is needed."""
    source, target = tmp_path / "theirs.db", tmp_path / "copy.db"
    theirs = sqlite3.connect(source)
    for statement in made:
        theirs.execute(statement)
    theirs.commit()
    theirs.close()
    with pytest.raises(Invalid) as refused:
        backup(f"sqlite:///{source}", target)
    assert refused.value.key == "database.foreign"
    assert not is_whole(source)
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.db"]


def test_a_damaged_copy_is_not_kept(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = backups._copy  # noqa: SLF001

    def copy_and_damage(path: Path, target: Path) -> None:
        copy(path, target)
        with target.open("r+b") as file:
            file.seek(4096)
            file.write(bytes(8192))

    monkeypatch.setattr(backups, "_copy", copy_and_damage)
    with pytest.raises(Unavailable) as failed:
        backup(sqlite_store.url, tmp_path / "copy.db")
    assert failed.value.key == "backup.damaged"
    assert not (tmp_path / "copy.db").exists()
    assert not (tmp_path / "copy.db.part").exists()


def test_a_file_without_the_journals_triggers_is_not_whole(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE journal (code TEXT)")
    connection.close()
    assert not is_whole(tmp_path / "other.db")


def test_of_a_file_that_is_not_there_no_copy_is_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_for_postgresql_the_right_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        backup("postgresql://sipbot:hemligt@127.0.0.1/sipbot", tmp_path / "copy.dump")
    assert refused.value.key == "backup.use_pg_dump"
    assert str(refused.value.params["command"]).startswith("pg_dump --format=custom")
    assert "hemligt" not in str(refused.value.params)
