"""A person's own meetings as a calendar to subscribe to: times and case codes, read-only.

It is pulled when the client pleases, often a day late, so it never carries what matters today. A cloud
calendar fetches it from its own servers and keeps a copy: the operator decides whether feeds exist at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.calendar.ical import calendar_bytes, span, text, utc
from handlers.steps.calendar_feed import FeedMeeting

_MINUTE = timedelta(minutes=1)

CANCELLED_STAYS = timedelta(days=30)
"""How long a cancelled meeting is still told of, so that clients drop their copy of it."""


@dataclass(frozen=True, slots=True)
class FeedFile:
    """The calendar's bytes and the ETag that a client sends back to ask whether anything changed."""

    data: bytes
    etag: str


def build_feed(name: str, meetings: Iterable[FeedMeeting], now: datetime) -> FeedFile:
    """The whole feed of one person under the shown `name`; equal meetings give equal bytes.

    No METHOD and no ATTENDEE: this is a plain calendar, not an invitation (RFC 5545, not iTIP).
    """
    head = [
        f"NAME:{text(name)}",
        f"X-WR-CALNAME:{text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    shown = sorted(
        (meeting for meeting in meetings if _shown(meeting, now)), key=lambda meeting: (meeting.start, meeting.uid)
    )
    data = calendar_bytes(head, (line for entry in shown for line in _event(entry)))
    return FeedFile(data, f'"{sha256(data).hexdigest()[:32]}"')


def _shown(meeting: FeedMeeting, now: datetime) -> bool:
    return not meeting.cancelled or meeting.stamp > now - CANCELLED_STAYS


def _event(meeting: FeedMeeting) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(meeting.uid)}"
    yield f"DTSTAMP:{utc(meeting.stamp)}"
    yield f"SEQUENCE:{meeting.sequence}"
    yield from span(meeting.start, meeting.length // _MINUTE)
    yield f"SUMMARY:{text(meeting.summary)}"
    yield f"STATUS:{'CANCELLED' if meeting.cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if meeting.cancelled else 'OPAQUE'}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"
