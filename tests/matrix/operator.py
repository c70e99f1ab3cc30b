"""An operator at a terminal: types the program's commands, keeps what they print, starts and ends the bot."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

from bot.settings import Settings
from tests import program
from tests.ports import free_port

SIPBOT = str(Path(sys.executable).with_name("sipbot"))
PATIENCE = 60.0


class Operator:
    """Somebody with a folder, in which `.env` holds the settings."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = {"SIPBOT_PORT": str(self.port), **settings}
        self.bot: subprocess.Popen[bytes] | None = None

    def keep(self, **settings: str) -> None:
        """Write settings into `.env`, in place of older ones."""
        self.settings |= settings
        lines = [f"{name}={value}\n" for name, value in self.settings.items()]
        (self.folder / ".env").write_text("".join(lines))

    def as_settings(self) -> Settings:
        """Return the settings as the bot reads them."""
        return Settings.model_validate({name.lower(): value for name, value in self.settings.items()})

    def types(self, *words: str, secret: str = "") -> tuple[int, str]:
        """Type a command in a terminal, and a secret when it is asked for; return its end and all that was shown."""
        ours, theirs = pty.openpty()
        command = subprocess.Popen(
            [SIPBOT, *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder,
            env=self._environment(),
            start_new_session=True,
        )
        os.close(theirs)
        shown, until, typed = b"", time.monotonic() + PATIENCE, False
        while time.monotonic() < until:
            # Typed sooner, it would be thrown away with all else that nobody has asked for.
            hidden = not termios.tcgetattr(ours)[3] & termios.ECHO
            if secret and not typed and hidden and b"assword" in shown:
                os.write(ours, secret.encode() + b"\n")
                typed = True
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                more = os.read(ours, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not more:
                break
            shown += more
        os.close(ours)
        return command.wait(PATIENCE), shown.decode()

    def logs_in(self, password: str) -> str:
        """Type `sipbot matrix login`, keep what it says is to be kept, and return all that was shown."""
        self.keep(MATRIX_TOKEN="")
        end, shown = self.types("matrix", "login", secret=password)
        assert end == 0, shown
        self.keep(**dict(re.findall(r"(MATRIX_\w+)=(\S+)", shown)))
        return shown

    def starts(self) -> None:
        """Start `sipbot serve`, and return when it is ready."""
        with (self.folder / "serve.log").open("ab") as log:
            self.bot = subprocess.Popen(
                [SIPBOT, "serve"], cwd=self.folder, env=self._environment(), stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE
        while not program.listens(self.port):
            assert self.bot.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)

    def ends(self, *, killed: bool = False) -> None:
        """End the bot: as asked, or as a power cut would."""
        if self.bot is not None:
            (program.kill if killed else program.stop)(self.bot)
            self.bot = None

    def log(self) -> str:
        """Return what the bot has logged."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "serve.log").read_text()
        return ""

    def _environment(self) -> dict[str, str]:
        ours = ("SIPBOT_", "SLACK_", "MATRIX_")
        root = str(Path(__file__).resolve().parents[2])
        return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {"PYTHONPATH": root}
