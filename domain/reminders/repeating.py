"""Reminders without end: of those that have passed only the newest counts, and the first to come.

So a clock that went wrong by years, or a month of standstill, makes one reminder and not hundreds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from domain.rules import WEEK, Rules

Morning = tuple[date, datetime]


def weekly(first: date, since: date, now: datetime, rules: Rules) -> Iterator[Morning]:
    """Yield the newest past and the next morning, of those every week from `first` on; none on `since` or before."""
    weeks = max(0, (rules.local_date(now) - first) // WEEK)
    days = [rules.on_or_after(first + WEEK * week) for week in (weeks - 1, weeks, weeks + 1) if week >= 0]
    return _around(now, [day for day in days if day > since], rules)


def daily(last_day: date, since: date, now: datetime, rules: Rules) -> Iterator[Morning]:
    """Yield the newest past and the next morning, of all working days after `last_day` and after `since`."""
    start = max(last_day, since)
    today = rules.on_or_before(rules.local_date(now))
    days = (rules.working_days_after(today, -1), today, rules.working_days_after(max(today, start), 1))
    return _around(now, [day for day in days if day > start], rules)


def _around(now: datetime, days: list[date], rules: Rules) -> Iterator[Morning]:
    mornings = [(day, rules.morning(day)) for day in days]
    yield from [morning for morning in mornings if morning[1] <= now][-1:]
    yield from [morning for morning in mornings if morning[1] > now][:1]
