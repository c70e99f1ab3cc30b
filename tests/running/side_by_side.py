"""Tests side by side, in several processes: who runs what when, and how what they find comes back.

All tests are collected once; then workers are forked, each with all that was loaded. A file is run by one worker, so
what its tests share is set up once; a test marked `apart` shares nothing, and any worker may run it. Files that take
long come first, so that no worker has a long one left when the others are done. Tests marked `alone` measure time, and
are run before all others, with nothing beside them.

Some tests compute and some wait, for programs, clocks and servers. Were they taken as they come, all workers would wait
at first, and later crowd each other: so one worker begins with those that wait and the others with those that compute,
until nothing of their own is left.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, wait

import pytest

from tests.postgres import Postgres, PostgresMissingError, PostgresServer
from tests.running.worker import Began, Broke, Found, shared_folder, work

MOST_WORKERS = 16
SLOW_MARKS = ("slow", "browser")
WAITING_MARKS = ("waits", "browser", "clients", "matrix", "siege")
PATIENCE = 30.0  # seconds that a worker gets to clean up behind itself when the run is broken off

DIGITS = 2  # bytes of a group's number

_forking = multiprocessing.get_context("fork")

POSTGRES = pytest.StashKey[Postgres]()


def workers_for(items: Iterable[pytest.Item]) -> int:
    """Return how many workers tests are to have: one for each core and one that waits; if all wait, two for each."""
    cores = os.cpu_count() or 1
    return 2 * cores if all(map(waits, items)) else cores + 1


def shared_postgres(config: pytest.Config) -> Postgres | None:
    """Return the PostgreSQL server that all workers share; None where there are no workers, or no PostgreSQL."""
    return config.stash.get(POSTGRES, None)


def wants_alone(item: pytest.Item) -> bool:
    """Say whether a test measures time, which others beside it would lengthen."""
    return item.get_closest_marker("alone") is not None


def waits(item: pytest.Item) -> bool:
    """Say whether a test mostly waits, for another program, a server or a clock."""
    return _bears_one_of(WAITING_MARKS, item)


def groups_of(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    """Return the tests in groups that one worker runs: of a file together, those that share nothing by themselves.

    Groups with slow tests come first.
    """
    groups: defaultdict[object, list[pytest.Item]] = defaultdict(list)
    for item in items:
        groups[item.nodeid if item.get_closest_marker("apart") else item.path].append(item)
    return sorted(groups.values(), key=lambda group: not any(map(_is_slow, group)))


def _is_slow(item: pytest.Item) -> bool:
    return _bears_one_of(SLOW_MARKS, item)


def _bears_one_of(marks: Iterable[str], item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in marks)


def _needs_postgres(item: pytest.Item) -> bool:
    return "postgres_server" in getattr(item, "fixturenames", ()) or item.get_closest_marker("postgres") is not None


class SideBySide:
    """The process that collects the tests, lets workers run them, and reports what they found."""

    def __init__(self, count: int | None = None) -> None:
        """`count`: so many workers; else as many as the tests ask for."""
        self._count = count

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all tests; return None where there is nothing to run, which pytest's own loop says."""
        if session.testsfailed or session.config.option.collectonly or not session.items:
            return None
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.showfspath = False  # files would take turns at every dot
        shared_folder(session.config)  # made now, so that those forked from here have the same
        alone = [item for item in session.items if wants_alone(item)]
        others = [item for item in session.items if not wants_alone(item)]
        with ExitStack() as held:
            if any(map(_needs_postgres, session.items)):
                with suppress(PostgresMissingError):  # the fixture's own attempt says what is missing
                    session.config.stash[POSTGRES] = held.enter_context(PostgresServer())
            for items, count in ((alone, 1), (others, self._count or workers_for(others))):
                _Run(session, groups_of(items)).by(min(count, MOST_WORKERS))
        return True


class _Run:
    """Some groups of tests on their way through the workers."""

    def __init__(self, session: pytest.Session, groups: Sequence[Sequence[pytest.Item]]) -> None:
        self._session = session
        self._groups = groups
        self._left = {item.nodeid: item.location for group in groups for item in group}
        numbers: dict[bool, list[int]] = {True: [], False: []}
        for number, group in enumerate(groups):
            numbers[any(map(waits, group))].append(number)
        self._waiting, self._computing = _jobs(numbers[True]), _jobs(numbers[False])

    def by(self, count: int) -> None:
        """Have them run by so many workers. What is left because a worker ended is reported as failed."""
        with ExitStack() as held:
            held.callback(os.close, self._waiting)
            held.callback(os.close, self._computing)
            ends = [held.enter_context(self._worker(number + 1)) for number in range(min(count, len(self._groups)))]
            while ends:
                for end in wait(ends):
                    assert isinstance(end, Connection)
                    try:
                        self._take(end.recv())
                    except EOFError:
                        ends.remove(end)
                if self._session.shouldfail:
                    raise self._session.Failed(self._session.shouldfail)
        for nodeid, location in self._left.items():
            self._report(
                pytest.TestReport(nodeid, location, {}, "failed", "The worker ended that was to run it.", "call")
            )

    @contextmanager
    def _worker(self, number: int) -> Iterator[Connection]:
        """Fork a worker, and yield the end at which what it sends arrives."""
        here, there = _forking.Pipe(duplex=False)
        ways = (self._waiting, self._computing) if number == 1 else (self._computing, self._waiting)
        process = _forking.Process(target=work, args=(self._session, self._taken(*ways), number, there))
        process.start()
        there.close()
        try:
            yield here
        finally:
            here.close()
            process.terminate()
            process.join(PATIENCE)
            process.kill()

    def _taken(self, *ways: int) -> Iterator[Sequence[pytest.Item]]:
        """Yield group after group, in the worker that takes them: all of one way, and then of the next."""
        for jobs in ways:
            while taken := os.read(jobs, DIGITS):
                yield self._groups[int.from_bytes(taken)]

    def _take(self, said: Began | Found | Broke) -> None:
        """Report what a worker has sent."""
        hook, config = self._session.config.hook, self._session.config
        if isinstance(said, Broke):
            raise said
        if isinstance(said, Began):
            hook.pytest_runtest_logstart(nodeid=said, location=self._left[said])
            return
        for data in said:
            report = hook.pytest_report_from_serializable(config=config, data=data)
            self._left.pop(report.nodeid, None)
            self._report(report)

    def _report(self, report: pytest.TestReport) -> None:
        self._session.config.hook.pytest_runtest_logreport(report=report)


def _jobs(numbers: Iterable[int]) -> int:
    """Return a pipe's end at which the numbers of groups wait; whoever reads one has it for himself."""
    read, write = os.pipe()
    os.write(write, b"".join(number.to_bytes(DIGITS) for number in numbers))
    os.close(write)
    return read
