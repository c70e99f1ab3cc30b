"""What the one who runs the bot does with its database: anchors, erasing, restoring, dead letters (law 4D.5)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.admin import directory_import, figures, maintenance
from bot.admin.doctor import examine, examine_env_file
from bot.admin.erasure import NotErased
from bot.findings import in_english
from bot.settings import Settings
from domain.code import make_code
from domain.directory import Directory
from domain.errors import Invalid, NotFound, Unavailable
from domain.figures.sums import Key, Sum
from storage.backup import backup
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.errors import Undecipherable
from storage.migrate import is_current, migrate
from storage.outbox.letter import Letter, LetterState
from storage.posts import Post
from storage.transaction import Transaction
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, BO, START, HandClock, Store, a_case, a_listing
from tests.storage.test_kept_directory import DIRECTORY

CODE = make_code(4711)


@pytest.fixture
def settings(migrated_sqlite_url: str) -> Settings:
    keys = (SecretStr(fresh_key()),)
    return Settings(_env_file=None, sipbot_database_url=migrated_sqlite_url, sipbot_secret_keys=keys)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    found = opened(settings)
    yield found
    found.database.close()


def opened(settings: Settings) -> Store:
    clock = HandClock(START)
    database = open_database(settings.sipbot_database_url, Keyring(settings.keys), clock)
    return Store(database, clock, settings.sipbot_database_url)


def with_case(store: Store) -> None:
    admins = {key: replace(person, admin=True) for key, person in DIRECTORY.staff.items()}
    store.write(lambda tx: tx.replace_directory(replace(DIRECTORY, staff=admins)))
    store.add(CODE)
    store.write(lambda tx: tx.journal.write(CODE, "consent.withdrawn", ANNA))


# ---- anchors -------------------------------------------------------------------------------------------------------


def test_an_old_copy_of_the_whole_database_is_found_by_an_anchor_kept_elsewhere(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    store.add(CODE)
    old, anchors = tmp_path / "old.db", tmp_path / "anchors"
    backup(settings.sipbot_database_url, old)
    with_case_withdrawn = store.write(lambda tx: tx.journal.write(CODE, "consent.withdrawn", ANNA))
    assert with_case_withdrawn is None
    assert maintenance.verify_journal(settings, anchors).broken == ""
    assert maintenance.verify_journal(settings, anchors).broken == ""
    assert len(anchors.read_text().splitlines()) == 2
    store.database.close()
    shutil.copy(old, tmp_path / "sipbot.db")
    for ending in ("-wal", "-shm"):
        (tmp_path / f"sipbot.db{ending}").unlink(missing_ok=True)
    assert maintenance.verify_journal(settings).broken == "", "the old copy is whole in itself"
    assert "no longer what it was" in maintenance.verify_journal(settings, anchors).broken
    assert len(anchors.read_text().splitlines()) == 2, "nothing is added to anchors that do not hold"


def test_a_case_set_back_is_named_by_the_verification(settings: Settings, store: Store) -> None:
    store.add(CODE)
    with Raw(store) as raw:
        raw.run("UPDATE case_ SET version = 7")
    assert maintenance.verify_journal(settings).broken == f"{CODE}, row 7: rolled back"


# ---- erasing -------------------------------------------------------------------------------------------------------


def test_two_administrators_erase_a_case_and_the_decision_stands_in_the_journal(
    settings: Settings, store: Store
) -> None:
    with_case(store)
    told = maintenance.erase_case(settings, CODE, "Dnr 2026/123", [ANNA, BO])
    assert "backups" in told
    with pytest.raises(NotFound):
        store.read(lambda reader: reader.cases.get(CODE))
    decided, erased = store.read(lambda reader: reader.journal.read(CODE))[-2:]
    assert decided.entry.action == "case.erasure_decided"
    assert decided.entry.details == {"decision": "Dnr 2026/123", "first": ANNA, "second": BO}
    assert erased.entry.action == "case.erased"
    assert maintenance.verify_journal(settings).broken == ""


@pytest.mark.parametrize(
    "decision, admins",
    [
        ("Dnr 1", [ANNA]),
        ("Dnr 1", [ANNA, ANNA]),
        ("Dnr 1", [ANNA, "nobody"]),
        ("", [ANNA, BO]),
        ("19121212-1212", [ANNA, BO]),
        ("a\nb", [ANNA, BO]),
    ],
)
def test_one_alone_or_without_a_decision_erases_nothing(
    settings: Settings, store: Store, decision: str, admins: list[str]
) -> None:
    with_case(store)
    with pytest.raises(NotErased):
        maintenance.erase_case(settings, CODE, decision, admins)
    assert store.read(lambda reader: reader.cases.get(CODE)).code == CODE


def test_yesterdays_backup_still_holds_an_erased_case(settings: Settings, store: Store, tmp_path: Path) -> None:
    """As the words that `erase` prints say: whoever has backup and keys can read it."""
    with_case(store)
    yesterday = tmp_path / "yesterday.db"
    backup(settings.sipbot_database_url, yesterday)
    maintenance.erase_case(settings, CODE, "Dnr 1", [ANNA, BO])
    held = opened(settings.model_copy(update={"sipbot_database_url": f"sqlite:///{yesterday}"}))
    try:
        assert held.read(lambda reader: reader.cases.get(CODE)).code == CODE
    finally:
        held.database.close()


# ---- restoring -----------------------------------------------------------------------------------------------------


def test_a_backup_is_put_in_place_and_what_was_there_is_kept(settings: Settings, store: Store, tmp_path: Path) -> None:
    store.add(CODE)
    copy = tmp_path / "copy.db"
    backup(settings.sipbot_database_url, copy)
    store.write(lambda tx: tx.cases.save(replace(tx.cases.get(CODE), lead=BO), a_listing(), None))
    with pytest.raises(Unavailable) as open_still:
        maintenance.restore_backup(settings, copy)
    assert open_still.value.key == "restore.in_use"
    store.database.close()
    told = maintenance.restore_backup(settings, copy)
    assert any("whole" in line for line in told.told)
    assert told.to_do == ()
    (kept,) = tmp_path.glob("sipbot.db.before-*")
    assert (tmp_path / "sipbot.db").stat().st_mode & 0o077 == 0
    for path, version in ((tmp_path / "sipbot.db", 0), (kept, 1)):
        again = opened(settings.model_copy(update={"sipbot_database_url": f"sqlite:///{path}"}))
        assert again.read(lambda reader: reader.cases.get(CODE)).version == version
        again.database.close()


def test_whoever_restores_hears_of_what_was_done_since_and_chat_follows(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    """A backup from before undoes a withdrawal and an erasure; nobody was told, and lists stood there for good."""
    gone, fresh, copy = make_code(4712), make_code(4713), tmp_path / "copy.db"
    with_case(store)
    store.add(gone)
    backup(settings.sipbot_database_url, copy)
    store.clock.turn(timedelta(minutes=5))
    shown = Post(f"board:{CODE}", "slack:person:T0/U0ANNA", "D1", "1.5", 7, store.clock.now())
    listed = Post("reminders:slack:person:T0/U0ANNA", "slack:person:T0/U0ANNA", "D1", "1.6", 3, store.clock.now())
    elsewhere = Post(f"board:{fresh}", "slack:person:T0/U0ANNA", "D1", "1.7", 1, store.clock.now())

    def go_on(tx: Transaction) -> None:
        for one in (shown, listed, elsewhere):
            tx.posts.put(one)
        tx.journal.write(CODE, "consent.withdrawn", ANNA)
        tx.journal.write(fresh, "case.opened", ANNA)
        tx.journal.write(gone, "case.erasure_decided", ANNA)
        tx.shred(gone)

    store.add(fresh)
    store.write(go_on)
    store.database.close()
    told = maintenance.restore_backup(settings, copy)
    lines = [*told.told[-2:], *told.to_do]
    assert [line.partition(":")[0].partition(" ")[0] for line in lines] == ["Went", "Opened", "Erased", "Withdrawn"]
    assert [code for line in lines for code in (CODE, gone, fresh) if code in line] == [CODE, fresh, gone, CODE]
    again = opened(settings)
    posts = {post.message: post.version for post in again.read(lambda reader: reader.posts.at("slack:"))}
    assert posts == {"1.5": -1, "1.6": 3}, "what stands in chat is known, and whatever is drawn next is news"
    letters = [kept.letter for kept in again.read(lambda reader: reader.outbox.of_case(CODE))]
    assert {(letter.what, letter.args.get("about")) for letter in letters} == {
        ("board", None),
        ("note", "note.set_back"),
    }
    again.database.close()


def test_no_letter_goes_out_again_that_had_been_sent_since_the_backup(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    letters = [Letter(f"summons:{n}", "slack:channel:C0BUP", "summons") for n in (1, 2)]
    store.write(lambda tx: tx.outbox.put_many(letters))
    backup(settings.sipbot_database_url, copy)

    def send_one(tx: Transaction) -> None:
        (claim,) = tx.outbox.claim(tx.now, 1, "here", timedelta(seconds=12))
        assert tx.outbox.sent(claim, "1.5")

    store.write(send_one)
    store.database.close()
    maintenance.restore_backup(settings, copy)
    again = opened(settings)
    states = again.read(lambda reader: [reader.outbox.state_of(one.key) for one in letters])
    assert states == [LetterState.SENT, LetterState.WAITING]
    claimed = again.write(lambda tx: tx.outbox.claim(tx.now, 9, "here", timedelta(seconds=12)))
    assert [claim.letter.key for claim in claimed] == ["summons:2"]
    again.database.close()


def test_a_database_that_cannot_be_read_is_replaced_all_the_same(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    store.add(CODE)
    backup(settings.sipbot_database_url, tmp_path / "copy.db")
    store.database.close()
    (tmp_path / "sipbot.db").write_bytes(b"damaged" * 1000)
    told = maintenance.restore_backup(settings, tmp_path / "copy.db")
    assert "cannot be read" in told.to_do[-1]


def test_on_a_new_machine_everybody_with_an_open_case_is_told(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Whoever restored after a fire was told that all was whole, and nobody that days of work were gone."""
    with_case(store)
    backup(settings.sipbot_database_url, tmp_path / "copy.db")
    store.database.close()
    (tmp_path / "sipbot.db").unlink()
    told = maintenance.restore_backup(settings, tmp_path / "copy.db")
    assert told.to_do[-1].endswith(": 1.")
    again = opened(settings)
    letters = [kept.letter.args.get("about") for kept in again.read(lambda reader: reader.outbox.of_case(CODE))]
    assert "note.set_back" in letters
    again.database.close()


@pytest.mark.parametrize("moment", ["copying", "replacing"])
def test_a_restore_that_is_cut_off_leaves_the_database_where_it_was(
    settings: Settings, store: Store, tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one was moved away first: ended then, the bot made an empty one at its next start, and knew no case."""
    with_case(store)
    backup(settings.sipbot_database_url, tmp_path / "copy.db")
    store.database.close()

    def fall(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((shutil, "copyfileobj", fall) if moment == "copying" else (Path, "replace", fall)))
    with pytest.raises(OSError, match="No space"):
        maintenance.restore_backup(settings, tmp_path / "copy.db")
    again = opened(settings)
    assert again.read(lambda reader: reader.cases.exists(CODE))
    again.database.close()
    assert [path for path in tmp_path.iterdir() if "restoring" in path.name] == []


def test_what_is_no_backup_replaces_nothing(settings: Settings, tmp_path: Path) -> None:
    for content in (b"", b"SQLite format 3\0", b"x" * 5000):
        (tmp_path / "wrong").write_bytes(content)
        with pytest.raises(Invalid):
            maintenance.restore_backup(settings, tmp_path / "wrong")
    assert list(tmp_path.glob("*.before-*")) == []


# ---- dead letters --------------------------------------------------------------------------------------------------


def test_dead_letters_are_listed_without_their_words_and_tried_again(settings: Settings, store: Store) -> None:
    store.write(lambda tx: tx.outbox.put(Letter("k", "slack:channel:C0A", "note", {"to": "hemligt"}, CODE)))
    with Raw(store) as raw:
        raw.run("UPDATE outbox SET state = 'dead', why = 'channel_not_found', attempts = 3, settled_at = 1")
    (line,) = maintenance.dead_letters(settings, replay=False)
    assert CODE in line
    assert "channel_not_found" in line
    assert "hemligt" not in line
    maintenance.dead_letters(settings, replay=True)
    assert maintenance.dead_letters(settings, replay=False) == []


def test_however_many_have_died_all_are_tried_again(settings: Settings, store: Store) -> None:
    """The oldest of more than five hundred stayed dead, and "500 letters wait again" sounded like all."""
    store.write(lambda tx: tx.outbox.put_many([Letter(f"k{n}", f"slack:channel:C{n}", "note") for n in range(601)]))
    with Raw(store) as raw:
        raw.run("UPDATE outbox SET state = 'dead', why = 'channel_not_found', attempts = 3, settled_at = 1")
    assert "more" in maintenance.dead_letters(settings, replay=False)[-1]
    assert len(maintenance.dead_letters(settings, replay=True)) == 601
    assert maintenance.dead_letters(settings, replay=False) == []


def test_another_key_is_told(settings: Settings, store: Store) -> None:
    store.add(CODE)
    other = settings.model_copy(update={"sipbot_secret_keys": (SecretStr(fresh_key()),)})
    assert "key unknown" in maintenance.verify_journal(other).broken
    with pytest.raises(Undecipherable):
        opened(other).read(lambda reader: reader.cases.get(CODE))


# ---- what doctor and the other commands say -------------------------------------------------------------------------


def test_a_database_of_a_newer_version_is_refused_in_a_sentence(settings: Settings, store: Store) -> None:
    with Raw(store) as raw:
        raw.run("UPDATE alembic_version SET version_num = '9999'")
    for work in (migrate, is_current):
        with pytest.raises(Invalid) as refused:
            work(settings.sipbot_database_url)
        assert refused.value.key == "database.newer"


def test_doctor_says_when_others_may_read_the_keys(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert not examine_env_file(file).failed
    file.write_text("SIPBOT_SECRET_KEYS=x")
    file.chmod(0o644)
    assert examine_env_file(file).failed
    file.chmod(0o600)
    assert not examine_env_file(file).failed


async def test_doctor_names_a_case_that_was_set_back_and_prints_no_password(settings: Settings, store: Store) -> None:
    with_case(store)
    with Raw(store) as raw:
        raw.run("UPDATE case_ SET version = 7")
    said = "\n".join(str(line) for line in await examine(settings))
    assert f"not as they were saved last, so nobody can open them: {CODE}" in said
    hidden = settings.model_copy(update={"sipbot_database_url": "postgresql://db.invalid/x?password=hemligt"})
    assert "hemligt" not in "\n".join(str(line) for line in await examine(hidden))


@pytest.mark.parametrize(
    "change, named",
    [
        ("UPDATE staff SET admin = 1 - admin WHERE agency = 'soc'", "staff:soc"),
        ("UPDATE directory_revision SET rows = NULL, seal = NULL", "all"),
    ],
)
async def test_doctor_names_rows_of_the_directory_that_were_not_imported(
    settings: Settings, store: Store, change: str, named: str
) -> None:
    store.write(lambda tx: tx.replace_directory(DIRECTORY))
    with Raw(store) as raw:
        raw.run(change)
    said = [str(line) for line in await examine(settings) if line.what == "directory" and line.failed]
    assert any(f"not as it was imported, so not trusted: {named};" in line for line in said), said
    assert "U0ANNA" not in "".join(said)


def test_removing_somebody_is_shown_first_and_nothing_is_written(settings: Settings, store: Store) -> None:
    with_case(store)
    nobody = Directory({}, {})
    told = [directory_import.change_in_words(change) for change in directory_import.directory_changes(settings, nobody)]
    assert all(line.startswith("removed ") for line in told)
    assert len(told) == 4
    assert store.read(lambda reader: reader.directory).staff


async def test_r208_doctor_names_the_profile_of_an_open_case_that_is_missing(settings: Settings, store: Store) -> None:
    store.write(lambda tx: tx.cases.add(replace(a_case(CODE), profile="atlantis"), a_listing(), None))
    lines = [str(line) for line in await examine(settings) if line.what == "profile"]
    assert len(lines) == 2
    assert "'atlantis' (1 open cases)" in lines[1]
    assert lines[1].startswith("FAIL")


# ---- sentences that lead on ------------------------------------------------------------------------------------------


def test_a_change_of_keys_without_a_new_one_says_what_to_do(settings: Settings, store: Store) -> None:
    """Once more wrapped with the only key there is, it told of an older one that nobody had."""
    told = maintenance.rotate_keys(settings)
    assert "only one key" in told
    assert "`sipbot keys new`" in told
    fresh = (SecretStr(fresh_key()), *settings.sipbot_secret_keys)
    assert "only one key" not in maintenance.rotate_keys(settings.model_copy(update={"sipbot_secret_keys": fresh}))


def test_a_backup_that_is_not_there_is_not_called_damaged(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"restore\.no_file"):
        maintenance.restore_backup(settings, tmp_path / "nowhere.db")


def test_where_no_quarter_is_told_yet_it_says_when_one_will_be(settings: Settings, store: Store) -> None:
    """The table alone had a head and no rows, and told nobody why."""
    assert "shown from" in figures.why_empty(settings)
    store.write(lambda tx: tx.figures.grow({Key("2026-1", "soc", "child", "noticed"): Sum(9)}, date(2026, 3, 31)))
    assert figures.why_empty(settings) == ""


async def test_a_key_that_is_not_the_databases_is_said_to_be_that_and_not_that_somebody_wrote_into_it(
    settings: Settings, store: Store
) -> None:
    """`doctor` asked to import the directory again, and importing it asked to import it again."""
    store.write(lambda tx: tx.replace_directory(DIRECTORY))
    wrong = settings.model_copy(update={"sipbot_secret_keys": (SecretStr(fresh_key()),)})
    said = [line for line in await examine(wrong) if line.failed]
    assert "SIPBOT_SECRET_KEYS" in next(line.words for line in said if line.what == "database")
    assert "directory" not in [line.what for line in said]
    with pytest.raises(Undecipherable) as refused:
        directory_import.replace_directory(wrong, DIRECTORY)
    assert "SIPBOT_SECRET_KEYS" in in_english(refused.value)


async def test_doctor_says_that_a_database_is_not_there_rather_than_that_it_is_old(
    settings: Settings, tmp_path: Path
) -> None:
    """In the wrong folder "not at the newest schema" reads as if the right one had been found."""
    nowhere = settings.model_copy(update={"sipbot_database_url": f"sqlite:///{tmp_path / 'nowhere.db'}"})
    (line,) = [line for line in await examine(nowhere) if line.what == "database"]
    assert "not there yet" in line.words
    assert not line.failed
