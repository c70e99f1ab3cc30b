"""One of the processes that run tests side by side: it runs tests as they come, and sends what it found of each."""

from __future__ import annotations

import os
import random
import signal
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeAlias

import pytest

# Under these names a worker's environment tells its number, and the folder that all workers of a run share.
NUMBER = "TEST_WORKER"
SHARED = "TEST_FOLDER"

# What is sent: a test's name when it begins, the reports on it, or why the worker could not go on.
Began: TypeAlias = str
Found: TypeAlias = list[dict[str, Any]]
Broke: TypeAlias = Exception


def work(session: pytest.Session, groups: Iterator[Sequence[pytest.Item]], number: int, end: Connection) -> None:
    """Run groups of tests, in a process that was forked from the one that collected them; workers count from 1."""
    _settle(session.config, number)
    session.config.pluginmanager.register(_Messenger(session.config, end))
    try:
        try:
            for group in groups:
                _run(session, group)
                if session.shouldfail or session.shouldstop:
                    break
        finally:
            session._setupstate.teardown_exact(None)  # noqa: SLF001 - as pytest's own loop does when it is broken off
    except BaseException:  # noqa: BLE001 - it is raised where the run is reported
        end.send(RuntimeError(traceback.format_exc()))


def _run(session: pytest.Session, group: Sequence[pytest.Item]) -> None:
    for item, following in pairwise((*group, _AnyOther(session))):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail or session.shouldstop:
            break


@dataclass(frozen=True)
class _AnyOther:
    """What follows the last test of a group: a test of another file, or none. Taken before, it would wait for this one.

    What was set up for the whole run stays for it, and no more.
    """

    session: pytest.Session

    def listchain(self) -> list[pytest.Session]:
        """Return what it is in, as a test does."""
        return [self.session]


def _settle(config: pytest.Config, number: int) -> None:
    """Have of one's own what a fork shares with the others."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ[NUMBER] = str(number)
    random.seed()
    # Nothing is printed here, and what tests print goes to a file of this process.
    config.pluginmanager.unregister(name="terminalreporter")
    capture = config.pluginmanager.get_plugin("capturemanager")
    if capture is not None:
        capture.stop_global_capturing()
        capture.start_global_capturing()
    shared = shared_folder(config)
    os.environ[SHARED] = str(shared)
    own = shared / f"worker-{number}"
    own.mkdir(mode=0o700, exist_ok=True)
    _folders(config)._basetemp = own  # noqa: SLF001 - pytest gives no other way


def shared_folder(config: pytest.Config) -> Path:
    """Return the folder of this run, which is made when it is first asked for: before a worker is forked."""
    return _folders(config).getbasetemp()


def _folders(config: pytest.Config) -> pytest.TempPathFactory:
    folders: pytest.TempPathFactory = config._tmp_path_factory  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    return folders


class _Messenger:
    """Sends what was found of a test when all of it is."""

    def __init__(self, config: pytest.Config, end: Connection) -> None:
        self._config = config
        self._end = end
        self._reports: Found = []

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._reports = []
        self._end.send(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.append(self._config.hook.pytest_report_to_serializable(config=self._config, report=report))

    def pytest_runtest_logfinish(self) -> None:
        self._end.send(self._reports)
