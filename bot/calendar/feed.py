"""A person's own overview as a calendar to subscribe to: times and case codes, read-only.

It is pulled when the client pleases, often a day late, so it never carries what matters today. A cloud
calendar fetches it from its own servers and keeps a copy: the operator decides whether feeds exist at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.calendar.ical import calendar_bytes, span, text, utc

CANCELLED_STAYS = timedelta(days=30)
"""How long a cancelled meeting is still told of, so that clients drop their copy of it."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One meeting as its subscriber may see it.

    `uid` and `sequence` are those of the invite, `stamp` the instant of its last change (aware), `summary`
    the neutral words with the case code. Place, link, others who attend: not here.
    """

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    minutes: int
    summary: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """The calendar's bytes and the ETag that a client sends back to ask whether anything changed."""

    data: bytes
    etag: str


def build_feed(name: str, entries: Iterable[FeedEntry], now: datetime) -> Feed:
    """The whole feed of one person under the shown `name`; equal entries give equal bytes.

    No METHOD and no ATTENDEE: this is a plain calendar, not an invitation (RFC 5545, not iTIP).
    """
    head = [
        f"NAME:{text(name)}",
        f"X-WR-CALNAME:{text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    shown = sorted((entry for entry in entries if _shown(entry, now)), key=lambda entry: (entry.start, entry.uid))
    data = calendar_bytes(head, (line for entry in shown for line in _event(entry)))
    return Feed(data, f'"{sha256(data).hexdigest()[:32]}"')


def _shown(entry: FeedEntry, now: datetime) -> bool:
    return not entry.cancelled or entry.stamp > now - CANCELLED_STAYS


def _event(entry: FeedEntry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(entry.uid)}"
    yield f"DTSTAMP:{utc(entry.stamp)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield from span(entry.start, entry.minutes)
    yield f"SUMMARY:{text(entry.summary)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if entry.cancelled else 'OPAQUE'}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"
