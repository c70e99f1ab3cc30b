"""Reminders without end: of those that have passed only the newest counts, and the first to come.

So a clock that went wrong by years, or a month of standstill, makes one reminder and not hundreds. They wane: what has
been said often enough is said seldom, since by then it is the manager's question. It never ends while the matter is
open, so that no case is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from domain.rules import WEEK, Rules

Morning = tuple[date, datetime]

# So many times in its first rhythm, every week or every working day; then every fourth week.
OFTEN: Final = 4
SELDOM: Final = 4 * WEEK


def weekly(first: date, since: date, now: datetime, rules: Rules) -> Iterator[Morning]:
    """Yield the newest past and the next morning: every week from `first` on, later every fourth; none until `since`.

    The count begins anew when the matter got on, on `since`.
    """
    start = _begun_anew(first, since)
    yield from _waning([start + WEEK * week for week in range(OFTEN)], now, rules)


def seldom(first: date, since: date, now: datetime, rules: Rules) -> Iterator[Morning]:
    """Yield the newest past and the next morning: `first`, and every fourth week after it; none until `since`."""
    yield from _waning([_begun_anew(first, since)], now, rules)


def daily(last_day: date, since: date, now: datetime, rules: Rules) -> Iterator[Morning]:
    """Yield the newest past and the next morning: each working day after both days, later every fourth week."""
    start = max(last_day, since)
    yield from _waning([rules.working_days_after(start, count) for count in range(1, OFTEN + 1)], now, rules)


def _begun_anew(first: date, since: date) -> date:
    """Return `first`, or when that has passed the same weekday after `since`."""
    return first if first > since else first + WEEK * ((since - first) // WEEK + 1)


def _waning(early: list[date], now: datetime, rules: Rules) -> Iterator[Morning]:
    today, last = rules.local_date(now), early[-1]
    month = max(0, (today - last) // SELDOM)
    late = [last + SELDOM * count for count in (month - 1, month, month + 1) if count > 0]
    yield from _around(now, sorted({rules.on_or_after(day) for day in (*early, *late)}), rules)


def _around(now: datetime, days: list[date], rules: Rules) -> Iterator[Morning]:
    mornings = [(day, rules.morning(day)) for day in days]
    yield from [morning for morning in mornings if morning[1] <= now][-1:]
    yield from [morning for morning in mornings if morning[1] > now][:1]
