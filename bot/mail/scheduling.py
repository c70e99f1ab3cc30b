"""Reads the calendar object inside an answer: line by line, only what an answer needs, nothing expanded.

Time zones, alarms and recurrences of a stranger's file are never computed: a rule that repeats every second
or an alarm that rings a billion times are lines that nobody looks at. `icalendar` reads the single lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.calendar.ical import STOCKHOLM


class BrokenCalendar(ValueError):
    """The bytes are no calendar object that could be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One content line: its value as written and its parameters, names in upper case."""

    value: str
    params: Mapping[str, str]


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
_DEEPEST: Final = 8
_LONGEST_TEXT: Final = 2000
_LARGEST_SEQUENCE: Final = 2**31 - 1
_ROW_END: Final = re.compile(rb"\r\n|\r")
_FOLD: Final = re.compile(rb"\n[ \t]")
_MARKS: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_NAME: Final = re.compile(r"[A-Za-z0-9-]+")

_EVENT: Final = ("VCALENDAR", "VEVENT")
_ZONE: Final = ("VCALENDAR", "VTIMEZONE")


def read_calendar(data: bytes, charset: str | None, *, max_lines: int) -> CalendarObject:
    """Reads one calendar object. `charset` is what the mail claims, used when the bytes are not UTF-8.

    Raises `BrokenCalendar` when there is no event, or too many lines, or a component ends that did not begin.
    """
    method = ""
    events: list[dict[str, list[Line]]] = []
    zones = _Zones()
    for path, name, row in _properties(_rows(data, charset, max_lines)):
        if name == "BEGIN" and path == _EVENT:
            events.append({})
        elif path == _EVENT and name in _WANTED:
            line = _line(row)
            if line is not None:
                events[-1].setdefault(name, []).append(line)
        elif path == ("VCALENDAR",) and name == "METHOD":
            method = row.partition(":")[2].strip().upper()
        elif path[:2] == _ZONE:
            zones.note(name, row.partition(":")[2].strip(), standard=path[2:] == ("STANDARD",))
    if not events:
        raise BrokenCalendar("no event")
    return CalendarObject(method, tuple(_event(found, zones) for found in events))


def _rows(data: bytes, charset: str | None, max_lines: int) -> list[str]:
    data = _in_utf8(data, charset)
    data = _ROW_END.sub(b"\n", data)
    if data.count(b"\n") > max_lines:
        raise BrokenCalendar("too many lines")
    # Programs fold after so many bytes, even inside a character (RFC 5545 3.1): unfolded first, decoded then.
    return _decoded(_FOLD.sub(b"", data), charset).split("\n")


def _in_utf8(data: bytes, charset: str | None) -> bytes:
    """What is written in two bytes a character, in UTF-8; all else as it is. A byte order mark outranks the label."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace").encode()
    if (charset or "").lower().replace("_", "-").startswith("utf-16") and b"\0" in data:
        return data.decode("utf-16-be" if data.startswith(b"\0") else "utf-16-le", "replace").encode()
    return data


def _decoded(data: bytes, charset: str | None) -> str:
    """UTF-8 if it is UTF-8, whatever was claimed; else as claimed; else the one that maps every byte."""
    for name in ("utf-8-sig", charset or "", "cp1252"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _properties(rows: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Each line with the path of components it stands in and its upper-case name.

    A BEGIN comes with the path that it opens. Text around the calendar is passed over, and the end of the file ends
    whatever is still open: what was said until then was said.
    """
    path: tuple[str, ...] = ()
    for row in rows:
        found = _NAME.match(row)
        name = found[0].upper() if found else ""
        if name == "BEGIN":
            path = (*path, row.partition(":")[2].strip().upper())
            if len(path) > _DEEPEST:
                raise BrokenCalendar("components too deep")
        elif name == "END":
            if path[-1:] != (row.partition(":")[2].strip().upper(),):
                raise BrokenCalendar("a component ends that did not begin")
            path = path[:-1]
            continue
        if path:
            yield path, name, row


class _Zones:
    """Which zone a TZID means, without computing anything from a stranger's rules."""

    def __init__(self) -> None:
        self._named = ""
        self._standard: dict[str, str] = {}

    def note(self, name: str, value: str, *, standard: bool) -> None:
        """Takes in one line of a VTIMEZONE: its name, or the offset of its winter time."""
        if name == "TZID":
            self._named = _unescaped(value).strip('"')
        elif name == "TZOFFSETTO" and standard:
            self._standard[self._named] = value

    def meant_by(self, tzid: str) -> tzinfo | None:
        """The zone, or None when it cannot be told.

        Known names first, then Windows' names, then a path that ends in a known name; last, whatever has our
        winter time is taken for our zone: Exchange calls it by many names, in many languages.
        """
        wanted = tzid.strip().strip('"')
        tail = "/".join(wanted.split("/")[-2:])
        for name in (wanted, _windows_names().get(wanted, ""), tail):
            zone = _zone(name)
            if zone is not None:
                return zone
        return _zone(STOCKHOLM) if self._standard.get(wanted) == "+0100" else None


_ZONE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")


def _zone(name: str) -> ZoneInfo | None:
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _event(found: Mapping[str, list[Line]], zones: _Zones) -> Event:
    def first(name: str) -> Line | None:
        lines = found.get(name)
        return lines[0] if lines else None

    start = _instant(first("DTSTART"), zones)
    uid = first("UID")
    comments = [_plain(line.value) for line in found.get("COMMENT", ())]
    return Event(
        uid=_unescaped(uid.value).strip() or None if uid else None,
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


def _instant(line: Line | None, zones: _Zones) -> datetime | None:
    """A date with time as an instant in UTC; None for whole days, unknown zones and what is no time.

    A time without any zone is taken as ours: every meeting is here.
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
        return datetime.strptime(written[1], "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC)
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


def _line(row: str) -> Line | None:
    """A row as name, parameters and value; None when its grammar is broken: what it says is then missing."""
    from icalendar.parser import Contentline  # noqa: PLC0415 - costs a tenth of a second; not at start

    try:
        _, params, value = Contentline(row).raw_parts()  # type: ignore[no-untyped-call]
    except ValueError:
        return None
    return Line(value, {str(name).upper(): _one(found) for name, found in params.items()})


def _one(value: object) -> str:
    """A parameter's value, the first of several."""
    return str(value[0] if isinstance(value, (list, tuple)) and value else value)


def _windows_names() -> Mapping[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - as in _line

    return WINDOWS_TO_OLSON


_ESCAPE: Final = re.compile(r"\\(.)")


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _plain(value: str) -> str:
    """A TEXT value for people: escapes undone, control characters gone, blank edges cut."""
    return _UNSEEN.sub("", _unescaped(value)).strip()
