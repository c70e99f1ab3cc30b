"""Slack at 300 and at 800 milliseconds a call: acknowledgements must not wait for it, nor the rate suffer."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from bench.clicks import EACH, many, presses_of
from bench.measure import Result
from bench.slack import Slack
from bench.surroundings import AGENCIES, seeded, settings
from tests.ports import free_port
from tests.program import serving

PRESSES = 2400
CLIENTS = 16
# After so many presses everybody has pressed once.
MET = AGENCIES * EACH


def measure() -> list[Result]:
    """Return the slowest acknowledgement and the rate at each delay, and the rate against that at no delay."""
    results = []
    base = 0.0
    for delay in (0, 300, 800):
        rate, slowest = _at(delay)
        if not delay:
            base = rate
            continue
        limit = slowest < 0.25
        results.append(
            Result(
                f"slowest ack with Slack at {delay} ms, {CLIENTS} clients",
                f"{slowest * 1000:.0f} ms",
                "< 250 ms",
                limit,
            )
        )
        share = rate / base
        results.append(Result("  rate against Slack at 0 ms", f"{share:.2f} x", "unchanged", share > 0.8))
    return results


def _at(delay: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder, Slack(delay_ms=delay) as slack:
        port = free_port()
        found = settings(Path(folder), slack.url, port)
        filled = seeded(found, PRESSES // EACH, EACH)
        # Every press has a response URL, so that each also makes the bot call Slack.
        presses = presses_of(filled, f"{slack.url}/none")
        filled.database.close()
        with serving(found, Path(folder)):
            time.sleep(1)
            # The first answer to somebody whom the bot has never met waits for their language (0.8 s at most).
            asyncio.run(many(port, presses[:MET], CLIENTS))
            return asyncio.run(many(port, presses[MET:], CLIENTS))
