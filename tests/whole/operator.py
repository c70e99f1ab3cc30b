"""Somebody at a shell who runs `sipbot`: as a process, or in this process through the same `main`.

Loading is most of what a command computes, so the process is forked from one in which all is loaded, unless it is to
be shown that a command finds everything by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.cli import main
from tests.forked import Forked

PATIENCE = 120.0
PROGRAM = str(Path(sys.executable).with_name("sipbot"))


@dataclass(frozen=True)
class Done:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Operator:
    """Somebody at a shell in a folder, with these settings in the environment and no others."""

    folder: Path
    given: dict[str, str]

    def run(self, *arguments: str, **more: str) -> Done:
        """Run `sipbot` as a process; a setting in `more` comes on top, an empty one is taken away."""
        with TemporaryDirectory() as kept:
            out, err = Path(kept, "out"), Path(kept, "err")
            process = Forked(arguments, self._surroundings(more), self.folder, out, errors=err)
            return sound(Done(process.wait(PATIENCE), out.read_text(), err.read_text()))

    def starts(self, *arguments: str, typed: str = "", **more: str) -> Done:
        """Run the same as a shell starts it, with nothing loaded; what is typed comes from a pipe."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=self.folder,
            env=self._surroundings(more),
            input=typed,
            capture_output=True,
            check=False,
            text=True,
            timeout=PATIENCE,
        )
        return sound(Done(done.returncode, done.stdout, done.stderr))

    def main(self, *arguments: str, typed: str = "", **more: str) -> Done:
        """Run the same in this process."""
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", [PROGRAM, *arguments])
            patch.setattr(sys, "stdin", StringIO(typed))
            patch.setattr(os, "environ", self._surroundings(more))
            patch.chdir(self.folder)
            code = _ended()
        return sound(Done(code, out.getvalue(), err.getvalue()))

    def fails(self, *arguments: str, **more: str) -> str:
        """Run `sipbot` as a process, which must refuse with words on standard error and exit code 1."""
        done = self.run(*arguments, **more)
        assert done.code == 1, done
        return done.err

    def _surroundings(self, more: Mapping[str, str]) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SIPBOT_", "SLACK_"))}
        return {k: v for k, v in {**inherited, "COLUMNS": "200", **self.given, **more}.items() if v}


def _ended() -> int:
    """Run `main` and return the exit code."""
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def sound(done: Done) -> Done:
    """Return what was done, which must not have ended in a fault of the program."""
    assert "Traceback" not in done.out + done.err, done.err
    return done
