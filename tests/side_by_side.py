"""Tests side by side, in several processes (pytest-xdist): what those share, and who runs what when.

A file is run by one worker, so what its tests share is set up once; a test marked `apart` shares nothing, and any
worker may run it. Files that wait much or take long come first, so that no worker has a long one left when the others
are done. A test marked `alone` measures time: while it runs, all other workers wait.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Postgres, PostgresMissingError, PostgresServer

MOST_WORKERS = 16
_PLAIN = str.maketrans("[]@", "()-")
SLOW_MARKS = ("slow", "browser")


def workers(*, waiting: bool = False) -> int:
    """Return how many workers suit this machine: three for two cores, or two a core for tests that mostly wait.

    Each worker collects all tests, and sets up anew what its share of them needs, so that one more costs at first.
    """
    cores = os.cpu_count() or 1
    return min(2 * cores if waiting else (3 * cores + 1) // 2, MOST_WORKERS)


def plugin(config: pytest.Config) -> Host | Worker:
    """Return what this process has to do with workers: to have some, if asked for, or to be one."""
    shared: dict[str, Any] = getattr(config, "workerinput", {})
    if not shared:
        return Host()
    return Worker(Path(shared["folder"]), int(shared["workerid"].removeprefix("gw")), shared["workercount"])


def shared_postgres(config: pytest.Config) -> Postgres | None:
    """Return the PostgreSQL server that all workers share; None where there are no workers, or no PostgreSQL."""
    port: int | None = getattr(config, "workerinput", {}).get("postgres")
    return Postgres(port) if port else None


def plain(nodeid: str) -> str:
    """Return a test's name without the group that pytest-xdist writes behind it."""
    return nodeid.rpartition("@")[0] if nodeid.rfind("@") > nodeid.rfind("]") else nodeid


def group_of(item: pytest.Item) -> str:
    """Return what a test must share a worker with: its file, unless it shares nothing with it or wants to be alone."""
    if wants_alone(item):
        return "alone"
    if item.get_closest_marker("apart"):
        return plain(item.nodeid).translate(_PLAIN)  # pytest-xdist looks for it behind the last "]" and "@"
    return item.nodeid.partition(".py::")[0]


class Host:
    """The process that starts workers and reports what they found."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._shared: dict[str, Any] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker, before it is started, where to find what is shared."""
        if not self._shared:
            self._shared["folder"] = self._held.enter_context(tempfile.TemporaryDirectory(prefix="sipbot-tests-"))
            with suppress(PostgresMissingError):  # the worker's own attempt says what is missing
                self._shared["postgres"] = self._held.enter_context(PostgresServer()).port
        node.workerinput.update(self._shared)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Call each test in all reports as it is called on the command line."""
        report.nodeid = plain(report.nodeid)

    def pytest_unconfigure(self) -> None:
        """End what was shared; the workers are gone by now."""
        self._held.close()


class Worker:
    """A process that runs files as they are given to it."""

    def __init__(self, folder: Path, number: int = 0, count: int = 1) -> None:
        """`folder` is shared by all workers; this is the one of this number, from 0, of so many."""
        self._machine = Machine(folder)
        self._inside = False
        self._number = number
        self._count = count

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Import a share of the tests before all of them: in a new checkout each file is then compiled by one worker.

        Compiling costs more than half of collecting. What cannot be imported is left to the collection, which says why.
        """
        root = session.config.rootpath
        for path in share(sorted((root / "tests").rglob("test_*.py")), self._number, self._count):
            with suppress(Exception, pytest.skip.Exception):
                importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests of a file together, but for those that want the machine alone; let the slow come first."""
        slow = {item.path for item in items if any(item.get_closest_marker(name) for name in SLOW_MARKS)}
        items.sort(key=lambda item: (not wants_alone(item), item.path not in slow))
        for item in items:
            item.add_marker(pytest.mark.xdist_group(group_of(item)))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Run a test when nobody has the machine alone, or nobody else has it; several such follow each other."""
        if not self._inside:
            self._machine.enter(alone=wants_alone(item))
        try:
            return (yield)
        finally:
            self._inside = wants_alone(item) and nextitem is not None and wants_alone(nextitem)
            if not self._inside:
                self._machine.leave()

    def pytest_unconfigure(self) -> None:
        self._machine.close()


def share(files: Sequence[Path], number: int, count: int) -> Sequence[Path]:
    """Return which of the files are one worker's to compile."""
    return files[number::count]


class Machine:
    """Held by many at once or by one alone, whichever process they are; who wants it alone is not overtaken."""

    def __init__(self, folder: Path) -> None:
        self._door = (folder / "door").open("w")
        self._room = (folder / "room").open("w")

    def enter(self, *, alone: bool) -> None:
        """Wait for the machine. While one waits to have it alone, nobody else gets in."""
        fcntl.flock(self._door, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Let others in."""
        fcntl.flock(self._room, fcntl.LOCK_UN)

    def close(self) -> None:
        """Leave for good."""
        self._door.close()
        self._room.close()


def wants_alone(item: pytest.Item) -> bool:
    """Say whether a test measures time, which others beside it would lengthen."""
    return item.get_closest_marker("alone") is not None
