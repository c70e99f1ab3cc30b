"""From starting the program to being ready, and the memory it then holds."""

from __future__ import annotations

import compileall
import tempfile
import time
from pathlib import Path

from bench.measure import Result, percentile
from bench.slack import Slack
from bench.surroundings import resident_megabytes, seeded, settings
from bot.admin.packages import PACKAGES
from tests.ports import free_port
from tests.program import serving

ROOT = Path(__file__).parents[1]


def measure() -> list[Result]:
    """Return the median of five starts on a database at the newest schema, and resident memory.

    The modules are compiled beforehand, as pip does when it installs them; a checkout may never have been.
    """
    for package in PACKAGES:
        compileall.compile_dir(ROOT / package, quiet=1)
    times: list[float] = []
    memory = 0.0
    with tempfile.TemporaryDirectory() as folder, Slack() as slack:
        for _ in range(5):
            found = settings(Path(folder), slack.url, free_port())
            if not times:
                seeded(found, 10, 5).database.close()
            began = time.perf_counter()
            with serving(found, Path(folder)) as process:
                times.append(time.perf_counter() - began)
                memory = max(memory, resident_megabytes(process))
    median = percentile(times, 0.5)
    return [
        Result("start to ready", f"{median:.2f} s", "< 1 s", median < 1),
        Result("resident memory", f"{memory:.0f} MB", "< 120 MB", memory < 120),
    ]
