"""What lets tests run side by side: ports of their own, the machine alone if need be, and a budget of time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.ports import free_port
from tests.running.stopwatch import COMPUTING, EACH, SIEGE, WHOLE, Stopwatch
from tests.running.worker import NUMBER

pytestmark = pytest.mark.waits

# What is alone writes one trace after the other.
LEAVING_TRACES = """\
import time
from pathlib import Path

import pytest

ME = Path(__file__).stem[-1]


@pytest.mark.{mark}
@pytest.mark.parametrize("number", range(4))
def test_it_leaves_a_trace(number):
    for trace in (ME, "-" + ME):
        with (Path(__file__).parent / "traces").open("a") as traces:
            traces.write(trace + "\\n")
        time.sleep(0.02)
"""

WHERE = """\
import os
import time


def test_one(tmp_path):
    time.sleep(0.5)
    raise AssertionError("FOLDERS", os.environ["TEST_FOLDER"], str(tmp_path))
"""

WHO = """\
import os
import time
from pathlib import Path

import pytest


{mark}
def test_one():
    with (Path(__file__).parent / "traces").open("a") as traces:
        traces.write(f"{{Path(__file__).stem[-1]}}{{os.environ['TEST_WORKER']}}\\n")
    time.sleep({seconds})
"""

ENDING = """\
import os


def test_one():
    pass


def test_two():
    os._exit(1)


def test_three():
    pass
"""

ENDING_BADLY = """\
import pytest


@pytest.fixture(scope="session", autouse=True)
def server():
    yield
    raise OSError("could not be ended")


def test_one():
    pass
"""

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
    for worker in ("0", "1", "2"):
        monkeypatch.setenv(NUMBER, worker)
        picked |= {free_port() for _ in range(20)}
    assert len(picked) == 60
    assert all(1024 < port < 32_768 for port in picked)


def side_by_side(folder: Path, *options: str, **files: str) -> subprocess.CompletedProcess[str]:
    """Run test files by two workers, and return what came of it."""
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    (folder / "conftest.py").write_text(
        "from tests.running.side_by_side import SideBySide\n\n\n"
        "def pytest_configure(config):\n"
        "    config.pluginmanager.register(SideBySide(2))\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    alone\n    apart\n    slow\n    waits\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rf", *options, str(folder)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tests_of_a_file_are_run_by_one_worker_and_share_what_is_set_up_once(tmp_path: Path) -> None:
    done = side_by_side(tmp_path, a=SHARING, b=SHARING)
    assert "16 passed" in done.stdout, done.stdout + done.stderr


def test_those_that_share_nothing_with_their_file_are_run_by_whoever_is_free(tmp_path: Path) -> None:
    done = side_by_side(tmp_path, a=SHARING.replace("@pytest", "@pytest.mark.apart\n@pytest", 1))
    assert re.search(r"[1-8] failed", done.stdout), done.stdout + done.stderr


def test_what_measures_time_comes_first_and_has_the_machine_alone(tmp_path: Path) -> None:
    done = side_by_side(tmp_path, a=LEAVING_TRACES.format(mark="slow"), b=LEAVING_TRACES.format(mark="alone"))
    assert done.returncode == 0, done.stdout + done.stderr
    traces = (tmp_path / "traces").read_text().split()
    assert traces[:8] == ["b", "-b"] * 4


def test_one_worker_begins_with_those_that_wait_and_the_others_with_those_that_compute(tmp_path: Path) -> None:
    computing = WHO.format(mark="", seconds=0.1)
    done = side_by_side(tmp_path, a=computing, b=computing, c=WHO.format(mark="@pytest.mark.waits", seconds=2))
    assert done.returncode == 0, done.stdout + done.stderr
    assert set((tmp_path / "traces").read_text().split()) == {"a2", "b2", "c1"}


def test_what_fails_is_told_as_if_it_had_failed_here(tmp_path: Path) -> None:
    done = side_by_side(tmp_path, a="def test_one():\n    print('seen')\n    assert 1 + 1 == 3\n")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    for shown in ("assert (1 + 1) == 3", "seen", "FAILED test_a.py::test_one", "1 failed"):
        assert shown in done.stdout


def test_all_share_a_folder_in_which_each_has_its_own(tmp_path: Path) -> None:
    done = side_by_side(tmp_path, f"--basetemp={tmp_path / 'base'}", a=WHERE, b=WHERE)
    found = set(re.findall(r"'FOLDERS', '(\S+)', '(\S+)/test_one0'", done.stdout))
    assert found == {(str(tmp_path / "base"), str(tmp_path / "base" / f"worker-{number}")) for number in (1, 2)}


def test_no_test_is_lost_with_a_worker_that_ends(tmp_path: Path) -> None:
    done = side_by_side(tmp_path, a=ENDING, b=SHARING)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "2 failed, 9 passed" in done.stdout, done.stdout + done.stderr
    assert "The worker ended that was to run it." in done.stdout


def test_what_fails_at_the_end_of_a_worker_fails_the_run(tmp_path: Path) -> None:
    done = side_by_side(tmp_path, a=ENDING_BADLY)
    assert done.returncode == pytest.ExitCode.INTERNAL_ERROR
    assert "could not be ended" in done.stdout


def test_after_the_first_failure_all_stop_where_that_is_wished(tmp_path: Path) -> None:
    failing = "import time\n\n\ndef test_one():\n    raise AssertionError\n"
    done = side_by_side(tmp_path, "-x", a=failing, b=SHARING.replace("0.02", "5"))
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 failed" in done.stdout
    assert "stopping after 1 failures" in done.stdout


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
