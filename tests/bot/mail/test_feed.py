"""The overview to subscribe to: times and codes alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest

from bot.calendar.feed import CANCELLED_STAYS, build_feed
from handlers.steps.calendar_feed import FeedMeeting
from tests.bot.mail.samples import STAMP, START, UID, referees

ENTRY = FeedMeeting(UID, 1, STAMP, START, timedelta(minutes=60), "Möte SIP-7K3Q2-M")
OFF = replace(ENTRY, uid="9d@kalender.example.se", cancelled=True, summary="Inställt möte SIP-9AAAA-B")


@pytest.mark.parametrize("entries", [[], [ENTRY], [ENTRY, OFF]], ids=["empty", "one", "two"])
def test_the_feed_is_a_plain_calendar_without_method_or_people(entries: list[FeedMeeting]) -> None:
    data = build_feed("Mina möten", entries, STAMP).data
    assert not {b"METHOD", b"ATTENDEE", b"ORGANIZER", b"LOCATION", b"DESCRIPTION", b"URL"} & {
        line.split(b":")[0].split(b";")[0] for line in data.split(b"\r\n")
    }
    if entries:
        assert referees(data) == []
    assert len(icalendar.Calendar.from_ical(data).walk("VEVENT")) == len(entries)


def test_a_cancelled_meeting_is_told_of_for_a_while_and_then_gone() -> None:
    assert b"STATUS:CANCELLED" in build_feed("x", [OFF], STAMP + CANCELLED_STAYS - timedelta(days=1)).data
    assert b"VEVENT" not in build_feed("x", [OFF], STAMP + CANCELLED_STAYS).data


def test_the_same_meetings_give_the_same_tag_in_any_order_and_a_change_another() -> None:
    feed = build_feed("x", [ENTRY, OFF], STAMP)
    assert build_feed("x", [OFF, ENTRY], STAMP + timedelta(hours=1)) == feed
    assert build_feed("x", [replace(ENTRY, sequence=2), OFF], STAMP).etag != feed.etag
