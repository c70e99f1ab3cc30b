"""A quarter of a year, the only period that figures are told of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

_QUARTERS: Final = 4
_DAY: Final = timedelta(days=1)

SETTLING: Final = timedelta(days=30)
"""How long after its last day what began in a quarter still changes its figures (R207)."""

_WRITTEN: Final = re.compile(r"(?P<year>20\d\d)-?[kq]?(?P<number>[1-4])", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One quarter; `number` is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the quarter in which a day lies."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def last_told(cls, today: date) -> Quarter:
        """Return the newest quarter whose figures are told."""
        newest = cls.of(today).before
        return newest if newest.is_told(today) else newest.before

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read "2026-4", "2026-k4" or "2026Q4"; None for what is no quarter."""
        found = _WRITTEN.fullmatch(text.strip())
        return None if found is None else cls(int(found["year"]), int(found["number"]))

    def __str__(self) -> str:
        """Return it as it is kept and typed: "2026-4"."""
        return f"{self.year}-{self.number}"

    @property
    def before(self) -> Quarter:
        """The quarter before this one."""
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, _QUARTERS)

    @property
    def after(self) -> Quarter:
        """The quarter after this one."""
        return Quarter(self.year, self.number + 1) if self.number < _QUARTERS else Quarter(self.year + 1, 1)

    @property
    def last_day(self) -> date:
        """Its last day."""
        following = self.after
        return date(following.year, 3 * following.number - 2, 1) - _DAY

    @property
    def told_from(self) -> date:
        """The first day on which its figures are told: 2 May, 1 August, 1 November, 1 February.

        Between the last day on which they change and this one lies a whole day. So what began before midnight has
        ended when they are first read, and no process whose clock is a little behind changes them after that.
        """
        return self.last_day + SETTLING + 2 * _DAY

    def is_settled(self, today: date) -> bool:
        """Say whether nothing changes its figures any more. `today` is the region's, not that of UTC."""
        return today > self.last_day + SETTLING

    def is_told(self, today: date) -> bool:
        """Say whether its figures are told. `today` is the region's, not that of UTC."""
        return today >= self.told_from
