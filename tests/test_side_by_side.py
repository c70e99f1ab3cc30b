"""What lets tests run side by side: ports of their own, the machine alone if need be, and a budget of time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.ports import free_port
from tests.side_by_side import Machine, group_of, plain, share
from tests.stopwatch import COMPUTING, EACH, SIEGE, WHOLE, Stopwatch

PATIENCE = 10.0

# Two workers would share its tests out, were they not held together.
SHARING = """\
import time

import pytest

came = []


@pytest.mark.parametrize("number", range(8))
def test_those_before_it_were_here(number):
    time.sleep(0.02)
    assert came == list(range(number))
    came.append(number)
"""


def test_no_two_workers_pick_the_same_port_nor_one_that_the_system_gives_away(monkeypatch: pytest.MonkeyPatch) -> None:
    picked = set()
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        picked |= {free_port() for _ in range(20)}
    assert len(picked) == 60
    assert all(1024 < port < 32_768 for port in picked)


def test_many_share_the_machine(tmp_path: Path) -> None:
    with closing(Machine(tmp_path)) as first, closing(Machine(tmp_path)) as second:
        first.enter(alone=False)
        second.enter(alone=False)


def test_who_wants_the_machine_alone_waits_for_all_others_and_is_not_overtaken(tmp_path: Path) -> None:
    here, measuring, late = machines = Machine(tmp_path), Machine(tmp_path), Machine(tmp_path)
    entered: list[str] = []
    has_it, done = threading.Event(), threading.Event()

    def measure() -> None:
        measuring.enter(alone=True)
        entered.append("measuring")
        has_it.set()
        assert done.wait(PATIENCE)
        measuring.leave()

    def come_late() -> None:
        late.enter(alone=False)
        entered.append("late")
        late.leave()

    here.enter(alone=False)
    threads = [threading.Thread(target=measure), threading.Thread(target=come_late)]
    threads[0].start()
    assert not has_it.wait(0.1)
    threads[1].start()
    threads[1].join(0.1)
    assert entered == []
    here.leave()
    assert has_it.wait(PATIENCE)
    threads[1].join(0.1)
    assert entered == ["measuring"]
    done.set()
    for thread in threads:
        thread.join(PATIENCE)
    for machine in machines:
        machine.close()
    assert entered == ["measuring", "late"]


def test_the_tests_of_a_file_are_run_by_one_worker_and_share_what_is_set_up_once(tmp_path: Path) -> None:
    """pytest 9.2 keeps a test's name where pytest-xdist 3.8 does not look: then each test is a group of its own, every
    worker sets up everything, and nothing says so. The version is pinned below it; this finds out about the next."""
    for name in ("a", "b"):
        (tmp_path / f"test_{name}.py").write_text(SHARING)
    (tmp_path / "conftest.py").write_text(
        "from pathlib import Path\nfrom tests.side_by_side import Worker\n\n\n"
        "def pytest_configure(config):\n"
        "    if hasattr(config, 'workerinput'):\n"
        "        config.pluginmanager.register(Worker(Path(__file__).parent))\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "xdist",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "--rootdir",
        str(tmp_path),
    ]
    given = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, str(tmp_path)], cwd=tmp_path, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_file_is_compiled_by_one_worker() -> None:
    files = [Path(f"test_{name}.py") for name in "abcdefg"]
    shares = [share(files, number, 3) for number in range(3)]
    assert sorted(file for own in shares for file in own) == files
    assert {len(own) for own in shares} == {2, 3}


def test_a_test_is_called_in_reports_as_on_the_command_line() -> None:
    assert plain("tests/test_a.py::test_b[x@y]@tests/test_a") == "tests/test_a.py::test_b[x@y]"
    assert plain("tests/test_a.py::test_b[x@y]") == "tests/test_a.py::test_b[x@y]"


@pytest.mark.apart
@pytest.mark.parametrize("given", ["x@y"])
def test_so_is_one_that_shares_nothing_with_its_file(request: pytest.FixtureRequest, given: str) -> None:
    assert plain(f"{plain(request.node.nodeid)}@{group_of(request.node)}") == plain(request.node.nodeid), given


def stopwatch(tmp_path: Path, taken: float, computed: float) -> Stopwatch:
    watch = Stopwatch(tmp_path / "test-time", fails=True)
    watch.taken["test_long"], watch.computed["test_long"] = taken, computed
    watch.taken["test_short"], watch.computed["test_short"] = 0.5, 0.5
    return watch


def test_the_slowest_come_first_with_what_they_waited(tmp_path: Path) -> None:
    lines = list(stopwatch(tmp_path, 9.0, 2.0).report(100.0))
    assert lines[1].split() == ["9.0", "7.0", "test_long"]
    assert lines[2].split() == ["0.5", "0.0", "test_short"]
    assert not [line for line in lines if "OVER BUDGET" in line]


def test_each_budget_that_is_not_kept_is_named(tmp_path: Path) -> None:
    lines = list(stopwatch(tmp_path, EACH + 1, COMPUTING + 1).report(WHOLE + 1))
    over = [line for line in lines if line.startswith("OVER BUDGET: ")]
    assert [line.split()[2] for line in over] == ["test_long", "the", f"{COMPUTING + 1.5:.0f}"]


@pytest.mark.parametrize("taken, over", [(EACH + 1, False), (SIEGE + 1, True)])
def test_a_siege_may_take_longer(tmp_path: Path, taken: float, over: bool) -> None:  # noqa: FBT001 - a parameter
    watch = stopwatch(tmp_path, taken, 1.0)
    watch.sieges.add("test_long")
    assert any(line.startswith("OVER BUDGET") for line in watch.report(100.0)) is over


def test_what_make_test_leaves_out_has_a_target_of_its_own() -> None:
    targets = re.findall(
        r'^([a-z-]+): setup.*\n\t@.* -m pytest -m ("[^"]+"|\w+)', (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    marks = {mark.strip('"'): target for target, mark in targets}
    (whole,) = [mark for mark, target in marks.items() if target == "test"]
    left_out = re.findall(r"not (\w+)", whole)
    assert "siege" in left_out
    assert set(left_out) <= set(marks)
    run_in_ci = (ROOT / ".ci" / "run").read_text()
    assert "make siege\n" in run_in_ci
    assert "make test-browser\n" in run_in_ci
