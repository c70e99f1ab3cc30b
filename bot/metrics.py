"""What the running bot counts, in Prometheus's form. Labels hold fixed words, never a code or a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST

_WORD = re.compile(r"[a-z][a-z0-9_.]{0,39}")
_ACK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)


class Metrics:
    """All numbers of one process, in a registry of their own."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._dead = _DeadLetters()
        registry.register(self._dead)
        self._waiting = Gauge("sipbot_outbox_waiting", "Letters that have not been sent yet.", registry=registry)
        self._oldest = Gauge(
            "sipbot_outbox_oldest_seconds",
            "How long the oldest unsent letter has been due.",
            registry=registry,
        )
        self._sent = Counter(
            "sipbot_outbox_sent", "Letters that were taken over.", ["platform", "what"], registry=registry
        )
        self._dropped = Counter(
            "sipbot_outbox_dropped", "Letters that were no longer to be sent.", ["why"], registry=registry
        )
        self._again = Counter(
            "sipbot_outbox_again", "Attempts that will be repeated.", ["platform", "why"], registry=registry
        )
        self._halted = Gauge(
            "sipbot_platform_halted",
            "1 while a platform refuses the bot as such, for instance after its token was revoked.",
            ["platform"],
            registry=registry,
        )
        self._away = Gauge(
            "sipbot_platform_away",
            "1 while a platform cannot be reached as a whole; its letters wait.",
            ["platform"],
            registry=registry,
        )
        self._inbound = Counter("sipbot_inbound", "What came in from people.", ["platform", "kind"], registry=registry)
        self._refused = Counter(
            "sipbot_inbound_refused", "Requests that did not get in.", ["platform", "why"], registry=registry
        )
        self._ack = Histogram(
            "sipbot_ack_seconds",
            "From the arrival of a request to its answer.",
            ["platform"],
            buckets=_ACK_SECONDS,
            registry=registry,
        )
        self._too_slow = Counter(
            "sipbot_forms_unopened", "Forms that did not open.", ["platform", "why"], registry=registry
        )
        self._broken_rules = Counter(
            "sipbot_block_rules_broken", "Payloads against Block Kit's rules.", ["rule"], registry=registry
        )
        self._lag = Gauge("sipbot_tick_lag_seconds", "How late the last tick of the clock was.", registry=registry)

        self._lapses = Gauge(
            "sipbot_lapses", "What the auditor found not to have gone out as it should.", ["kind"], registry=registry
        )
        self._audited = Gauge(
            "sipbot_audited_timestamp_seconds", "When the auditor last looked at everything.", registry=registry
        )
        self._clock = Gauge(
            "sipbot_clock_doubted",
            "1 while the machine's clock is not believed: nothing falls due, nothing is cleaned.",
            registry=registry,
        )
        self._clock_off = Gauge(
            "sipbot_clock_off_seconds",
            "How far the machine's clock is off, while it is not believed.",
            registry=registry,
        )

    def render(self) -> bytes:
        """Return everything as text for `GET /metrics`."""
        return generate_latest(self._registry)

    def outbox(self, *, waiting: int, dead: int, oldest_seconds: float) -> None:
        """Set what the outbox holds now."""
        self._waiting.set(waiting)
        self._oldest.set(max(0.0, oldest_seconds))
        self._dead.at_least(dead)

    def away(self, platform: str, *, now: bool) -> None:
        """Set whether a platform is away as a whole."""
        self._away.labels(platform).set(int(now))

    def clock(self, *, doubted: bool, off_seconds: float) -> None:
        """Set whether the machine's clock is believed, and how far it is off when not."""
        self._clock.set(int(doubted))
        self._clock_off.set(off_seconds)

    def lapses(self, kind: str, count: int) -> None:
        """Set how much of a kind did not go out as it should."""
        self._lapses.labels(_word(kind)).set(count)

    def audited(self, at: datetime) -> None:
        """Set when the auditor last looked at everything."""
        self._audited.set(at.timestamp())

    def sent(self, platform: str, what: str) -> None:
        """Count one letter that was taken over."""
        self._sent.labels(_word(platform), _word(what)).inc()

    def dropped(self, why: str) -> None:
        """Count one letter that was no longer to be sent."""
        self._dropped.labels(_word(why)).inc()

    def again(self, platform: str, why: str) -> None:
        """Count one attempt that will be repeated."""
        self._again.labels(_word(platform), _word(why)).inc()

    def died(self) -> None:
        """Count one dead letter."""
        self._dead.one_more()

    def halted(self, platform: str, *, now: bool) -> None:
        """Say whether a platform refuses the bot as such."""
        self._halted.labels(_word(platform)).set(1 if now else 0)

    def inbound(self, platform: str, kind: str) -> None:
        """Count one thing that came in from a person."""
        self._inbound.labels(_word(platform), _word(kind)).inc()

    def refused(self, platform: str, why: str) -> None:
        """Count one request that did not get in."""
        self._refused.labels(_word(platform), _word(why)).inc()

    def acked(self, platform: str, seconds: float) -> None:
        """Note how long an answer took."""
        self._ack.labels(_word(platform)).observe(seconds)

    def form_unopened(self, platform: str, why: str) -> None:
        """Count one form that did not open."""
        self._too_slow.labels(_word(platform), _word(why)).inc()

    def rule_broken(self, rule: str) -> None:
        """Count one payload against Block Kit's rules."""
        self._broken_rules.labels(_word(rule)).inc()

    def tick_lag(self, seconds: float) -> None:
        """Set how late the last tick of the clock was."""
        self._lag.set(seconds)


class _DeadLetters(Collector):
    """Dead letters as a counter that a restart does not set back: the outbox is asked, ours added at once."""

    def __init__(self) -> None:
        self._count = 0

    def at_least(self, count: int) -> None:
        self._count = max(self._count, count)

    def one_more(self) -> None:
        self._count += 1

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily("sipbot_outbox_dead", "Letters that could not be delivered.", self._count)


def _word(text: str) -> str:
    """Keep a label to a fixed word: the first one of a reason such as `recipient_refused 550 5.1.1`."""
    first = text.partition(" ")[0].lower()
    return first if _WORD.fullmatch(first) else "other"
