"""Somebody who has never seen the bot sets it up for Slack: the README's commands, typed in order at a terminal."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack, running_slack
from tests.conftest import ROOT
from tests.ports import free_port
from tests.typing_terminal import Terminal
from tests.whole.conftest import seed

pytestmark = [pytest.mark.slow, pytest.mark.waits]

PROGRAM = str(Path(sys.executable).with_name("sipbot"))
BOT_TOKEN, APP_TOKEN = "xoxb-T0", "xapp-stand-in"


def commands() -> list[list[str]]:
    """Return the commands of the README's part on Slack, in order."""
    part = (ROOT / "README.md").read_text(encoding="utf-8").split("## Set up Slack")[1].split("\n## ")[0]
    block = re.search(r"```\n(.*?)```", part, re.DOTALL)
    assert block is not None
    return [line.removeprefix(".venv/bin/sipbot ").split() for line in block[1].splitlines()]


@pytest.fixture(scope="module")
def slack() -> Iterator[RunningSlack]:
    with running_slack(seed(), rate_limited=False) as running:
        yield running


class Newcomer:
    """Types the README's commands one after the other, in a folder that was empty."""

    def __init__(self, folder: Path, slack: RunningSlack) -> None:
        self.folder = folder
        self.left = commands()
        self._surroundings = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("SIPBOT_", "SLACK_"))},
            # Where the stand-in is, and a port that is free: what differs from a real set-up.
            "SLACK_API_URL": slack.api_url,
            "SIPBOT_PORT": str(free_port()),
        }

    def next(self, *expected: str) -> Terminal:
        """Type the next command of the README, which must be the expected one."""
        typed = self.left.pop(0)
        assert tuple(typed) == expected
        return Terminal([PROGRAM, *typed], self.folder, self._surroundings)

    def fills_in(self) -> None:
        """Write the example's agencies into the directory file."""
        (self.folder / "directory.toml").write_text((ROOT / "examples" / "directory.toml").read_text())


def test_the_readme_leads_from_nothing_to_a_bot_that_answers(tmp_path: Path, slack: RunningSlack) -> None:
    new = Newcomer(tmp_path, slack)
    begins = new.next("init")
    for question in ("Language", "Whose rules", "How Slack", "OAuth Token", "App-Level", "Matrix", "Database", "Mail"):
        begins.answers(question, "")
    begins.reads("Next: sipbot manifest")
    assert begins.ends() == 0
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600

    shows = new.next("manifest")
    assert shows.ends() == 0
    made = json.loads(shows.shown[shows.shown.index("{") : shows.shown.rindex("}") + 1])
    assert made["settings"]["socket_mode_enabled"] is True
    assert "/slack/events" not in shows.shown
    assert "connections:write" in shows.shown

    tokens = new.next("init")
    tokens.answers("Go through it?", "")
    for question in ("Language", "Whose rules", "How Slack"):
        tokens.answers(question, "")
    tokens.answers("OAuth Token", BOT_TOKEN)
    tokens.answers("App-Level", APP_TOKEN)
    for question in ("Matrix", "Database", "Mail"):
        tokens.answers(question, "")
    tokens.reads("directory check directory.toml")
    assert tokens.ends() == 0
    assert BOT_TOKEN not in tokens.shown
    assert APP_TOKEN not in tokens.shown

    new.fills_in()
    checks = new.next("directory", "check", "directory.toml")
    checks.reads("Next: sipbot directory import directory.toml")
    assert checks.ends() == 0
    imports = new.next("directory", "import", "directory.toml")
    imports.reads("5 agencies")
    assert imports.ends() == 0

    looks = new.next("doctor")
    looks.reads("Next: `sipbot serve`")
    assert looks.ends() == 0
    assert "FAIL" not in looks.shown

    serves = new.next("serve")
    serves.reads("sipbot listens at http://127.0.0.1:")
    serves.reads("slack by Socket Mode; missing: mail")
    assert answer_to_a_command(slack)
    assert serves.interrupts() == 0
    assert new.left == []


def answer_to_a_command(slack: RunningSlack) -> bool:
    """Type `/sip` as Anna until the bot has connected; say whether she reads an answer."""
    anna = slack.people["anna"]
    for _ in range(100):
        anna.type("/sip", "C0SOC")
        if anna.only_visible_to_me():
            return True
    return False


def test_a_file_to_fill_in_names_each_line_that_is_not_filled_in(tmp_path: Path, slack: RunningSlack) -> None:
    new = Newcomer(tmp_path, slack)
    begins = new.next("init")
    for _ in range(8):
        begins.answers(": ", "")
    assert begins.ends() == 0
    blank = (tmp_path / "directory.toml").read_text()
    new.left = [["directory", "check", "directory.toml"]]
    checks = new.next("directory", "check", "directory.toml")
    assert checks.ends() == 1
    named = {int(number) for number in re.findall(r"FAIL  line (\d+)", checks.shown)}
    fill_in = {number for number, line in enumerate(blank.splitlines(), 1) if re.match(r'\w+ = "<', line)}
    assert named == fill_in
    assert tomllib.loads(blank)["agency"][0]["kind"] == "social_services"


def test_the_settings_that_were_written_are_read_as_they_were_given(tmp_path: Path, slack: RunningSlack) -> None:
    """A password may hold what a shell or a comment would take for its own."""
    smtp = "smtp://sip:p%23a'ss $wort\\@mail.exempel.invalid:25"
    new = Newcomer(tmp_path, slack)
    begins = new.next("init")
    begins.answers("Language", "en")
    begins.answers("Whose rules", "atlantis")
    begins.reads("No profile 'atlantis'")
    begins.answers("Whose rules", "blekinge")
    begins.answers("How Slack", "address")
    begins.answers("public address", "http://sip.exempel.invalid")
    begins.reads("begins with https://")
    begins.answers("public address", "https://sip.exempel.invalid")
    begins.answers("OAuth Token", "xoxp-of-a-person")
    begins.reads("It begins with xoxb-")
    begins.answers("OAuth Token", BOT_TOKEN)
    begins.answers("Signing Secret", "hemligt-ord")
    begins.answers("Matrix", "n")
    begins.answers("Database", "")
    begins.answers("Mail server", smtp.replace("%23", "#"))
    begins.reads("# is written %23")
    begins.answers("Mail server", smtp)
    begins.answers("Sender", "sip@exempel.invalid")
    assert begins.ends() == 0
    for secret in ("wort", "hemligt-ord", BOT_TOKEN):
        assert secret not in begins.shown
    read = Settings(_env_file=tmp_path / ".env")
    assert (read.sipbot_language, read.sipbot_profile) == ("en", "blekinge")
    assert read.smtp_url == smtp
    assert read.slack_signing_secret.get_secret_value() == "hemligt-ord"
    assert read.sipbot_public_url == "https://sip.exempel.invalid"
