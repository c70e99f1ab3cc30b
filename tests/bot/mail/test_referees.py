"""Our two referees can fail: each broken object of this corpus is noticed by at least one of them.

Samples of what goes wrong between programs: good ones must pass, broken ones must not.
"""

from __future__ import annotations

import pytest

from tests import calendar_lint, libical
from tests.bot.mail.samples import build, call_off, chat_file, invite, referees, uninvite

GOOD = build(invite(), private=True)
CANCEL = build(call_off())
FILE = build(chat_file())

REPLY = (
    GOOD.replace(b"METHOD:REQUEST", b"METHOD:REPLY")
    .replace(b";PARTSTAT=NEEDS-ACTION;RSVP=TRUE", b";PARTSTAT=ACCEPTED")
    .replace(b"STATUS:CONFIRMED\r\n", b"")
)


def without(data: bytes, name: str) -> bytes:
    """The object without the lines (folded or not) of one property in its event."""
    head, event = data.split(b"BEGIN:VEVENT\r\n", 1)
    lines = event.replace(b"\r\n ", b"\x00").split(b"\r\n")
    kept = [line for line in lines if not line.startswith((f"{name}:".encode(), f"{name};".encode()))]
    assert len(kept) < len(lines), f"the sample has a {name}"
    return head + b"BEGIN:VEVENT\r\n" + b"\r\n".join(kept).replace(b"\x00", b"\r\n ")


def added(data: bytes, *lines: str) -> bytes:
    """The object with more lines at the end of its event."""
    return data.replace(b"END:VEVENT", "\r\n".join([*lines, "END:VEVENT"]).encode(), 1)


def replaced(data: bytes, old: str, new: str) -> bytes:
    assert old.encode() in data, f"the sample has {old!r}"
    return data.replace(old.encode(), new.encode(), 1)


PLAIN_ATTENDEE = "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:bo@example.se"

BROKEN = {
    "no UID": without(GOOD, "UID"),
    "no DTSTAMP": without(GOOD, "DTSTAMP"),
    "no ORGANIZER": without(GOOD, "ORGANIZER"),
    "no ATTENDEE": without(GOOD, "ATTENDEE"),
    "no SUMMARY": without(GOOD, "SUMMARY"),
    "no DTSTART": without(without(GOOD, "DTEND"), "DTSTART"),
    "CANCEL without SEQUENCE": without(CANCEL, "SEQUENCE"),
    "CANCEL without ORGANIZER": without(CANCEL, "ORGANIZER"),
    "CANCEL without UID": without(CANCEL, "UID"),
    "CANCEL without DTSTAMP": without(CANCEL, "DTSTAMP"),
    "CANCEL that is confirmed": replaced(CANCEL, "STATUS:CANCELLED", "STATUS:CONFIRMED"),
    "REPLY with no attendee": without(REPLY, "ATTENDEE"),
    "REPLY with two attendees": added(REPLY, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.se"),
    "REPLY without ORGANIZER": without(REPLY, "ORGANIZER"),
    "REQUEST that is cancelled": replaced(GOOD, "STATUS:CONFIRMED", "STATUS:CANCELLED"),
    "PUBLISH with attendees": added(FILE, PLAIN_ATTENDEE),
    "PUBLISH without ORGANIZER": without(FILE, "ORGANIZER"),
    "DTEND and DURATION": added(GOOD, "DURATION:PT1H"),
    "two UIDs": added(GOOD, "UID:other@example.se"),
    "two STATUS": added(GOOD, "STATUS:TENTATIVE"),
    "two SUMMARY": added(GOOD, "SUMMARY:en till"),
    "bare LF": GOOD.replace(b"\r\n", b"\n"),
    "one bare LF": replaced(GOOD, "TRANSP:OPAQUE\r\n", "TRANSP:OPAQUE\n"),
    "a row too long": added(GOOD, "COMMENT:" + "x" * 80),
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "a character cut by a fold": added(GOOD, "COMMENT:x").replace(b"COMMENT:x", b"COMMENT:\xc3\r\n \xa5"),
    "not UTF-8": added(GOOD, "COMMENT:x").replace(b"COMMENT:x", b"COMMENT:\xe5"),
    "no last line end": GOOD.removesuffix(b"\r\n"),
    "an empty line": replaced(GOOD, "BEGIN:VEVENT", "\r\nBEGIN:VEVENT"),
    "an escape cut by a fold": added(GOOD, "COMMENT:x\\\r\n ,y"),
    "zone not described": GOOD.replace(b"TZID:Europe/Stockholm", b"TZID:Europe/Oslo"),
    "unescaped semicolon": added(GOOD, "COMMENT:a;b"),
    "unescaped comma": added(GOOD, "COMMENT:a,b"),
    "lone backslash": added(GOOD, "COMMENT:a\\b"),
    "wrong PARTSTAT": replaced(GOOD, "PARTSTAT=NEEDS-ACTION", "PARTSTAT=NEEDS-ACTING"),
    "wrong ROLE": replaced(GOOD, "ROLE=REQ-PARTICIPANT", "ROLE=BOSS-PARTICIPANT"),
    "wrong RSVP": added(without(GOOD, "ATTENDEE"), PLAIN_ATTENDEE.replace("TRUE", "YES")),
    "wrong CUTYPE": added(without(GOOD, "ATTENDEE"), PLAIN_ATTENDEE.replace("INDIVIDUAL", "PERSON")),
    "wrong CLASS": replaced(GOOD, "CLASS:PRIVATE", "CLASS:SECRET"),
    "wrong METHOD": replaced(GOOD, "METHOD:REQUEST", "METHOD:INVITE"),
    "wrong STATUS": replaced(GOOD, "STATUS:CONFIRMED", "STATUS:SURE"),
    "wrong TRANSP": replaced(GOOD, "TRANSP:OPAQUE", "TRANSP:BUSY"),
    "attendee without mailto": replaced(added(without(GOOD, "ATTENDEE"), PLAIN_ATTENDEE), "TRUE:mailto:", "TRUE:"),
    "local DTSTAMP": replaced(GOOD, "DTSTAMP:20261101T120000Z", "DTSTAMP:20261101T120000"),
    "zone and Z": replaced(GOOD, "T090000\r\n", "T090000Z\r\n"),
    "floating time": replaced(GOOD, "DTSTART;TZID=Europe/Stockholm:", "DTSTART:"),
    "ends as it starts": replaced(GOOD, "20261201T100000", "20261201T090000"),
    "ends before it starts": replaced(GOOD, "20261201T100000", "20261201T080000"),
    "alarm without ACTION": added(GOOD, "BEGIN:VALARM", "TRIGGER:-PT30M", "END:VALARM"),
    "alarm without TRIGGER": added(GOOD, "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", "END:VALARM"),
    "alarm in a CANCEL": added(
        CANCEL, "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT30M", "DESCRIPTION:x", "END:VALARM"
    ),
    "RDATE in the zone": replaced(GOOD, "TZNAME:CEST", "RDATE:20260329T020000\r\nTZNAME:CEST"),
    "COMMENT in the zone": replaced(GOOD, "TZID:Europe/Stockholm", "TZID:Europe/Stockholm\r\nCOMMENT:x"),
    "unquoted name": added(without(GOOD, "ORGANIZER"), "ORGANIZER;CN=Berg: Anna:mailto:a@example.se"),
    "event not closed": replaced(GOOD, "END:VEVENT\r\n", ""),
    "no VERSION": replaced(GOOD, "VERSION:2.0\r\n", ""),
    "no PRODID": replaced(GOOD, "PRODID:-//Kalender//Kallelse 1//SV\r\n", ""),
    "two events": replaced(GOOD, "END:VCALENDAR", "BEGIN:VEVENT\r\nUID:z\r\nEND:VEVENT\r\nEND:VCALENDAR"),
    "negative SEQUENCE": replaced(GOOD, "SEQUENCE:0", "SEQUENCE:-1"),
    "javascript link": replaced(GOOD, "URL:https:", "URL:javascript:"),
    "injected line": added(GOOD, "nonsense"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_each_broken_object_is_noticed(broken: bytes) -> None:
    assert referees(broken) != []


@pytest.mark.parametrize(
    "good",
    [GOOD, CANCEL, FILE, REPLY, build(uninvite())],
    ids=["request", "cancel", "file", "reply", "un-invite"],
)
def test_good_objects_raise_no_false_alarm(good: bytes) -> None:
    assert referees(good) == []


def test_neither_referee_would_do_alone() -> None:
    if not libical.available():
        pytest.skip("libical3 is not installed")
    lint = {name for name, data in BROKEN.items() if calendar_lint.problems(data)}
    tables = {name for name, data in BROKEN.items() if libical.problems(data)}
    assert lint - tables
    assert tables - lint
