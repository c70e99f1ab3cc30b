"""Clocks: the real one, and one that can be moved for the demo and the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant (aware, UTC)."""
        return datetime.now(UTC)


class MovableClock:
    """The machine's clock, set forward by an offset that only grows: days can pass in seconds."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = timedelta(0) if start is None else start - datetime.now(UTC)

    def now(self) -> datetime:
        """Return the moved instant (aware, UTC)."""
        return datetime.now(UTC) + self._offset

    def move_to(self, instant: datetime) -> None:
        """Set the clock forward to `instant`; never back, since what has happened stays happened."""
        self._offset = max(self._offset, instant - datetime.now(UTC))
