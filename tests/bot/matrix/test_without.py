"""What decides and draws on Matrix needs neither the library nor its encryption: the demo stands on it without them."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

PROGRAM = """
import sys
import bot.matrix.listener, bot.matrix.staffing, bot.matrix.transport
print([name for name in ("mautrix", "vodozemac", "olm", "asyncpg", "aiosqlite", "Crypto") if name in sys.modules])
"""


def test_nothing_of_the_library_is_loaded_for_what_is_said_and_answered() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert ran.stdout.strip() == "[]"
