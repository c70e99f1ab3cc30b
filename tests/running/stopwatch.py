"""How long the tests take: the slowest, and the whole against a budget (docs/decisions/0012-test-time.md).

Time on the clock depends on what else the machine does; the time that processors computed hardly does. So the first
is only reported, loudly, and the second makes a run in CI fail.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import forked

WHOLE = 300.0  # seconds by the clock that the whole run may take on two cores
EACH = 20.0  # seconds by the clock that one test may take, with its preparations
SIEGE = 120.0  # ... and a siege, or one on a real Matrix server: programs come up, and are waited for again and again
COMPUTING = 3 * WHOLE  # seconds of computing: what two cores have in that time, and half as much for a crowded machine
SHOWN = 10


class Stopwatch:
    """Notes each test's seconds by the clock and of computing, in its own process and in those that it ended."""

    def __init__(self, record: Path, *, fails: bool) -> None:
        """`record` is the file that keeps the last run's report; `fails`: too much computing fails the run."""
        self._record = record
        self._fails = fails
        self._begun = time.monotonic()
        self._mark = 0.0
        self.taken: defaultdict[str, float] = defaultdict(float)
        self.computed: defaultdict[str, float] = defaultdict(float)
        self.sieges: set[str] = set()

    # ---- in the process that runs a test -----------------------------------------------------------------------

    def pytest_runtest_logstart(self) -> None:
        self._mark = computed()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the report of each phase (preparing, test, cleaning) the seconds that were computed in it."""
        report = yield
        before, self._mark = self._mark, computed()
        report.user_properties.append(("computed", self._mark - before))
        if item.get_closest_marker("siege") or item.get_closest_marker("matrix"):
            report.user_properties.append(("siege", True))
        return report

    # ---- in the process that reports ---------------------------------------------------------------------------

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.taken[report.nodeid] += report.duration
        for name, value in report.user_properties:
            if name == "computed" and isinstance(value, float):
                self.computed[report.nodeid] += value
            elif name == "siege":
                self.sieges.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._fails and sum(self.computed.values()) > COMPUTING and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.taken:
            return
        lines = list(self.report(time.monotonic() - self._begun))
        terminalreporter.section("test time")
        for line in lines:
            terminalreporter.line(line, red=line.startswith("OVER BUDGET"))
        self._record.parent.mkdir(parents=True, exist_ok=True)
        self._record.write_text("".join(f"{line}\n" for line in lines))

    def report(self, whole: float) -> Iterator[str]:
        """Yield the lines of the report on a run that took `whole` seconds by the clock."""
        slowest = sorted(self.taken.items(), key=lambda entry: -entry[1])
        yield "  taken  waited  (seconds; the slowest first)"
        for name, taken in slowest[:SHOWN]:
            yield f"{taken:7.1f} {max(0.0, taken - self.computed[name]):7.1f}  {name}"
        computing = sum(self.computed.values())
        yield f"The whole took {whole:.0f} s of {WHOLE:.0f}, with {computing:.0f} s of computing of {COMPUTING:.0f}."
        for name, taken in slowest:
            most = SIEGE if name in self.sieges else EACH
            if taken > most:
                yield f"OVER BUDGET: {name} took {taken:.0f} s of {most:.0f}."
        if whole > WHOLE:
            yield f"OVER BUDGET: the whole took {whole:.0f} s of {WHOLE:.0f}."
        if computing > COMPUTING:
            yield f"OVER BUDGET: {computing:.0f} s of computing of {COMPUTING:.0f}."


def computed() -> float:
    """Return the seconds that processors computed for this process and for those that it started and saw end."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system + forked.computed()
