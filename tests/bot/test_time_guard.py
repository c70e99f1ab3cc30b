"""A clock that is wrong is not believed, and what is recorded meanwhile bears the right time all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.clock import MovableClock
from bot.time_guard import FRESH, TimeGuard, guarding

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)


class Machine:
    """A machine whose clock can be set, and whose seconds only grow."""

    def __init__(self) -> None:
        self.wall = NOON
        self.run = 100.0

    def now(self) -> datetime:
        return self.wall

    def elapsed(self) -> float:
        return self.run

    def passes(self, span: timedelta) -> None:
        self.wall += span
        self.run += span.total_seconds()


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def guard(machine: Machine) -> TimeGuard:
    made = TimeGuard(machine, machine.elapsed)
    assert made.now() == NOON
    return made


def test_time_that_passes_as_it_should_is_believed(machine: Machine, guard: TimeGuard) -> None:
    for _ in range(3):
        machine.passes(timedelta(hours=9))
        assert guard.doubt == ""
        assert guard.now() == machine.wall


@pytest.mark.parametrize("jump", [YEAR, timedelta(hours=26), 6 * MINUTE, -6 * MINUTE, -YEAR])
def test_a_jump_is_doubted_and_the_time_goes_on_as_it_was(machine: Machine, guard: TimeGuard, jump: timedelta) -> None:
    machine.passes(MINUTE)
    machine.wall += jump
    assert guard.doubt == "jumped"
    assert guard.off == jump
    machine.passes(MINUTE)
    assert guard.now() == NOON + 2 * MINUTE
    machine.wall -= jump
    assert guard.doubt == ""
    assert guard.now() == NOON + 2 * MINUTE
    assert guard.off == timedelta(0)


def test_a_clock_that_is_put_right_by_a_little_is_believed(machine: Machine, guard: TimeGuard) -> None:
    for _ in range(10):
        machine.passes(MINUTE)
        machine.wall += timedelta(seconds=20)
        assert guard.doubt == ""


@pytest.mark.parametrize("moved", [4 * MINUTE, MINUTE, -MINUTE, -4 * MINUTE])
def test_a_clock_that_is_moved_within_what_is_believed_is_followed_without_a_leap(
    machine: Machine, guard: TimeGuard, moved: timedelta
) -> None:
    """By a leap of minutes a lease seems over while its letter is under way, or a pace is slept for far too long."""
    machine.wall += moved
    assert guard.now() == NOON
    machine.passes(MINUTE)
    assert timedelta(seconds=50) <= guard.now() - NOON <= timedelta(seconds=70)
    for _ in range(60):
        machine.passes(MINUTE)
        guard.now()
    assert guard.now() == machine.wall


@pytest.mark.parametrize("moved", [4 * MINUTE, -4 * MINUTE])
def test_a_servers_clock_that_is_moved_is_followed_without_a_leap(
    machine: Machine, guard: TimeGuard, moved: timedelta
) -> None:
    """Processes hear of it seconds apart, and one must not take meanwhile what another is sending."""
    guard.shared(NOON)
    machine.passes(MINUTE)
    before = guard.now()
    guard.shared(machine.wall + moved)
    assert guard.now() == before
    machine.passes(timedelta(seconds=12))
    assert timedelta(seconds=10) <= guard.now() - before <= timedelta(seconds=14)


def test_a_start_before_what_is_recorded_is_doubted(machine: Machine) -> None:
    guard = TimeGuard(machine, machine.elapsed)
    guard.recorded(NOON + timedelta(days=3))
    assert guard.doubt == "behind the journal"
    machine.passes(MINUTE)
    assert guard.now() == NOON + timedelta(days=3) + MINUTE
    machine.wall += timedelta(days=3)
    assert guard.doubt == ""


def test_a_long_standstill_is_believed(machine: Machine) -> None:
    guard = TimeGuard(machine, machine.elapsed)
    guard.recorded(NOON - timedelta(days=40))
    assert guard.doubt == ""


def test_a_start_with_a_wrong_clock_is_found_out_by_what_the_platform_says(machine: Machine) -> None:
    guard = TimeGuard(machine, machine.elapsed)
    machine.wall += YEAR
    assert guard.doubt == ""
    guard.dated(format_datetime(NOON, usegmt=True))
    assert guard.doubt == "not the platform's"
    machine.passes(MINUTE)
    assert guard.now() == NOON + MINUTE
    machine.wall -= YEAR
    assert guard.doubt == ""


def test_a_machine_that_slept_unnoticed_is_proved_by_the_platform(machine: Machine, guard: TimeGuard) -> None:
    machine.wall += timedelta(hours=8)
    assert guard.doubt == "jumped"
    guard.dated(format_datetime(machine.wall, usegmt=True))
    assert guard.doubt == ""
    assert guard.now() == machine.wall


def test_the_platform_outranks_a_journal_that_was_written_under_a_wrong_clock(machine: Machine) -> None:
    guard = TimeGuard(machine, machine.elapsed)
    guard.recorded(NOON + YEAR)
    guard.dated(format_datetime(NOON, usegmt=True))
    assert guard.doubt == ""
    assert guard.now() == NOON


def test_proof_is_wanted_in_doubt_and_when_it_is_old(machine: Machine, guard: TimeGuard) -> None:
    wanted = [guard.wants_proof]
    guard.dated(format_datetime(NOON, usegmt=True))
    wanted.append(guard.wants_proof)
    machine.passes(timedelta(seconds=FRESH + 1))
    wanted.append(guard.wants_proof)
    assert wanted == [True, False, True]
    guard.dated(format_datetime(machine.wall, usegmt=True))
    machine.wall += YEAR
    assert guard.doubt == "not the platform's"


@pytest.mark.parametrize("header", ["", "yesterday", "Tue, 99 Dec 2026 12:00:00 GMT", "\x00"])
def test_what_is_no_date_is_passed_over(machine: Machine, guard: TimeGuard, header: str) -> None:
    guard.dated(header)
    assert guard.doubt == ""
    assert guard.wants_proof


def test_a_clock_that_is_moved_deliberately_is_believed() -> None:
    """The demo's days pass in seconds, while its stand-in's answers bear the machine's date."""
    clock = MovableClock(NOON)
    guard = guarding(clock)
    guard.recorded(NOON + YEAR)
    guard.dated(format_datetime(NOON - YEAR, usegmt=True))
    clock.move_to(NOON + 2 * YEAR)
    assert guard.doubt == ""
    assert not guard.wants_proof
    assert guard.now() >= NOON + 2 * YEAR
    assert guarding(guard) is guard


@pytest.mark.parametrize("ahead", [MINUTE, -MINUTE, 4 * MINUTE])
def test_processes_that_share_a_server_go_by_its_clock_though_each_may_believe_its_own(
    machine: Machine, guard: TimeGuard, ahead: timedelta
) -> None:
    guard.shared(NOON - ahead)
    machine.passes(MINUTE)
    assert guard.doubt == ""
    assert guard.now() == NOON - ahead + MINUTE


@pytest.mark.parametrize("wrong", [YEAR, -YEAR, 6 * MINUTE])
def test_a_server_whose_clock_is_wrong_misleads_nobody(machine: Machine, guard: TimeGuard, wrong: timedelta) -> None:
    """What the platform says is then shared by all processes, and stays believed while nobody can ask it."""
    guard.shared(NOON + wrong)
    guard.dated(format_datetime(NOON - MINUTE, usegmt=True))
    assert (guard.doubt, guard.now()) == ("", NOON - MINUTE)
    machine.passes(timedelta(seconds=FRESH + 1))
    guard.shared(machine.wall + wrong)
    assert guard.doubt == ""


@pytest.mark.parametrize("wrong", [YEAR, -YEAR, 6 * MINUTE])
def test_a_start_under_another_time_than_the_database_servers_is_doubted_until_the_platform_says_which_is_right(
    machine: Machine, wrong: timedelta
) -> None:
    guard = TimeGuard(machine, machine.elapsed)
    assert guard.doubt == ""
    guard.shared(NOON + wrong)
    assert guard.doubt == "not the database server's"
    machine.wall += wrong
    guard.dated(format_datetime(NOON + wrong, usegmt=True))
    assert (guard.doubt, guard.now()) == ("", NOON + wrong)


def test_a_clock_that_is_moved_deliberately_goes_by_no_server() -> None:
    clock = MovableClock(NOON)
    guard = guarding(clock)
    guard.shared(NOON - MINUTE)
    assert guard.now() >= NOON
