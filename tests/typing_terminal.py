"""Somebody at a real terminal: a program run in a pseudo terminal of its own, typed at and read."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0


class Terminal:
    """One program in a terminal. `shown` is all that has stood on the screen."""

    def __init__(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.shown = ""
        self._read = 0
        self._pid, self._line = pty.fork()
        if self._pid == 0:  # the program's side
            os.chdir(folder)
            surroundings = {**environment, "TERM": "dumb", "COLUMNS": "200"}
            os.execve(arguments[0], [*arguments], surroundings)  # noqa: S606 - a program of ours

    def reads(self, words: str) -> None:
        """Wait until these words come, after those that were waited for before."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.shown[self._read :]:
            waiting = time.monotonic() < deadline and self._more()
            assert waiting or words in self.shown[self._read :], f"{words!r} never came:\n{self.shown}"
        self._read = self.shown.index(words, self._read) + len(words)

    def types(self, line: str) -> None:
        """Type a line and Enter."""
        os.write(self._line, f"{line}\n".encode())

    def answers(self, question: str, line: str) -> None:
        """Wait for a question and answer it.

        Its last blank comes once the answer is listened for: what is typed before, a hidden question throws away.
        """
        self.reads(question)
        deadline = time.monotonic() + PATIENCE
        while not self.shown.endswith(": "):
            assert time.monotonic() < deadline, f"nothing is asked:\n{self.shown}"
            assert self._more(), f"nothing is asked:\n{self.shown}"
        self._read = len(self.shown)
        self.types(line)

    def ends(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._more():
            assert time.monotonic() < deadline, f"it does not end:\n{self.shown}"
        return self._reap()

    def interrupts(self) -> int:
        """Press Ctrl-C and return the exit code."""
        os.kill(self._pid, signal.SIGINT)
        return self.ends()

    def _more(self) -> bool:
        """Read what has come, waiting a moment for it; say whether there may be more."""
        if not select.select([self._line], [], [], 0.2)[0]:
            return True
        try:
            read = os.read(self._line, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += read.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(read)

    def _reap(self) -> int:
        _, status = os.waitpid(self._pid, 0)
        os.close(self._line)
        return os.waitstatus_to_exitcode(status)
