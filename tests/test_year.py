"""A few weeks of a small region: the budgets of calm hold (`make year` plays the whole year)."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from bench.year.budgets import results
from bench.year.ledger import Ledger
from bench.year.play import Played, Size
from bench.year.run import played


@pytest.mark.slow
def test_some_weeks_keep_every_budget() -> None:
    year = played(Size(days=50, cases=12, leavers=1), seed=3)
    assert year.cases == 12
    assert year.ledger.list_posts > 20
    assert [str(result) for result in results(year) if not result.met] == []


def test_what_is_not_calm_misses_its_budget() -> None:
    day = date(2026, 3, 2)
    loud = Ledger(
        pings=100,
        to_managers=6,
        list_posts=10,
        lists_by_day=Counter({(f"own:{who}", day): 3 for who in ("anna", "julia", "omar")}),
        lists_again=6,
        most_posts=6,
        contradictions=["two lines about one case"],
        stale=Counter({"board": 1}),
        checked=Counter({"board": 5}),
        weeks=10,
        weeks_of_nobody=1,
        weeks_without_a_next=1,
    )
    loud.pings_of_weeks["0-9"] = [50]
    rows = {"journal": 1000, "reminders": 1000, "posts": 1000, "letters": 1000}
    year = Played(Size(), loud, 0, {}, 1, 10**6, rows, {}, ["too long"], ["a letter could not be composed"])
    assert [result.name for result in results(year) if result.met] == []
