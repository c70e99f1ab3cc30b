"""A quarter of a year, the only period that figures are told of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

_QUARTERS: Final = 4
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

    def is_over(self, today: date) -> bool:
        """Say whether all its days have passed."""
        return self < Quarter.of(today)
