"""Watches over the time: a clock that is wrong must neither send nor forget, and what is recorded stays right.

The wall clock is compared with the time that has passed since it was last believed (a clock that nobody can set), with
the newest row of the journal, and with what the platform says (the Date header of its answers, RFC 9110 section
6.6.1). Of these the platform counts most: a machine that slept, or was started with a wrong clock, is proved by nothing
else.

A clock that is moved within what is believed is followed slowly, so that the time here never leaps: by a leap of
minutes a lease would seem over whose letter is still under way, and a pace would seem not to have begun.

Clocks that are believed may still differ by minutes. Processes that share a database server go by its clock, so that
one whose own is ahead does not take a lease for over that another holds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from bot.clock import SystemClock
from domain.clock import Clock

# So far two clocks may differ. Slack itself refuses signatures that are further off.
TOLERANCE: Final = timedelta(minutes=5)
# So long what the platform said stands for itself; later it only says what time it should be.
FRESH: Final = 900.0
# By so much of the seconds that pass the time here may go faster or slower, until it is where a clock was moved to. A
# lease is let go of early enough for that (`delivery/leases.py`).
_FOLLOWS: Final = 0.1

BELIEVED: Final = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """An instant, and what the clock that nobody can set showed at that moment, in seconds."""

    instant: datetime
    run: float

    def at(self, run: float) -> datetime:
        """Return what the time is when that clock shows `run`."""
        return self.instant + timedelta(seconds=run - self.run)


class TimeGuard:
    """A clock that says whether it is to be believed. Safe to use from any thread.

    `elapsed` gives seconds that only ever grow. Without it the clock is one that is moved deliberately, as in the demo:
    it is believed whatever it says.
    """

    def __init__(self, clock: Clock, elapsed: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._held: Reading | None = None
        self._newest: Reading | None = None
        self._proof: Reading | None = None
        self._shared: Reading | None = None
        self._told: Reading | None = None
        self._proved = False
        self._off = timedelta(0)

    @classmethod
    def of_machine(cls) -> TimeGuard:
        """Return a guard over the machine's own clock."""
        return cls(SystemClock(), seconds_since_boot)

    @property
    def watches(self) -> bool:
        """Say whether the clock is one that can be wrong, and not one that is moved deliberately."""
        return self._elapsed is not None

    @property
    def doubt(self) -> str:
        """Say why the clock is not believed; "" when it is.

        `jumped`, `behind the journal`, `not the platform's`, `not the database server's`.
        """
        return self._look()[1]

    @property
    def off(self) -> timedelta:
        """How far the clock was from what the time must be when it was last looked at; nothing while it is believed."""
        return self._off

    @property
    def wants_proof(self) -> bool:
        """Say whether the platform should be asked: the clock is in doubt, or has not been proved for long."""
        if self._elapsed is None:
            return False
        return self._fresh(self._elapsed()) is None or self.doubt != BELIEVED

    def now(self) -> datetime:
        """Return the present instant (aware, UTC): the clock's that is shared, or the own while there is none.

        While the own clock is not believed: what it must be.
        """
        return self._look()[0]

    def recorded(self, newest: datetime | None) -> None:
        """Take note of the newest instant that stands in the journal."""
        if self._elapsed is not None and newest is not None:
            with self._lock:
                self._newest = Reading(newest, self._elapsed())

    def shared(self, instant: datetime | None) -> None:
        """Take note of what the clock shows that all processes share: the database server's, if there is one."""
        if self._elapsed is not None and instant is not None:
            with self._lock:
                if self._shared is None:
                    self._told = None
                self._shared = Reading(instant, self._elapsed())

    def dated(self, header: str) -> None:
        """Take note of the Date header of an answer that has just come; one that is no date is passed over."""
        if self._elapsed is None:
            return
        try:
            said = parsedate_to_datetime(header)
        except ValueError:
            return
        if said.tzinfo is not None:
            with self._lock:
                self._proof = Reading(said.astimezone(UTC), self._elapsed())

    def _look(self) -> tuple[datetime, str]:
        wall = self._clock.now()
        if self._elapsed is None:
            return wall, BELIEVED
        run = self._elapsed()
        with self._lock:
            doubt = self._judge(wall, run)
            if doubt == BELIEVED:
                self._held, self._off = Reading(wall, run), timedelta(0)
                self._told = Reading(self._followed(self._agreed(wall, run), run), run)
                return self._told.instant, BELIEVED
            known = self._proof or self._told or self._newest or Reading(wall, run)
            self._off = wall - known.at(run)
            return known.at(run), doubt

    def _followed(self, instant: datetime, run: float) -> datetime:
        """Return what the time is when it should be `instant`: so far as it may have come since it was told last."""
        if self._told is None:
            return instant
        expected = self._told.at(run)
        if abs(instant - expected) > TOLERANCE:
            return instant  # it has been proved, or the one before was wrong
        most = timedelta(seconds=_FOLLOWS * max(0.0, run - self._told.run))
        return expected + min(max(instant - expected, -most), most)

    def _agreed(self, wall: datetime, run: float) -> datetime:
        """Return the shared clock's time; if that is wrong what the platform says, which all processes hear too."""
        if self._shared is None:
            return wall
        shared, proof = self._shared.at(run), self._fresh(run)
        if abs(wall - shared) <= TOLERANCE:
            return shared
        return wall if proof is None else proof.at(run)

    def _judge(self, wall: datetime, run: float) -> str:
        proof = self._fresh(run)
        if proof is not None:
            self._proved = abs(wall - proof.at(run)) <= TOLERANCE
            return BELIEVED if self._proved else "not the platform's"
        if self._held is not None and abs(wall - self._held.at(run)) > TOLERANCE:
            return "jumped"
        if self._newest is not None and wall < self._newest.instant - TOLERANCE:
            return "behind the journal"
        if self._shared is not None and not self._proved and abs(wall - self._shared.at(run)) > TOLERANCE:
            # One of the two is wrong, and nobody has said yet which.
            return "not the database server's"
        return BELIEVED

    def _fresh(self, run: float) -> Reading | None:
        return self._proof if self._proof is not None and run - self._proof.run <= FRESH else None


def guarding(clock: Clock | None) -> TimeGuard:
    """Return a guard: over the machine's clock, over one that is moved deliberately, or the guard that is given."""
    if clock is None:
        return TimeGuard.of_machine()
    return clock if isinstance(clock, TimeGuard) else TimeGuard(clock)


def in_words(off: timedelta) -> str:
    """Return how far a clock is from another: `3 days, 2:00:00 ahead of`."""
    return f"{timedelta(seconds=abs(off) // timedelta(seconds=1))} {'ahead of' if off > timedelta(0) else 'behind'}"


def seconds_since_boot() -> float:
    """Return seconds that nobody can set, and that go on while the machine sleeps where the system counts those."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
