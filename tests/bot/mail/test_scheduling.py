"""Our reading of calendar objects beside a general parser's: the same lines must mean the same."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.mail.content_lines import BrokenCalendar
from bot.mail.scheduling import Event, read_calendar
from tests.bot.mail.samples import PAR, build, call_off, chat_file, invite, uninvite
from tests.bot.mail.test_reply import MAILS


def read(data: bytes) -> Event:
    (event,) = read_calendar(data, "utf-8", max_lines=2000).events
    return event


def answering(*lines: str) -> bytes:
    head = ["BEGIN:VCALENDAR", "METHOD:REPLY", "BEGIN:VEVENT", "UID:x"]
    return "\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


@pytest.mark.parametrize("made", [invite(), call_off(), uninvite(), chat_file(place=None)])
def test_what_we_write_we_read(made: object) -> None:
    data = build(made)  # type: ignore[arg-type]
    ours = read(data)
    theirs: Any = icalendar.Calendar.from_ical(data).walk("VEVENT")[0]
    assert ours.uid == theirs["UID"]
    assert ours.sequence == theirs["SEQUENCE"]
    assert ours.stamp == theirs["DTSTAMP"].dt
    assert ours.start == theirs["DTSTART"].dt
    assert ours.end == theirs["DTEND"].dt
    assert [person.address for person in ours.attendees] == ([PAR] if "ATTENDEE" in theirs else [])


@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"]), min_size=1, max_size=200),
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"^\\\x85'), max_size=60),
)
def test_comments_and_names_are_read_as_a_general_parser_writes_them(text: str, name: str) -> None:
    # icalendar writes a backslash before a capital N as a line end, which loses the text before we see it.
    assume("\\N" not in text)
    event = icalendar.Event()
    event.add("UID", "x")
    event.add("COMMENT", text)
    attendee = icalendar.vCalAddress(f"mailto:{PAR}")
    attendee.params["CN"] = name
    attendee.params["PARTSTAT"] = "ACCEPTED"
    event.add("ATTENDEE", attendee)
    calendar = icalendar.Calendar()
    calendar.add_component(event)
    found = read(calendar.to_ical())
    assert found.comment == text
    assert (found.attendees[0].address, found.attendees[0].partstat) == (PAR, "ACCEPTED")


@pytest.mark.parametrize(
    "written, instant",
    [
        ("DTSTART:20261201T080000Z", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("DTSTART:20260701T090000", datetime(2026, 7, 1, 7, tzinfo=UTC)),  # without a zone: ours
        ("DTSTART;TZID=Europe/Stockholm:20260701T090000", datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("DTSTART;TZID=Europe/Helsinki:20260701T090000", datetime(2026, 7, 1, 6, tzinfo=UTC)),
        ("DTSTART;TZID=W. Europe Standard Time:20260701T090000", datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ('DTSTART;TZID="FLE Standard Time":20260701T090000', datetime(2026, 7, 1, 6, tzinfo=UTC)),
        (
            "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Stockholm:20260701T090000",
            datetime(2026, 7, 1, 7, tzinfo=UTC),
        ),
        ("DTSTART;TZID=../../etc/passwd:20260701T090000", None),
        ("DTSTART;TZID=Europe/Nowhere:20260701T090000", None),
        ("DTSTART;VALUE=DATE:20260701", None),
        ("DTSTART:20260230T090000Z", None),
        ("DTSTART:00010101T000000", None),
        ("DTSTART:99991231T235959Z", None),
        ("DTSTART:00010101T000000Z", None),
        ("DTSTART:20901231T225959Z", datetime(2090, 12, 31, 22, 59, 59, tzinfo=UTC)),
        ("DTSTART:yesterday", None),
    ],
)
def test_times_are_instants_or_nothing(written: str, instant: datetime | None) -> None:
    assert read(answering(written)).start == instant


@pytest.mark.parametrize(
    "duration, minutes",
    [("PT90M", 90), ("PT1H30M", 90), ("P1D", 1440), ("P1W", 10080), ("pt1h", 60), ("P99999D", 99999 * 1440)],
)
def test_a_length_stands_for_an_end(duration: str, minutes: int) -> None:
    event = read(answering("DTSTART:20261201T080000Z", f"DURATION:{duration}"))
    assert event.start is not None
    assert event.end is not None
    assert (event.end - event.start).total_seconds() == minutes * 60


@pytest.mark.parametrize("duration", ["-PT1H", "PT", "P1Y", "P99999999999999D", "PT999999999H", "x"])
def test_a_length_that_is_none_or_endless_stands_for_nothing_harmful(duration: str) -> None:
    event = read(answering("DTSTART:20261201T080000Z", f"DURATION:{duration}"))
    assert event.end is None or event.end == event.start


def test_every_windows_zone_leads_to_a_real_one() -> None:
    """The table comes with `icalendar`; a Swedish Exchange server uses the first of these."""
    for name in ("W. Europe Standard Time", "Romance Standard Time", "Central Europe Standard Time"):
        event = read(answering(f"DTSTART;TZID={name}:20261201T090000"))
        assert event.start == datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Stockholm"))


@pytest.mark.alone
def test_rules_that_would_take_for_ever_take_no_time() -> None:
    """Alarms, recurrences and zones of a stranger are never expanded."""
    bomb = answering(
        "RRULE:FREQ=SECONDLY;COUNT=999999999",
        "DTSTART:16010101T000000Z",
        "BEGIN:VALARM",
        "TRIGGER:-PT1S",
        "REPEAT:999999999",
        "DURATION:PT1S",
        "END:VALARM",
    )
    read(bomb)
    start = time.perf_counter()
    read(bomb)
    assert time.perf_counter() - start < 0.05


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"BEGIN:VCALENDAR\r\n",
        b"END:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT\r\n",  # no calendar around it
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n",
    ],
)
def test_what_is_no_calendar_is_said_to_be_broken(data: bytes) -> None:
    with pytest.raises(BrokenCalendar):
        read_calendar(data, None, max_lines=2000)


def test_the_corpus_has_a_mail_for_each_quirk_that_is_told_of() -> None:
    """Facts on calendars, 4.3: a reminder that the corpus stays as rich as it is."""
    everything = b"\n".join(MAILS.values())
    for quirk in (rb"MAILTO:", rb"TZID:W\. Europe", rb"X-NUM-GUESTS", rb"calendar-notification@google", rb"Apple-Mail"):
        assert re.search(quirk, everything)
