"""Calendar objects as bytes: what stands in them, and that every reader reads them (RFC 5545, RFC 5546)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar.ical import VTIMEZONE, display_name, fold, web_address
from domain.calendar.invites import Invite, Reply
from domain.errors import Invalid
from tests.bot.mail.samples import (
    DOMAIN,
    LINK,
    PAR,
    STAMP,
    START,
    STOCKHOLM,
    TOKEN,
    UID,
    WORDS,
    build,
    call_off,
    chat_file,
    invite,
    referees,
    uninvite,
)

ALL = {
    "request": invite(),
    "request to the chair": invite(role="chair"),
    "update": invite(sequence=1, start=START + timedelta(days=1)),
    "correction": invite(reply=Reply.ACCEPTED),
    "online": invite(place=None),
    "by phone": invite(place=None, link=None),
    "cancel": call_off(),
    "un-invite": uninvite(),
    "file in chat": chat_file(),
    "file in chat, called off": chat_file(whole_event_cancelled=True, sequence=3),
    "another zone": invite(start=START.astimezone(ZoneInfo("Europe/Helsinki"))),
    "the hour that comes twice": invite(start=datetime(2026, 10, 25, 2, 30, tzinfo=STOCKHOLM)),
    "the hour that comes twice, again": invite(start=datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=STOCKHOLM)),
    "over the end of summer time": invite(start=datetime(2026, 10, 25, 1, 30, tzinfo=STOCKHOLM), length=180),
}


def unfolded(data: bytes) -> list[str]:
    return data.decode().replace("\r\n ", "").split("\r\n")


def event_of(data: bytes) -> Any:
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return event


@pytest.mark.parametrize("made", ALL.values(), ids=ALL.keys())
def test_every_kind_satisfies_libical_and_the_lint(made: Invite) -> None:
    assert referees(build(made)) == []


@pytest.mark.parametrize("made", ALL.values(), ids=ALL.keys())
def test_a_general_parser_reads_back_what_was_meant(made: Invite) -> None:
    data = build(made)
    event = event_of(data)
    assert icalendar.Calendar.from_ical(data)["METHOD"] == made.method
    assert event["UID"] == made.uid
    assert int(event["SEQUENCE"]) == made.sequence
    assert event["DTSTART"].dt.astimezone(UTC) == made.start.astimezone(UTC)
    assert event["DTEND"].dt.astimezone(UTC) - made.start.astimezone(UTC) == timedelta(minutes=made.length)
    assert event["SUMMARY"] == WORDS.summary
    assert event["ORGANIZER"] == f"mailto:svar.{TOKEN}@{DOMAIN}"


def test_equal_input_gives_equal_bytes() -> None:
    assert build(invite()) == build(invite())


def test_a_request_holds_its_one_attendee_who_is_asked_to_answer() -> None:
    attendee = event_of(build(invite(role="chair")))["ATTENDEE"]
    assert attendee == f"mailto:{PAR}"
    assert attendee.params == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "CHAIR",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
        "CN": "Pär Söderström",
    }


def test_a_correction_repeats_the_answer_so_that_it_is_not_lost() -> None:
    assert event_of(build(invite(reply=Reply.ACCEPTED)))["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"


def test_local_time_stays_local_over_the_change_of_clocks() -> None:
    assert "DTSTART;TZID=Europe/Stockholm:20261201T090000" in unfolded(build(invite()))


def test_the_link_is_in_the_description_too_because_clients_hide_the_url() -> None:
    data = build(invite(), WORDS.__class__(subject="", text="", summary="Möte", description="Välkommen"))
    assert f"DESCRIPTION:Välkommen\\n{LINK}" in unfolded(data)
    assert f"URL:{LINK}" in unfolded(data)


def test_a_meeting_online_has_the_link_as_its_place() -> None:
    assert f"LOCATION:{LINK}" in unfolded(build(invite(place=None)))


@pytest.mark.parametrize("made", [call_off(), uninvite(), chat_file(whole_event_cancelled=True)])
def test_a_cancel_carries_nothing_but_time_and_summary(made: Invite) -> None:
    """What was sent cannot be taken back, but a CANCEL leaves no words behind."""
    names = {line.split(":")[0].split(";")[0] for line in unfolded(build(made))}
    assert names.isdisjoint({"DESCRIPTION", "LOCATION", "URL", "COMMENT"})


def test_calling_off_has_a_status_and_taking_one_off_has_none() -> None:
    """RFC 5546 3.2.5: with STATUS:CANCELLED the whole event goes, without it only those named."""
    assert "STATUS:CANCELLED" in unfolded(build(call_off()))
    assert not any(line.startswith("STATUS") for line in unfolded(build(uninvite())))


def test_the_file_in_chat_names_no_attendee_and_is_the_same_meeting() -> None:
    data = build(chat_file())
    assert b"ATTENDEE" not in data
    assert event_of(data)["UID"] == UID


def test_privacy_is_a_setting() -> None:
    assert "CLASS:PRIVATE" in unfolded(build(invite()))
    assert "CLASS:PRIVATE" not in unfolded(build(invite(), private=False))


def test_the_case_code_stands_only_where_people_read() -> None:
    """UID, PRODID and the like say nothing about the case."""
    lines = [line for line in unfolded(build(invite())) if "SIP" in line.upper()]
    assert {line.split(":")[0].split(";")[0] for line in lines} <= {
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
        "URL",
        "ORGANIZER",
    }


def change_of_clocks(block: str, year: int) -> tuple[datetime, timedelta]:
    """When one rule of the VTIMEZONE takes effect in a year, and the offset from then on, as clients compute it."""
    fields = dict(line.split(":", 1) for line in block.split("\n"))
    rule = re.fullmatch(r"FREQ=YEARLY;BYMONTH=(\d+);BYDAY=-1SU", fields["RRULE"])
    assert rule is not None
    before, after = (timedelta(hours=int(fields[name][:3])) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    clock = timedelta(hours=int(fields["DTSTART"][9:11]))
    day = datetime(year, int(rule[1]), 31, tzinfo=UTC)  # both months have 31 days
    last_sunday = day - timedelta(days=(day.weekday() + 1) % 7)
    return last_sunday + clock - before, after


def test_the_time_zone_says_what_zoneinfo_says() -> None:
    """Against the real zone for every half hour of three years."""
    blocks = re.findall(r"BEGIN:(?:DAYLIGHT|STANDARD)\n(.*?)\nEND:", "\n".join(VTIMEZONE), re.DOTALL)
    changes = sorted(change_of_clocks(block, year) for block in blocks for year in range(2025, 2029))
    instants = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(3 * 365 * 48)]
    wrong = [
        instant
        for instant in instants
        if max(change for change in changes if change[0] <= instant)[1] != instant.astimezone(STOCKHOLM).utcoffset()
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "https://sip.example.se/a b",
        "https://sip.example.se/\r\nATTENDEE:mailto:x@example.se",
        "https://",
        "sip.example.se",
        'https://sip.example.se/"',
    ],
)
def test_a_link_is_a_web_address_or_nothing_is_built(link: str) -> None:
    with pytest.raises(ValueError, match="link"):
        build(invite(link=link))


def test_a_link_outside_ascii_is_written_as_a_uri() -> None:
    assert web_address("https://sip.example.se/möte?a=å") == "https://sip.example.se/m%C3%B6te?a=%C3%A5"


@pytest.mark.parametrize(
    "address",
    ["", "anna", "anna@", "@example.se", "a b@example.se", "a@b@example.se", "a@example.se\r\nX:y", "å@example.se"],
)
def test_an_unusable_address_is_told_of_and_not_sent_to(address: str) -> None:
    with pytest.raises(Invalid):
        build(invite(attendee_address=address))


# Names and places from hell: what people paste, and what somebody tries on purpose.
HELL = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="\";:,\\\r\n\t åäö😀\u202e\u05d0\u0000^'=<>", max_size=300),
    st.sampled_from(
        [
            'Anna "Ann" Berg',
            "Berg; Anna",
            "Berg, Anna: chef",
            "x\r\nATTENDEE:mailto:evil@example.se",
            "x\nEND:VEVENT\nBEGIN:VALARM",
            "å" * 300,
            "😀" * 100,
            "👩‍👩‍👧" * 40,
            "\\" * 150,
            "\\n" * 60,
            "بيت " * 40,
            "\u202eanna\u2066",
            "e\u0301" * 90,
            "^n^'",
            "a" * 74 + "\\,",
            "\ud800",
            "\u2028\u2029\x85\x0b\x0c",
        ]
    ),
)


@given(name=HELL, place=HELL, summary=HELL, description=HELL, organizer=HELL)
def test_no_name_or_place_breaks_the_object(
    name: str, place: str, summary: str, description: str, organizer: str
) -> None:
    words = WORDS.__class__(subject="", text="", summary=summary, description=description, organizer=organizer)
    data = build(invite(attendee_name=name, place=place, link=None), words)
    assert referees(data) == []
    event = event_of(data)
    attendee = event["ATTENDEE"]
    assert not isinstance(attendee, list), "one attendee, whatever the name says"
    assert attendee == f"mailto:{PAR}"
    assert attendee.params.get("CN", "") == display_name(name)
    assert event["ORGANIZER"].params.get("CN", "") == display_name(organizer)
    assert str(event["SUMMARY"]) == (as_read(summary) or "SIP-7K3Q2-M")
    if as_read(place):
        assert str(event["LOCATION"]) == as_read(place)
    if as_read(description):
        assert str(event["DESCRIPTION"]) == as_read(description)


def as_read(value: str) -> str:
    """Line ends of all kinds as one, without what cannot be seen and blank edges."""
    lines = re.sub("\r\n|[\r\n\x85\u2028\u2029]", "\n", value)
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", "", lines).strip()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=400))
def test_folding_keeps_every_row_within_75_octets_and_every_character_whole(line: str) -> None:
    rows = fold(line).split(b"\r\n ")
    assert all(len(row) <= 75 - (index > 0) for index, row in enumerate(rows))
    assert "".join(row.decode() for row in rows) == line


def test_rows_are_filled_as_far_as_characters_allow() -> None:
    assert [len(row) for row in fold("x" * 200).split(b"\r\n ")] == [75, 74, 51]
    assert [len(row) for row in fold("å" * 100).split(b"\r\n ")] == [74, 74, 52]


def test_stamps_are_in_utc_to_the_second() -> None:
    stamp = STAMP.astimezone(STOCKHOLM).replace(microsecond=999_999)
    assert "DTSTAMP:20261101T120000Z" in unfolded(build(invite(stamp=stamp)))
