"""Play the year and hold its budgets: `python -m bench.year [--short] [--seed N]`; ends with 1 when one is missed."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from bench.year.budgets import SHORT, results
from bench.year.play import Size
from bench.year.run import played


def main() -> int:
    """Print one line a budget; return the exit code."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--short", action="store_true", help="a quarter of a year with few cases")
    reader.add_argument("--seed", type=int, default=1)
    told = reader.parse_args()
    year = played(SHORT if told.short else Size(), told.seed)
    pings, seconds = year.ledger.pings, f"{year.seconds:.0f} s"
    print(f"{year.size.days} days, {year.cases} cases, {year.acts} acts, {pings} messages, {seconds}")
    print("states:", ", ".join(f"{state} {count}" for state, count in sorted(year.states.items())))
    if year.refused:
        print("refused:", ", ".join(f"{what} {count}" for what, count in sorted(year.refused.items())))
    missed = 0
    for result in results(year):
        print(result, flush=True)
        missed += not result.met
    for contradiction in year.ledger.contradictions:
        print("contradiction:", contradiction)
    for line, times in Counter(year.wrong).most_common():
        print(f"logged {times} times:", line)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
