"""The command line: each command as a process, and whatever is wrong said in a sentence.

Variations of one command run in this process, through the same `main`: starting Python is most of a command's time.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.admin.terminal import LEFT_TO_DO
from bot.app import build_services
from bot.settings import Settings
from bot.slack.names import SCOPES
from demo.slack.running import RunningSlack, running_slack
from domain.code import make_code
from handlers.save import Entry, write_entry
from storage.encryption.cipher import Keyring, fresh_key
from storage.outbox.letter import Letter
from storage.transaction import Transaction
from tests.bot.mail.smtp_server import MailServer
from tests.conftest import ROOT
from tests.program import environment
from tests.whole.cases import ANNA, add, summoned
from tests.whole.conftest import opening, prepared, seed
from tests.whole.operator import Done, Operator

pytestmark = pytest.mark.slow

GOOD = ROOT / "examples" / "directory.toml"
CODE = make_code(4711)
OTHER = make_code(4712)


@pytest.fixture
def alone(tmp_path: Path) -> Operator:
    """An operator with a key and nothing else yet."""
    return Operator(tmp_path, {"SIPBOT_SECRET_KEYS": fresh_key(), "SIPBOT_DATABASE_URL": "sqlite:///sipbot.db"})


@pytest.fixture(scope="module")
def slack() -> Iterator[RunningSlack]:
    with running_slack(seed(), rate_limited=False) as running:
        yield running


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, slack: RunningSlack) -> Operator:
    """An operator of a bot that has two cases in its SQLite file; tests that write take a copy."""
    folder = tmp_path_factory.mktemp("kept")
    settings = prepared(slack, f"sqlite:///{folder / 'sipbot.db'}")
    _add_cases(settings)
    given = {**environment(settings), "SIPBOT_DATABASE_URL": "sqlite:///sipbot.db"}
    return Operator(folder, {k: v for k, v in given.items() if k.startswith(("SIPBOT_", "SLACK_"))})


def _add_cases(settings: Settings) -> None:
    services = build_services(settings, Keyring(settings.keys))
    database = opening(settings)

    def fill(tx: Transaction) -> None:
        for code in (CODE, OTHER):
            case = summoned(code, tx.now, ("bup",))
            add(services, tx, case)
            write_entry(tx, case, Entry("summons.sent", ANNA, "bup", {"meeting": 1}), case.state)

    try:
        database.write(fill).result(30)
    finally:
        database.close()


@pytest.fixture
def copied(kept: Operator, tmp_path: Path) -> Operator:
    shutil.copy(kept.folder / "sipbot.db", tmp_path / "sipbot.db")
    return Operator(tmp_path, kept.given)


# ---- help and settings ---------------------------------------------------------------------------------------

COMMANDS = (
    (),
    ("init",),
    ("directory", "check"),
    ("directory", "export"),
    ("serve",),
    ("migrate",),
    ("doctor",),
    ("manifest",),
    ("demo",),
    ("directory", "import"),
    ("audit", "verify"),
    ("keys", "new"),
    ("keys", "rotate"),
    ("export",),
    ("backup",),
)


def test_every_command_explains_itself_without_any_settings(tmp_path: Path) -> None:
    nobody = Operator(tmp_path, {})
    for command in COMMANDS:
        done = nobody.main(*command, "--help")
        assert done.code == 0
        assert " ".join((*command, "[OPTIONS]")) in done.out
    named = nobody.starts("--help").out
    assert "Usage: sipbot [OPTIONS] COMMAND" in named
    for words in ("serve", "migrate", "doctor", "manifest", "demo", "directory", "audit", "keys", "export", "backup"):
        assert words in named
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_refused(alone: Operator) -> None:
    done = alone.main("repair")
    assert done.code == 2
    assert "No such command 'repair'" in done.err


@pytest.mark.parametrize(
    "name, value",
    [
        ("SIPBOT_PORT", "x"),
        ("SIPBOT_PORT", "70000"),
        ("SIPBOT_TIMEZONE", "Mars/Olympus"),
        ("SIPBOT_LANGUAGE", "de"),
        ("SIPBOT_LOG_LEVEL", "LOUD"),
        ("SIPBOT_LMTP_PORT", "0"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_its_value_is_not(name: str, value: str, alone: Operator) -> None:
    done = alone.main("doctor", **{name: value})
    assert done.code == 1
    assert f"  {name}: " in done.err
    assert "Value error" not in done.err


def test_a_broken_env_file_is_named(alone: Operator) -> None:
    (alone.folder / ".env").write_bytes(b"SIPBOT_PORT=\xff\n")
    assert ".env" in alone.main("doctor").err


def test_a_misspelt_setting_is_pointed_out_with_the_one_that_was_meant(alone: Operator) -> None:
    (alone.folder / ".env").write_text("SIPBOT_SMTPURL=smtp://127.0.0.1\n")
    said = alone.main("doctor", SIPBOT_PROT="3001", SIPBOT_XYZZY="1").out
    assert "SIPBOT_PROT is no setting; did you mean SIPBOT_PORT?" in said
    assert "SIPBOT_SMTPURL is no setting; did you mean SIPBOT_SMTP_URL?" in said
    assert "SIPBOT_XYZZY is no setting\n" in said


@pytest.mark.parametrize(
    "command,offers",
    [("serve", 1), ("directory import x.toml", 1), ("audit verify", 0), ("keys rotate", 0), ("export X", 0)],
)
def test_without_a_key_nothing_is_done_and_what_begins_is_offered_a_fresh_one(
    command: str, offers: int, alone: Operator
) -> None:
    """What reads needs the key that there is: a fresh one reads nothing."""
    done = alone.main(*command.split(), SIPBOT_SECRET_KEYS="")
    assert done.code == 1
    assert done.err.startswith("SIPBOT_SECRET_KEYS is missing")
    assert done.err.count("SIPBOT_SECRET_KEYS=") == offers
    assert not (alone.folder / "sipbot.db").exists()


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"SIPBOT_SECRET_KEYS": "abc"}, "SIPBOT_SECRET_KEYS"),
        ({"SIPBOT_SMTP_URL": "ftp://u:hemligt@x", "SIPBOT_MAIL_FROM": "sip@exempel.invalid"}, "SIPBOT_SMTP_URL"),
        ({"SIPBOT_SMTP_URL": "smtp://127.0.0.1"}, "SIPBOT_MAIL_FROM"),
        ({"SIPBOT_IMAP_URL": "nonsense"}, "SIPBOT_IMAP_URL"),
    ],
)
def test_what_keeps_it_from_serving_is_said_in_a_sentence(wrong: dict[str, str], words: str, alone: Operator) -> None:
    done = alone.main("serve", **wrong)
    assert done.code == 1
    assert words in done.err
    assert "hemligt" not in done.err


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"SIPBOT_DATABASE_URL": "sqlite:////dev/null/sipbot.db"}, "/dev/null"),
        ({"SIPBOT_PROFILE": "atlantis"}, "atlantis"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_a_sentence(wrong: dict[str, str], words: str, alone: Operator) -> None:
    assert words in alone.fails("serve", **wrong).splitlines()[-1]


@pytest.mark.parametrize(
    "url, words",
    [
        ("mysql://x/y", "sqlite:///"),
        ("postgresql://u:hemligt@127.0.0.1:1/x", "SIPBOT_DATABASE_URL"),
        ("sqlite:////dev/null/sipbot.db", "/dev/null"),
        ("sqlite:////etc/hostname", "SIPBOT_DATABASE_URL"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_a_sentence(url: str, words: str, alone: Operator) -> None:
    for command in ("migrate", "audit verify", f"directory import {GOOD}"):
        done = alone.main(*command.split(), SIPBOT_DATABASE_URL=url)
        assert done.code == 1
        assert words in done.err
        assert "hemligt" not in done.err


def test_a_port_that_is_taken_is_named(copied: Operator) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = copied.run("serve", SIPBOT_PORT=port)
    assert done.code == 1
    assert done.err.startswith(f"cannot listen on 127.0.0.1:{port}: another program listens there already.")
    assert "SIPBOT_PORT" in done.err
    assert len(done.err.splitlines()) == 1


# ---- manifest and keys ---------------------------------------------------------------------------------------


def test_the_manifest_is_what_slack_takes(alone: Operator) -> None:
    done = alone.run("manifest", SIPBOT_PUBLIC_URL="https://sip.example.se")
    made = json.loads(done.out)
    assert done.code == 0
    assert made["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert made["settings"]["interactivity"]["request_url"] == "https://sip.example.se/slack/events"
    over_socket = json.loads(alone.main("manifest", SLACK_APP_TOKEN="xapp-1").out)
    assert over_socket["settings"]["socket_mode_enabled"] is True


def test_a_new_key_can_be_used_and_is_never_the_same(alone: Operator) -> None:
    first, second = (run("keys", "new").out.strip() for run in (alone.run, alone.main))
    assert first != second
    assert alone.main("directory", "import", str(GOOD), SIPBOT_SECRET_KEYS=first).code == 0


def test_keys_are_rotated(copied: Operator) -> None:
    """The new one goes first; the cases then open without the old one, and the journal is proved with it."""
    old, new = copied.given["SIPBOT_SECRET_KEYS"], fresh_key()
    rotated = copied.run("keys", "rotate", SIPBOT_SECRET_KEYS=f"{new},{old}")
    assert rotated.code == 0
    assert "2 cases" in rotated.out
    assert "0 cases" in copied.main("keys", "rotate", SIPBOT_SECRET_KEYS=f"{new},{old}").out
    assert copied.main("audit", "verify", SIPBOT_SECRET_KEYS=f"{new},{old}").code == 0
    assert "key unknown" in copied.main("audit", "verify", SIPBOT_SECRET_KEYS=new).err
    assert copied.main("export", CODE, SIPBOT_SECRET_KEYS=new).code == 0


# ---- directory -----------------------------------------------------------------------------------------------


def test_the_directory_is_imported_and_a_second_time_nothing_changes(alone: Operator) -> None:
    first = alone.starts("directory", "import", str(GOOD))
    assert first.code == 0
    assert "added agency soc\n" in first.out
    assert "added staff slack:T0/U0ANNA\n" in first.out
    assert alone.main("directory", "import", str(GOOD)).out.splitlines()[0] == "Nothing has changed."
    changed = (
        GOOD.read_text().replace('name = "Anna Berg"', 'name = "Anna Bergman"').replace('slack_channel = "C0FK"', "")
    )
    (alone.folder / "new.toml").write_text(changed)
    again = alone.main("directory", "import", "new.toml")
    assert again.out.splitlines()[:2] == ["changed agency fk: slack_channel", "changed staff slack:T0/U0ANNA: name"]
    assert "Anna" not in again.out


# ---- doctor --------------------------------------------------------------------------------------------------


def findings(done: Done) -> dict[str, str]:
    """Return the mark of each thing that was looked at; the worst where there are several."""
    worst: dict[str, str] = {}
    for line in done.out.splitlines():
        mark, what = line.split()[:2]
        worst[what] = max(mark, worst.get(what, ""), key=("", "ok", "note", "FAIL").index)
    return worst


async def test_the_doctor_finds_a_healthy_bot_well(kept: Operator) -> None:
    async with MailServer() as mail:
        given = {"SIPBOT_SMTP_URL": f"smtp://127.0.0.1:{mail.port}", "SIPBOT_MAIL_FROM": "sip@exempel.invalid"}
        done = await asyncio.to_thread(lambda: kept.starts("doctor", **given))
    assert done.code == 0
    assert findings(done) == dict.fromkeys(
        ("settings", "packages", "keys", "profile", "database", "directory", "slack", "mail", "clock"), "ok"
    ) | {"answers": "note"}
    assert "0 letters wait, 0 are dead" in done.out


def test_the_doctor_names_each_illness_with_its_mend(alone: Operator, kept: Operator, slack: RunningSlack) -> None:
    empty = alone.main("doctor", SIPBOT_SECRET_KEYS="")
    assert empty.code == 1
    assert findings(empty) == {
        "settings": "ok",
        "packages": "ok",
        "keys": "FAIL",
        "profile": "ok",
        "database": "note",
        "slack": "FAIL",
        "matrix": "note",
        "mail": "note",
        "clock": "ok",
    }
    for mend in ("SIPBOT_SECRET_KEYS=", "`sipbot serve`", "SLACK_BOT_TOKEN", "SIPBOT_SMTP_URL"):
        assert mend in empty.out
    assert "`sipbot init`" in empty.err


def test_before_there_is_a_database_the_doctor_says_that_agencies_are_missing(alone: Operator) -> None:
    done = alone.main("doctor")
    assert findings(done)["directory"] == "FAIL"
    assert "sipbot directory import" in done.out
    assert not (alone.folder / "sipbot.db").exists()


SENDER = {"SIPBOT_MAIL_FROM": "sip@exempel.invalid"}
NOWHERE = "127.0.0.1:1"

# What is wrong, which line says so, and a word of the mend.
ILL: dict[str, tuple[dict[str, str], str, str]] = {
    "malformed key": ({"SIPBOT_SECRET_KEYS": "abc"}, "keys", "32 bytes"),
    "other keys": ({"SIPBOT_SECRET_KEYS": fresh_key()}, "database", "SIPBOT_SECRET_KEYS"),
    "no such profile": ({"SIPBOT_PROFILE": "atlantis"}, "profile", "gotland"),
    "another kind of database": ({"SIPBOT_DATABASE_URL": "mysql://x"}, "database", "sqlite:///"),
    "no server": ({"SIPBOT_DATABASE_URL": f"postgresql://u:hemligt@{NOWHERE}/x"}, "database", "SIPBOT_DATABASE_URL"),
    "no folder": ({"SIPBOT_DATABASE_URL": "sqlite:////dev/null/x.db"}, "database", "/dev/null"),
    "no database file": ({"SIPBOT_DATABASE_URL": "sqlite:////etc/hostname"}, "database", "SIPBOT_DATABASE_URL"),
    "token that Slack refuses": ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "slack", "SLACK_BOT_TOKEN"),
    "app token that Slack refuses": ({"SLACK_APP_TOKEN": "xapp-wrong"}, "slack", "SLACK_APP_TOKEN"),
    "no way to Slack": ({"SLACK_API_URL": f"http://{NOWHERE}/api/"}, "slack", "SLACK_API_URL"),
    "no signing secret": ({"SLACK_SIGNING_SECRET": ""}, "slack", "SLACK_SIGNING_SECRET"),
    "no sender": ({"SIPBOT_SMTP_URL": f"smtp://{NOWHERE}"}, "mail", "SIPBOT_MAIL_FROM"),
    "no mail server": ({"SIPBOT_SMTP_URL": f"smtp://{NOWHERE}", **SENDER}, "mail", "mail server"),
    "no mail address": ({"SIPBOT_SMTP_URL": "ftp://x", **SENDER}, "mail", "smtp://"),
}


@pytest.mark.parametrize("name", ILL)
def test_the_doctor_finds_an_illness(name: str, kept: Operator) -> None:
    given, what, mend = ILL[name]
    done = kept.main("doctor", **given)
    assert done.code == 1
    assert findings(done)[what] == "FAIL"
    assert mend in "".join(line for line in done.out.splitlines() if line.startswith("FAIL"))
    assert "hemligt" not in done.out


# ---- migrate, audit, export, backup --------------------------------------------------------------------------


def test_the_schema_is_made_and_a_second_time_nothing_happens(alone: Operator) -> None:
    first, second = (run("migrate", SIPBOT_SECRET_KEYS="") for run in (alone.run, alone.main))
    assert (first.code, second.code) == (0, 0)
    assert "was not there: a new database" in first.out, "in the wrong folder it looked as if all were well"
    assert second.out == "The database is at the newest schema.\n"
    assert findings(alone.main("doctor"))["database"] == "ok"


def test_a_whole_journal_is_verified(kept: Operator) -> None:
    done = kept.run("audit", "verify")
    assert done.code == 0
    assert done.out.startswith("The journal is whole: ")
    assert "Anchor: " in done.out


def _change(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE journal SET actor = 'slack:T0/U0EVIL' WHERE code = ?", (CODE,))


def _remove(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM journal WHERE code = '' AND seq = 1")


def _cut(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM journal WHERE code = ?", (CODE,))


def _take_case(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM case_ WHERE code = ?", (CODE,))


@pytest.mark.parametrize(
    "tamper, words",
    [
        (_change, f"{CODE}, row 1: changed"),
        (_remove, "the system's own chain, row 2: removed"),
        (_cut, f"{CODE}, row 0: cut"),
        (_take_case, f"{CODE}, row 0: case gone"),
    ],
)
def test_tampering_by_hand_is_found_and_the_link_named(
    tamper: Callable[[sqlite3.Connection], None], words: str, copied: Operator
) -> None:
    """Whoever owns the file can drop the triggers; the chain tells all the same."""
    with sqlite3.connect(copied.folder / "sipbot.db") as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        tamper(connection)
    connection.close()
    done = copied.main("audit", "verify")
    assert done.code == 1
    assert f"The journal is broken: {words}" in done.err


def test_an_export_holds_everything_and_is_itself_written_down(copied: Operator) -> None:
    first = json.loads(copied.run("export", CODE.lower()).out)
    assert first["code"] == CODE
    assert first["document"]["meetings"][0]["place"] == "Rum 1"
    second = json.loads(copied.main("export", CODE).out)
    assert [row["action"] for row in second["journal"]].count("case.exported") == 1


def test_an_export_for_people_is_a_new_file_that_its_owner_alone_may_read(copied: Operator) -> None:
    done = copied.main("export", CODE, "--pdf", "extract.pdf")
    assert (done.code, done.out.strip()) == (0, "Written: extract.pdf")
    made = copied.folder / "extract.pdf"
    assert made.read_bytes().startswith(b"%PDF-")
    assert made.stat().st_mode & 0o777 == 0o600
    assert "exists already" in copied.main("export", CODE, "--pdf", "extract.pdf").err
    assert "there is no case" in copied.main("export", make_code(1), "--pdf", "other.pdf").err
    assert not (copied.folder / "other.pdf").exists()
    held = json.loads(copied.main("export", CODE).out)
    assert [row["action"] for row in held["journal"]].count("case.exported") == 1


def test_a_code_that_was_mistyped_is_answered_with_the_one_that_was_meant(kept: Operator) -> None:
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    assert f"did you mean {CODE}?" in kept.fails("export", wrong)
    assert "is no case code" in kept.main("export", "nonsens").err
    assert "there is no case" in kept.main("export", make_code(1)).err


def test_a_backup_is_a_whole_copy_that_can_be_served_from(copied: Operator) -> None:
    done = copied.run("backup", "copy.db")
    assert done.code == 0
    assert "copy.db" in done.out
    copy = Operator(copied.folder, copied.given | {"SIPBOT_DATABASE_URL": "sqlite:///copy.db"})
    assert copy.main("audit", "verify").code == 0
    assert "copy.db" in copied.main("backup", "copy.db").err
    assert "nowhere" in copied.main("backup", "nowhere/copy.db").err
    assert "pg_dump" in copied.main("backup", "other.db", SIPBOT_DATABASE_URL="postgresql://u@127.0.0.1:1/x").err


def test_what_must_be_stopped_first_is_said(copied: Operator) -> None:
    assert copied.main("backup", "copy.db").code == 0
    with closing(sqlite3.connect(copied.folder / "sipbot.db")) as bot:
        bot.execute("PRAGMA journal_mode = WAL")
        bot.execute("BEGIN IMMEDIATE")
        told = copied.run("restore", "copy.db")
    assert (told.code, told.err.strip()) == (1, "The database is open. Stop the bot first.")


def test_a_backup_that_these_keys_cannot_prove_replaces_nothing(copied: Operator) -> None:
    """It was put in place, the journal was called broken, and a script went on to start the bot."""
    assert copied.main("backup", "copy.db").code == 0
    told = copied.fails("restore", "copy.db", SIPBOT_SECRET_KEYS=fresh_key())
    assert "Nothing was changed" in told
    assert "key unknown" in told
    assert copied.main("audit", "verify").code == 0, "what is there is still what these keys prove"
    assert {path.name for path in copied.folder.iterdir()} == {"sipbot.db", "copy.db"}


def test_a_backup_whose_journal_is_broken_is_put_in_place_only_when_that_is_wanted(copied: Operator) -> None:
    assert copied.main("backup", "copy.db").code == 0
    with closing(sqlite3.connect(copied.folder / "copy.db")) as copy:
        copy.execute("UPDATE case_ SET version = version + 1 WHERE code = ?", (CODE,))
        copy.commit()
    assert "Nothing was changed" in copied.main("restore", "copy.db").err
    done = copied.main("restore", "copy.db", "--although-broken")
    assert done.code == LEFT_TO_DO
    assert f"The journal is broken: {CODE}" in done.out
    assert copied.main("audit", "verify").code == 1


def test_what_is_in_place_is_not_called_undone(copied: Operator) -> None:
    """What follows a restore needs the keys. It ended with 1, as if nothing had been changed."""
    assert copied.main("backup", "copy.db").code == 0
    done = copied.main("restore", "copy.db", "--although-broken", SIPBOT_SECRET_KEYS=fresh_key())
    assert done.code == LEFT_TO_DO
    assert "Restored from copy.db" in done.out
    assert "nobody was told" in done.out


def test_whatever_is_left_to_do_is_said_by_the_exit_code_too(copied: Operator) -> None:
    """A script that starts the bot after `sipbot restore` told erased cases again: nothing had stopped it."""
    assert copied.main("dead-letters").code == 0
    assert copied.main("damaged-posts").code == 0
    assert copied.main("backup", "copy.db").code == 0
    assert copied.main("restore", "copy.db").code == 0
    _dies(copied)
    assert copied.main("dead-letters").code == LEFT_TO_DO
    assert copied.main("dead-letters", "--replay").code == 0
    (copied.folder / "sipbot.db").write_bytes(b"damaged" * 1000)
    done = copied.main("restore", "copy.db")
    assert done.code == LEFT_TO_DO
    assert "cannot be read" in done.out.splitlines()[-1]


def test_a_journal_that_cannot_be_read_keeps_no_other_out_of_the_log_control(copied: Operator) -> None:
    """One row that somebody had changed silenced the report on all open cases."""
    for code in (CODE, OTHER):
        assert copied.main("export", code).code == 0
    with closing(sqlite3.connect(copied.folder / "sipbot.db")) as database:
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE journal SET actor = 'slack:~x' WHERE code = ?", (CODE,))
        database.commit()
    done = copied.main("audit", "report")
    assert done.code == LEFT_TO_DO
    looked, named = done.out.splitlines()
    assert f"{OTHER}  case.exported" in looked
    assert CODE in named
    assert copied.main("audit", "report", CODE).code == 1


def _dies(operator: Operator) -> None:
    """Let one letter be dead that waits."""
    keys = (SecretStr(operator.given["SIPBOT_SECRET_KEYS"]),)
    url = f"sqlite:///{operator.folder / 'sipbot.db'}"
    database = opening(Settings(_env_file=None, sipbot_database_url=url, sipbot_secret_keys=keys))
    database.write(lambda tx: tx.outbox.put(Letter("k", "slack:channel:C0A", "note"))).result(30)
    database.close()
    with closing(sqlite3.connect(operator.folder / "sipbot.db")) as raw:
        raw.execute("UPDATE outbox SET state = 'dead', why = 'channel_not_found', settled_at = 1")
        raw.commit()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_name_that_is_no_text_is_said_in_a_sentence(command: str, copied: Operator) -> None:
    """Linux takes any bytes for a file's name; SQLite and the log do not."""
    name = b"copy\xff.db".decode(errors="surrogateescape")
    if command == "restore":
        (copied.folder / name).write_bytes((copied.folder / "sipbot.db").read_bytes())
    assert "is not UTF-8" in copied.fails(command, name)
    left = {path.name for path in copied.folder.iterdir() if path.name != name}
    assert left - {"sipbot.db-shm", "sipbot.db-wal"} == {"sipbot.db"}


def test_a_user_without_a_home_runs_it_too(alone: Operator) -> None:
    """A container gives a program a number that stands in no list of users, and systemd a user without a home."""
    nobody = "import pwd, sys; pwd.getpwuid = {}.__getitem__; sys.argv[0] = 'sipbot'; from bot.cli import main; main()"
    words = [sys.executable, "-c", nobody, "directory", "import", str(GOOD)]
    surroundings = {name: value for name, value in {**os.environ, **alone.given}.items() if name != "HOME"}
    done = subprocess.run(words, cwd=alone.folder, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["audit verify", f"export {CODE}", "keys rotate", "backup copy.db"])
def test_where_there_is_no_database_none_is_made(command: str, alone: Operator) -> None:
    """An empty journal is whole, so a wrong path must not look like a good one."""
    done = alone.main(*command.split())
    assert done.code == 1
    assert "there is no database" in done.err
    assert list(alone.folder.iterdir()) == []


def test_a_password_is_asked_for_only_where_it_could_be_used(alone: Operator) -> None:
    """It was typed in first, and thrown away for want of a setting."""
    assert alone.fails("matrix", "login", SIPBOT_SECRET_KEYS=fresh_key()).startswith("Set MATRIX_HOMESERVER")
