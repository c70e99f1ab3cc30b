"""What a year may cost the people in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.measure import Result, percentile
from bench.year.play import Played, Size

SHORT: Final = Size(days=75, cases=24, leavers=1)

# Messages a week to whoever answers for so many cases, at the ninth of ten weeks.
_PINGS: Final = {"0-9": 12, "10-19": 18, "20-29": 24, "30-39": 30}


def results(year: Played) -> Iterator[Result]:
    """Yield each budget with what the year came to."""
    ledger = year.ledger
    for bucket, most in _PINGS.items():
        weeks = [float(count) for count in ledger.pings_of_weeks.get(bucket, [])]
        if weeks:
            found = percentile(weeks, 0.9)
            middle = percentile(weeks, 0.5)
            value = f"{middle:.0f}, {found:.0f} at p90"
            yield Result(f"messages a week with {bucket} open cases", value, f"p90 <= {most}", found <= most)
    share = ledger.to_managers / ledger.pings if ledger.pings else 0.0
    yield Result("messages that go to managers", f"{share:.1%}", "<= 5 %", share <= 0.05)
    most_lists = max(ledger.lists_by_day.values(), default=0)
    again, lists = ledger.lists_again, ledger.list_posts
    value = f"{again}, {ledger.last_afternoons} of T8 besides"
    yield Result(f"lists again on the same day, of {lists}", value, "<= 1 %, or 2", again <= max(2, 0.01 * lists))
    yield Result("  most lists on one day", str(most_lists), "<= 2", most_lists <= 2)
    yield Result("posts of one item at most", str(ledger.most_posts), "<= 5", ledger.most_posts <= 5)
    yield _none("contradictions in lists", len(ledger.contradictions))
    for what in sorted(ledger.checked):
        plural = f"{what}es" if what.endswith("s") else f"{what}s"
        yield _none(f"{plural} that are not the case, of {ledger.checked[what]}", ledger.stale[what])
    yield _none(f"case-weeks of nobody, of {ledger.weeks}", ledger.weeks_of_nobody)
    yield _none("case-weeks without a next reminder", ledger.weeks_without_a_next)
    yield _none("breaches of the neutral language", len(year.breaches))
    yield _none("errors in the log", len(year.wrong))
    kept = year.bytes_kept / 1024 / year.cases
    yield Result("kept a case", f"{kept:.0f} kB", "<= 80 kB", kept <= 80)
    for table, most in (("journal", 120), ("reminders", 40), ("posts", 25), ("letters", 160)):
        rows = year.rows[table] / year.cases
        yield Result(f"  {table} a case", f"{rows:.0f} rows", f"<= {most}", rows <= most)


def _none(name: str, found: int) -> Result:
    return Result(name, str(found), "0", found == 0)
