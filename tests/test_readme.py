"""The README is true: its settings are the program's, its files exist, its commands run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.conftest import ROOT
from tests.whole.operator import Operator

README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings_table() -> str:
    """Return the table of all settings as the README has it."""
    rows = ["| name | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        nothing = default in ("", (), None) or "Secret" in type(default).__name__
        shown = "–" if nothing else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    assert settings_table() in README


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_every_file_that_the_readme_names_is_there(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z-]+)`", README))))
def test_every_make_target_that_the_readme_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_set_up_works_as_described(tmp_path: Path) -> None:
    """That each command is found and started as a shell does it is shown by `tests/whole/test_newcomer.py`."""
    operator = Operator(tmp_path, {})
    key = operator.run("keys", "new").out.strip()
    (tmp_path / ".env").write_text(f"SIPBOT_SECRET_KEYS={key}\nSIPBOT_PUBLIC_URL=https://sip.example.se\n")
    manifest = operator.run("manifest")
    assert manifest.code == 0, manifest.err
    assert "https://sip.example.se/slack/events" in manifest.out
    imported = operator.run("directory", "import", str(ROOT / "examples" / "directory.toml"))
    assert imported.code == 0, imported.err
    assert "5 agencies" in imported.out
    again = operator.run("directory", "import", str(ROOT / "examples" / "directory.toml"))
    assert "Nothing has changed." in again.out
    # Slack is not set up here, and the doctor says so with its mend.
    doctor = operator.run("doctor")
    assert doctor.code == 1
    assert "SLACK_BOT_TOKEN" in doctor.out


@pytest.mark.slow
@pytest.mark.waits
def test_the_story_in_the_terminal_is_told_to_its_end(tmp_path: Path) -> None:
    told = Operator(tmp_path, {}).starts("demo", "--play")
    assert told.code == 0, told.out + told.err
    assert "SIP-" in told.out
