"""The bot as a process of its own that was forked from one in which everything is loaded.

Loading is nearly all that a start computes, a second of it. What is killed again and again is started so; that the
program starts as an operator starts it is shown by `tests.program`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.settings import Settings
from tests.program import environment, stop, until_ready

#: For other processes, too, that are to have everything loaded.
context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(
    ["bot.admin.directory_file", "bot.admin.doctor", "bot.cli", "bot.logs", "bot.serving", "storage.migrate", "uvloop"]
)
_TICKS = os.sysconf("SC_CLK_TCK")

_ended: list[float] = []


class Forked:
    """A forked program, asked and ended as `subprocess.Popen` is."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        given: Mapping[str, str],
        folder: Path,
        log: Path,
        first: Callable[[], None] | None = None,
        errors: Path | None = None,
    ) -> None:
        """`first` is done in the new process before the program begins; errors go to the log, too, or to a file."""
        files = (str(log), str(errors or log))
        self._process = context.Process(target=_run, args=(arguments, dict(given), str(folder), files, first))
        self._process.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, at most `timeout` seconds, and return how it ended."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("sipbot", timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.poll() is None and self._process.pid is not None:
            if number in {signal.SIGTERM, signal.SIGKILL}:
                _ended.append(_computed(self._process.pid))
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.send_signal(signal.SIGKILL)


def computed() -> float:
    """Return the seconds that processors computed for forked programs, up to when they were told to end."""
    return sum(_ended)


def start(settings: Settings, folder: Path, *arguments: str) -> Forked:
    """Start `sipbot serve` in a folder and return when it says that it is ready; its log is kept there."""
    log = folder / "serve.log"
    return until_ready(Forked(("serve", *arguments), environment(settings), folder, log), settings, log)


@contextmanager
def serving(settings: Settings, folder: Path, *arguments: str) -> Iterator[Forked]:
    """Run `sipbot serve` until the block ends."""
    process = start(settings, folder, *arguments)
    try:
        yield process
    finally:
        stop(process)


def _run(
    arguments: tuple[str, ...],
    given: dict[str, str],
    folder: str,
    files: tuple[str, str],
    first: Callable[[], None] | None,
) -> None:
    """Become the program, in the forked process."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(given)
    for number, name in enumerate(files, start=1):
        with Path(name).open("ab") as file:
            os.dup2(file.fileno(), number)
    sys.argv = ["sipbot", *arguments]
    if first is not None:
        first()
    from bot.cli import main  # noqa: PLC0415 - loaded before the fork, so that the process of the tests need not

    main()


def _computed(pid: int) -> float:
    """Return the seconds that a running process and those it saw end have computed (proc(5), fields 14 to 17)."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in after_name[11:15]) / _TICKS
