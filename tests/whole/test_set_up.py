"""Setting up, command by command: init, manifest, the directory file, and the line that `serve` begins with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.opening import opening_line
from bot.settings import Settings
from storage.encryption.cipher import fresh_key
from tests.conftest import ROOT
from tests.whole.operator import Operator

pytestmark = pytest.mark.slow

GOOD = ROOT / "examples" / "directory.toml"


@pytest.fixture
def alone(tmp_path: Path) -> Operator:
    """An operator with a key and nothing else yet."""
    return Operator(tmp_path, {"SIPBOT_SECRET_KEYS": fresh_key(), "SIPBOT_DATABASE_URL": "sqlite:///sipbot.db"})


@pytest.mark.parametrize(
    "asked, given",
    [((), {}), (("--socket",), {}), (("--socket",), {"SIPBOT_PUBLIC_URL": "https://sip.example.se"})],
)
def test_without_a_public_address_or_on_asking_the_manifest_is_for_socket_mode(
    asked: tuple[str, ...], given: dict[str, str], alone: Operator
) -> None:
    """A path alone is no address that Slack could reach."""
    done = alone.main("manifest", *asked, **given)
    assert done.code == 0
    assert json.loads(done.out)["settings"]["socket_mode_enabled"] is True
    assert "/slack/events" not in done.out
    assert "connections:write" in done.err


@pytest.mark.parametrize("url", ["http://sip.example.se", "sip.example.se", "https://", "/", "https://x.se/?a=b"])
def test_an_address_that_slack_cannot_call_makes_no_manifest(url: str, alone: Operator) -> None:
    done = alone.main("manifest", SIPBOT_PUBLIC_URL=url)
    assert (done.code, done.out) == (1, "")
    assert "SIPBOT_PUBLIC_URL" in done.err
    assert "--socket" in done.err


# ---- directory -----------------------------------------------------------------------------------------------

AGENCY = '[[agency]]\nid = "{}"\nname = "Enhet"\nkind = "school"\nprincipal = "municipality"\n'
STAFF = '[[agency.staff]]\nslack = "{}"\nname = "Kim Exempel"\n'

BAD_FILES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "not there": (b"", ("No such file",)),
    "no text": (b"\xff\xfe\x00", ("bad.toml",)),
    "no TOML": (b"[[agency]\n", ("line 1",)),
    "no agency": (b"", ("agency",)),
    "agency is a number": (b"agency = 3\n", ("[[agency]]",)),
    "agency with one bracket": (AGENCY.format("a").replace("[[agency]]", "[agency]").encode(), ("[[agency]]",)),
    "unknown field": ((AGENCY.format("a") + "colour = 1\n").encode(), ("colour",)),
    "unknown kind": (AGENCY.format("a").replace("school", "circus").encode(), ("circus",)),
    "several at once": (
        (AGENCY.format("A!") + 'slack_channel = "#soc"\n' + STAFF.format("U0ANNA") + STAFF.format("T0/U0BO")).encode()
        + (AGENCY.format("b") + STAFF.format("T0/U0BO")).encode()
        + AGENCY.format("b").encode(),
        ("id takes", "slack_channel takes", "slack takes team", "'b': this id is used twice", "stands elsewhere"),
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_directory_changes_nothing_and_each_fault_is_named(name: str, alone: Operator) -> None:
    content, faults = BAD_FILES[name]
    if name != "not there":
        (alone.folder / "bad.toml").write_bytes(content)
    done = alone.main("directory", "import", "bad.toml")
    assert done.code == 1
    assert done.err.startswith("Nothing was changed.")
    assert [fault for fault in faults if fault not in done.err] == []
    assert not (alone.folder / "sipbot.db").exists()


def test_a_directory_file_is_looked_at_without_any_settings_and_each_line_has_its_mend(tmp_path: Path) -> None:
    nobody = Operator(tmp_path, {})
    (tmp_path / "d.toml").write_text(
        AGENCY.format("a") + 'slack_channel = "#soc"\n' + 'colour = "red"\n' + STAFF.format("U0ANNA") + "admin = 1\n"
    )
    done = nobody.main("directory", "check", "d.toml")
    assert done.code == 1
    assert done.out.splitlines() == [
        "FAIL  line 7, agency 'a': colour is no field",
        "FAIL  line 11, agency 'a', staff U0ANNA: admin takes true or false, without quotation marks",
    ]
    (tmp_path / "d.toml").write_text(AGENCY.format("a") + 'slack_channel = "#soc"\n' + STAFF.format("U0ANNA"))
    assert nobody.main("directory", "check", "d.toml").out.splitlines() == [
        "FAIL  line 6, agency 'a': slack_channel takes the channel's id, such as C0123ABC, not its name",
        "FAIL  line 8, agency 'a', staff U0ANNA: slack takes team and user, such as \"T0123/U0456\"",
    ]
    assert list(tmp_path.iterdir()) == [tmp_path / "d.toml"]


def test_what_may_be_a_slip_is_noted_and_hinders_nothing(alone: Operator) -> None:
    """A manager who is nobody in the file would get reminders that nobody may answer."""
    text = GOOD.read_text().replace('manager = "U0VERA"', 'manager = "U0VREA"').replace("coordinator = true", "")
    (alone.folder / "d.toml").write_text(text)
    for command in ("check", "import"):
        done = alone.main("directory", command, "d.toml")
        assert done.code == 0
        assert "manager 'U0VREA' is no staff of this file" in done.out
        assert "nobody can open a case" in done.out
        assert "agency 'fk': without manager" in done.out


def test_the_directory_is_written_out_so_that_importing_it_changes_nothing(alone: Operator) -> None:
    text = GOOD.read_text().replace(
        'name = "Leif Strand"', 'matrix = "@leif:exempel.invalid"\nname = "Leif \\"L\\" Ström"'
    )
    (alone.folder / "d.toml").write_text(text)
    alone.main("directory", "import", "d.toml")
    exported = alone.run("directory", "export")
    (alone.folder / "again.toml").write_text(exported.out)
    again = alone.main("directory", "import", "again.toml")
    assert again.out.splitlines()[0] == "Nothing has changed."
    assert 'name = "Leif \\"L\\" Ström"' in exported.out


# ---- init and serve ------------------------------------------------------------------------------------------

ENTERS = "\n" * 9


def test_answers_from_a_pipe_set_up_and_what_is_there_is_never_written_over_unasked(tmp_path: Path) -> None:
    nobody = Operator(tmp_path, {})
    (tmp_path / "directory.toml").write_text("# mine\n")
    assert nobody.starts("init", typed=ENTERS).code == 0
    first = (tmp_path / ".env").read_text()
    assert (tmp_path / "directory.toml").read_text() == "# mine\n"
    # Gone through again, each answer kept, and a line of the operator's own too.
    (tmp_path / ".env").write_text(first + "# mine\nSIPBOT_PORT=3001\n")
    assert nobody.main("init", typed=ENTERS).code == 0
    assert (tmp_path / ".env").read_text() == first + "# mine\nSIPBOT_PORT=3001\n"
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    for refused in ("n\n", "", "y\nsv\n"):
        stopped = nobody.main("init", typed=refused)
        assert (stopped.code, "nothing was written" in stopped.err) == (1, True)
        assert (tmp_path / ".env").read_text() == first + "# mine\nSIPBOT_PORT=3001\n"


def test_a_set_up_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    assert Operator(tmp_path, {}).main("init", typed="sv\ngotland\n").code == 1
    assert list(tmp_path.iterdir()) == []


def test_serve_says_in_one_line_where_it_listens_how_and_what_is_missing() -> None:
    settings = Settings.model_construct(slack_bot_token=SecretStr("xoxb-1"), sipbot_public_url="https://sip.example.se")
    line = opening_line(settings, "all", ("127.0.0.1", 3000), agencies=0)
    assert "listens at http://127.0.0.1:3000; role all; slack over HTTP at https://sip.example.se/slack/events" in line
    assert "SLACK_SIGNING_SECRET" in line
    assert "sipbot directory import" in line
    assert "SIPBOT_SMTP_URL" in line
    assert "\n" not in line
    assert "xoxb" not in line
    bare = opening_line(Settings.model_construct(), "web", ("::1", 3000), agencies=2)
    assert "http://[::1]:3000" in bare
    assert "a chat (`sipbot init`)" in bare
    assert "agencies" not in bare


# ---- profile -------------------------------------------------------------------------------------------------


def test_a_profile_is_looked_at_and_says_what_each_number_rests_on(tmp_path: Path) -> None:
    nobody = Operator(tmp_path, {})
    shipped = (ROOT / "bot" / "profiles" / "gotland.toml").read_text()
    (tmp_path / "own.toml").write_text(shipped.replace("[reminders.send_plan]", "[reminders.send_plans]"))
    done = nobody.main("profile", "check", "own.toml")
    assert done.code == 0
    assert "ok    days_to_meeting = 30 (agreement)" in done.out
    assert "[reminders.send_plan] is not there" in done.out
    assert "[reminders.send_plans] is no reminder and changes nothing; did you mean send_plan?" in done.out


@pytest.mark.parametrize(
    "before, after, words",
    [
        ("steps = [2, 3]", "steps = [0, 3]", "at least 1"),
        ("opens = 08:00:00", "opens = 18:00:00", "before"),
        ("title =", "titel =", "`title`"),
        ("value = 30", 'value = "trettio"', "days_to_meeting"),
    ],
)
def test_a_profile_that_cannot_be_used_is_refused_with_what_is_wrong(
    before: str, after: str, words: str, tmp_path: Path
) -> None:
    shipped = (ROOT / "bot" / "profiles" / "gotland.toml").read_text()
    (tmp_path / "own.toml").write_text(shipped.replace(before, after, 1))
    done = Operator(tmp_path, {}).main("profile", "check", "own.toml")
    assert (done.code, words in done.err) == (1, True), done.err
