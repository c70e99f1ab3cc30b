"""The strict stand-in as a process of its own, so that it takes no time from the bot."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import Self


class Slack:
    """Runs the stand-in; `limits` as Slack's own, `delay_ms` before every answer."""

    def __init__(self, *, limits: bool = False, delay_ms: int = 0) -> None:
        self._arguments = [f"--limits={int(limits)}", f"--delay={delay_ms}"]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start it and learn its address."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.slack_process", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def ask(self, question: str) -> str:
        """Ask the process something; see `slack_process`."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
