"""The README is true: its settings are the program's, its files exist, its commands run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = ROOT / ".venv" / "bin"


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


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one of the README's commands in an empty folder."""
    return subprocess.run(
        [BIN / "sipbot", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_set_up_works_as_described(tmp_path: Path) -> None:
    key = run(tmp_path, "keys", "new").stdout.strip()
    (tmp_path / ".env").write_text(f"SIPBOT_SECRET_KEYS={key}\nSIPBOT_PUBLIC_URL=https://sip.example.se\n")
    manifest = run(tmp_path, "manifest")
    assert manifest.returncode == 0, manifest.stderr
    assert "https://sip.example.se/slack/events" in manifest.stdout
    imported = run(tmp_path, "directory", "import", str(ROOT / "examples" / "directory.toml"))
    assert imported.returncode == 0, imported.stderr
    assert "5 agencies" in imported.stdout
    again = run(tmp_path, "directory", "import", str(ROOT / "examples" / "directory.toml"))
    assert "Nothing has changed." in again.stdout
    # Slack is not set up here, and the doctor says so with its mend.
    doctor = run(tmp_path, "doctor")
    assert doctor.returncode == 1
    assert "SLACK_BOT_TOKEN" in doctor.stdout


@pytest.mark.slow
def test_the_story_in_the_terminal_is_told_to_its_end(tmp_path: Path) -> None:
    told = run(tmp_path, "demo", "--play")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "SIP-" in told.stdout
