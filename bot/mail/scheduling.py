"""Reads the calendar object inside an answer: line by line, only what an answer needs, nothing expanded.

Time zones, alarms and recurrences of a stranger's file are never computed: a rule that repeats every second
or an alarm that rings a billion times are lines that nobody looks at. `icalendar` reads the single lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from urllib.parse import unquote

from bot.calendar.ical import STOCKHOLM
from bot.mail.content_lines import BrokenCalendar, Line, line_of, properties, rows_of, unescaped
from bot.mail.zones import Zones
from domain.days import may_concern_a_case


@dataclass(frozen=True, slots=True)
class Attendee:
    """One ATTENDEE: bare lower-case addresses, PARTSTAT in upper case or empty."""

    address: str
    partstat: str
    delegated_to: str | None = None
    delegated_from: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What one VEVENT of an answer says; everything may be missing."""

    uid: str | None
    sequence: int | None
    stamp: datetime | None
    start: datetime | None
    end: datetime | None
    attendees: tuple[Attendee, ...] = field(repr=False)
    comment: str | None = field(repr=False)
    is_exception: bool


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """METHOD in upper case (empty when missing) and the events."""

    method: str
    events: tuple[Event, ...]


_WANTED: Final = frozenset(
    {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "DURATION", "ATTENDEE", "COMMENT", "RECURRENCE-ID"}
)
_LONGEST_TEXT: Final = 2000
_LARGEST_SEQUENCE: Final = 2**31 - 1
_EVENT: Final = ("VCALENDAR", "VEVENT")
_ZONE: Final = ("VCALENDAR", "VTIMEZONE")


def read_calendar(data: bytes, charset: str | None, *, max_lines: int) -> CalendarObject:
    """Reads one calendar object. `charset` is what the mail claims, used when the bytes are not UTF-8.

    Raises `BrokenCalendar` when there is no event, or too many lines, or a component ends that did not begin.
    """
    method = ""
    events: list[dict[str, list[Line]]] = []
    zones = Zones()
    for path, name, row in properties(rows_of(data, charset, max_lines)):
        if name == "BEGIN" and path == _EVENT:
            events.append({})
        elif path == _EVENT and name in _WANTED:
            line = line_of(row)
            if line is not None:
                events[-1].setdefault(name, []).append(line)
        elif path == ("VCALENDAR",) and name == "METHOD":
            method = row.partition(":")[2].strip().upper()
        elif path[:2] == _ZONE:
            zones.note(name, row.partition(":")[2].strip(), standard=path[2:] == ("STANDARD",))
    if not events:
        raise BrokenCalendar("no event")
    return CalendarObject(method, tuple(_event(found, zones) for found in events))


def _event(found: Mapping[str, list[Line]], zones: Zones) -> Event:
    def first(name: str) -> Line | None:
        lines = found.get(name)
        return lines[0] if lines else None

    start = _instant(first("DTSTART"), zones)
    uid = first("UID")
    comments = [_plain(line.value) for line in found.get("COMMENT", ())]
    return Event(
        uid=unescaped(uid.value).strip() or None if uid else None,
        sequence=_whole_number(first("SEQUENCE")),
        stamp=_instant(first("DTSTAMP"), zones),
        start=start,
        end=_instant(first("DTEND"), zones) or _after(start, first("DURATION")),
        attendees=tuple(_attendee(line) for line in found.get("ATTENDEE", ())),
        comment="\n".join(filter(None, comments))[:_LONGEST_TEXT] or None,
        is_exception="RECURRENCE-ID" in found,
    )


def _attendee(line: Line) -> Attendee:
    note = line.params.get("X-RESPONSE-COMMENT")
    return Attendee(
        address=_bare(line.value),
        partstat=line.params.get("PARTSTAT", "").strip().upper(),
        delegated_to=_bare(line.params.get("DELEGATED-TO", "")) or None,
        delegated_from=_bare(line.params.get("DELEGATED-FROM", "")) or None,
        note=_plain(note)[:_LONGEST_TEXT] or None if note else None,
    )


def _bare(address: str) -> str:
    """`MAILTO:Anna@Example.se` → `anna@example.se`."""
    stripped = address.strip().strip('"').strip("<>")
    if stripped[:7].lower() == "mailto:":
        stripped = stripped[7:]
    return unquote(stripped).strip().lower()[:320]


def _whole_number(line: Line | None) -> int | None:
    if line is None or not re.fullmatch(r"\s*[0-9]{1,10}\s*", line.value):
        return None
    return min(int(line.value), _LARGEST_SEQUENCE)


def _instant(line: Line | None, zones: Zones) -> datetime | None:
    """A date with time as an instant in UTC; None for whole days, unknown zones and what is no time.

    A time without any zone is taken as ours: every meeting is here. The year 1 or 9999 is no time either: no meeting is
    then, and it cannot be told in another zone.
    """
    if line is None:
        return None
    written = re.fullmatch(r"(\d{8}T\d{6})(Z?)", line.value.strip().upper())
    if written is None:
        return None
    zone: tzinfo | None = UTC
    if not written[2]:
        zone = zones.meant_by(line.params.get("TZID", STOCKHOLM))
    if zone is None:
        return None
    try:
        found = datetime.strptime(written[1], "%Y%m%dT%H%M%S").replace(tzinfo=zone)
        return found.astimezone(UTC) if may_concern_a_case(found.date()) else None
    except (ValueError, OverflowError):
        return None


_DURATION: Final = re.compile(r"\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?")


def _after(start: datetime | None, duration: Line | None) -> datetime | None:
    written = _DURATION.fullmatch(duration.value.strip().upper()) if duration else None
    if start is None or written is None:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in written.groups())
    try:
        return start + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _plain(value: str) -> str:
    """A TEXT value for people: escapes undone, control characters gone, blank edges cut."""
    return _UNSEEN.sub("", unescaped(value)).strip()
