"""A bot without Matrix settings pays nothing for it; nor does any bot for pictures before the first is drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import sys
import bot.app, bot.cli, bot.picture.drawn, bot.platforms
from bot.settings import Settings
assert not [kind.name for kind in bot.platforms.set_up(Settings(_env_file=None)) if kind.name == "matrix"]
print([name for name in "mautrix vodozemac olm asyncpg aiosqlite Crypto PIL".split() if name in sys.modules])
"""


def test_without_settings_nothing_of_matrix_is_loaded() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert ran.stdout.strip() == "[]"
