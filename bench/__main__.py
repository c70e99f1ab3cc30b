"""Run all measures, or those named, and end with 1 when a goal is missed: `python -m bench [NAME …]`."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping

from bench import burst, clicks, invites, matrix, restart, slow_slack, startup, ticks, updates
from bench.measure import Result

MEASURES: Mapping[str, Callable[[], list[Result]]] = {
    "clicks": clicks.measure,
    "slow_slack": slow_slack.measure,
    "ticks": ticks.measure,
    "restart": restart.measure,
    "burst": burst.measure,
    "startup": startup.measure,
    "invites": invites.measure,
    "updates": updates.measure,
    "matrix": matrix.measure,
}


def main(names: list[str]) -> int:
    """Print one line a measure; return the exit code."""
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}")
    missed = 0
    for name in names or list(MEASURES):
        for result in MEASURES[name]():
            print(result, flush=True)
            missed += not result.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
