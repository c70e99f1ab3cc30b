"""Writes iCalendar objects (RFC 5545) as bytes, by hand.

An invite is a fixed template with few blanks: quicker than a general library, equal bytes for equal input.

Tests hold every object against libical's iTIP tables, a lint of our own and a general parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from domain.calendar.invites import Invite
from domain.text.mail_address import normal_address

PRODUCT: Final = "-//Kalender//Kallelse 1//SV"
"""PRODID. Neutral like everything else in the object: it may be read in an open calendar."""

STOCKHOLM: Final = "Europe/Stockholm"

VTIMEZONE: Final = (
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Stockholm",
    "BEGIN:DAYLIGHT",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "TZNAME:CEST",
    "DTSTART:19700329T020000",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    "END:DAYLIGHT",
    "BEGIN:STANDARD",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "TZNAME:CET",
    "DTSTART:19701025T030000",
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "END:STANDARD",
    "END:VTIMEZONE",
)
"""Rules, not lists of dates: Outlook reads only TZID, DTSTART, RRULE and the two offsets of a VTIMEZONE."""

_ROLES: Final = {"chair": "CHAIR", "required": "REQ-PARTICIPANT"}


def build_invite(invite: Invite, *, summary: str, description: str, organizer: str = "", private: bool = True) -> bytes:
    """The calendar object of one attendee, or of the file in chat (PUBLISH).

    `summary` (the bare case code when empty) and `description` are the words people read; a CANCEL carries
    the summary alone, so that nothing else lingers in calendars. `organizer` is the display name beside
    ORGANIZER. `private` sets CLASS:PRIVATE: a hint that Outlook heeds, never protection.

    Raises `Invalid` for an address and ValueError for a link that no calendar object can carry.
    """
    return calendar_bytes([f"METHOD:{invite.method}"], _event(invite, summary, description, organizer, private=private))


def _event(invite: Invite, summary: str, description: str, organizer: str, *, private: bool) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{text(invite.uid)}"
    yield f"DTSTAMP:{utc(invite.stamp)}"
    yield f"SEQUENCE:{invite.sequence}"
    yield from span(invite.start, invite.length)
    yield f"SUMMARY:{text(summary) or text(invite.summary_code)}"
    if invite.method != "CANCEL" and not invite.whole_event_cancelled:
        yield from _details(invite, description)
        yield "STATUS:CONFIRMED"
        yield "TRANSP:OPAQUE"
    elif invite.whole_event_cancelled:
        yield "STATUS:CANCELLED"
    if private:
        yield "CLASS:PRIVATE"
    yield f"ORGANIZER{_name(organizer)}:{mailto(invite.organizer_address)}"
    if invite.attendee_address is not None:
        yield _attendee(invite, invite.attendee_address)
    yield "END:VEVENT"


def _details(invite: Invite, description: str) -> Iterator[str]:
    link = web_address(invite.link) if invite.link else None
    if link and link not in description:
        description = f"{description}\n{link}" if description else link
    place = text(invite.place or "") or text(link or "")
    if text(description):
        yield f"DESCRIPTION:{text(description)}"
    if place:
        yield f"LOCATION:{place}"
    if link:
        yield f"URL:{link}"


def _attendee(invite: Invite, address: str) -> str:
    params = f";CUTYPE=INDIVIDUAL;ROLE={_ROLES[invite.role]}"
    if invite.method == "REQUEST":
        params += f";PARTSTAT={invite.reply.value};RSVP=TRUE"
    return f"ATTENDEE{params}{_name(invite.attendee_name or '')}:{mailto(address)}"


def calendar_bytes(head: Iterable[str], body: Iterable[str]) -> bytes:
    """Wraps finished, unfolded lines in a VCALENDAR with the time zone, folded and ended with CRLF."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        *head,
        *VTIMEZONE,
        *body,
        "END:VCALENDAR",
        "",
    ]
    return b"\r\n".join(fold(line) for line in lines)


def span(start: datetime, minutes: int) -> tuple[str, str]:
    """DTSTART and DTEND: local time with TZID, so that 09:00 stays 09:00.

    Both in UTC where local time cannot say it plainly: in other zones than the one we describe, and in the hour that
    comes twice or not at all when the clocks change.
    """
    end = (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(start.tzinfo)
    if _plainly_local(start) and _plainly_local(end):
        return f"DTSTART{_local(start)}", f"DTEND{_local(end)}"
    return f"DTSTART:{utc(start)}", f"DTEND:{utc(end)}"


def _local(instant: datetime) -> str:
    return f";TZID={STOCKHOLM}:{instant:%Y%m%dT%H%M%S}"


def _plainly_local(instant: datetime) -> bool:
    zone = instant.tzinfo
    described = isinstance(zone, ZoneInfo) and zone.key == STOCKHOLM
    return described and instant.replace(fold=0).utcoffset() == instant.replace(fold=1).utcoffset()


def utc(instant: datetime) -> str:
    """An instant as iCalendar's UTC form, to the second."""
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


_BREAKS = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def text(value: str) -> str:
    """A TEXT value (RFC 5545 3.3.11): all line ends become one escape, control characters and edges go."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", value)).strip().translate(_ESCAPED)


_NOT_IN_NAME = re.compile('["^\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')


def display_name(value: str) -> str:
    """A person's name as it may stand in CN and in mail headers, possibly empty.

    Quotes and carets would need RFC 6868, which older clients show raw, and readers differ on backslashes;
    control characters and those that turn the writing direction have no business in a name.
    """
    return " ".join(_NOT_IN_NAME.sub(" ", value).split())


def _name(value: str) -> str:
    shown = display_name(value)
    return f';CN="{shown}"' if shown else ""


def mailto(address: str) -> str:
    """A CAL-ADDRESS: characters with a meaning in addresses of the web are escaped (RFC 6068)."""
    return "mailto:" + quote(normal_address(address), safe="@!$&'*+-/=^_`{|}~.")


def web_address(link: str) -> str:
    """An http(s) link as a URI of ASCII characters. Raises ValueError for anything else."""
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.netloc or re.search(r"[\s\x00-\x1f\x7f<>\"]", link):
        raise ValueError("a link in an invite is an http(s) address without blanks")
    return quote(link, safe="%/:=&?~#+!$,;'@()*[]-._")


_ROW: Final = 75  # octets, without the line end; a continuation spends one of them on its leading blank
_CONTINUES: Final = 0x80  # a byte whose two highest bits are 10 goes on with a UTF-8 character


def fold(line: str) -> bytes:
    """One content line as bytes of at most 75 octets a row (RFC 5545 3.1).

    Never cut inside a UTF-8 character, nor between a backslash and what it escapes: some readers undo
    escapes row by row.
    """
    data = line.encode("utf-8")
    if len(data) <= _ROW:
        return data
    rows = []
    at, room = 0, _ROW
    while len(data) - at > room:
        end = at + room
        while data[end] & 0xC0 == _CONTINUES:
            end -= 1
        if (end - len(data[at:end].rstrip(b"\\")) - at) % 2:
            end -= 1
        rows.append(data[at:end])
        at, room = end, _ROW - 1
    rows.append(data[at:])
    return b"\r\n ".join(rows)
