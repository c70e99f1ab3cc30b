"""A lint for calendar objects we send: what parsers forgive and clients do not.

Bytes and folding (RFC 5545 3.1), escaping (3.3.11), the words allowed in parameters, times and zones, alarms, and
the limits that Outlook sets to a VTIMEZONE. Which property must be there is libical's part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

ENUMS = {
    "METHOD": {"REQUEST", "CANCEL", "REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER", "PUBLISH", "ADD"},
    "CLASS": {"PUBLIC", "PRIVATE", "CONFIDENTIAL"},
    "STATUS": {"TENTATIVE", "CONFIRMED", "CANCELLED"},
    "TRANSP": {"OPAQUE", "TRANSPARENT"},
    "VERSION": {"2.0"},
}
PARAMETER_ENUMS = {
    "PARTSTAT": {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"},
    "ROLE": {"CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT"},
    "RSVP": {"TRUE", "FALSE"},
    "CUTYPE": {"INDIVIDUAL", "GROUP", "RESOURCE", "ROOM", "UNKNOWN"},
}
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "UID", "PRODID", "NAME", "X-WR-CALNAME"}
ONCE_IN_EVENT = {"UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "LOCATION", "STATUS", "CLASS", "ORGANIZER", "URL"}
IN_ZONE = {"TZID", "LAST-MODIFIED", "TZURL"}
IN_OBSERVANCE = {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "RRULE"}

_LINE = re.compile(
    r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x1f\x7f]*))*):(.*)', re.DOTALL
)
_PARAMETER = re.compile(r';([A-Z0-9-]+)=(?:"([^"]*)"|([^";:,]*))')
_LOCAL = re.compile(r"\d{8}T\d{6}")
_UTC = re.compile(r"\d{8}T\d{6}Z")
_ESCAPE = re.compile(r"\\[\\;,nN]")
_UNESCAPED = re.compile(r"[;,\\]")
_MAILTO = re.compile(r"mailto:[^\s@:;,<>\"]+@[A-Za-z0-9.-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def problems(data: bytes) -> list[str]:
    """What is wrong with one calendar object; empty when nothing."""
    found = list(_bytes(data))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [*found, "not UTF-8"]
    rows = text.replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")
    lines: list[tuple[tuple[str, ...], str, dict[str, str], str]] = []
    path: tuple[str, ...] = ()
    for row in rows[:-1]:
        line = _LINE.fullmatch(row)
        if line is None:
            found.append(f"not a content line: {row[:40]!r}")
            continue
        name, value = line[1], line[3]
        parameters = {part[1]: part[2] if part[2] is not None else part[3] for part in _PARAMETER.finditer(line[2])}
        if name == "BEGIN":
            path = (*path, value)
            lines.append((path, "BEGIN", {}, value))
        elif name == "END":
            if path[-1:] != (value,):
                found.append(f"END:{value} does not close what is open")
            path = path[:-1]
        else:
            lines.append((path, name, parameters, value))
    if path:
        found.append(f"{path[-1]} is not closed")
    for check in (_words, _texts, _addresses, _times, _counts, _alarms, _zones):
        found += check(lines)
    return found


Lines = list[tuple[tuple[str, ...], str, dict[str, str], str]]
Check = Callable[[Lines], Iterator[str]]


def _bytes(data: bytes) -> Iterator[str]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield "starts with a byte order mark"
    if not data.endswith(b"\r\n"):
        yield "does not end with CR LF"
    bare = data.replace(b"\r\n", b"")
    if b"\n" in bare or b"\r" in bare:
        yield "a bare CR or LF"
    for row in data.split(b"\r\n"):
        if len(row) > 75:
            yield f"a row of {len(row)} octets"
        try:
            row.decode("utf-8")
        except UnicodeDecodeError:
            yield "a fold cuts a character"
    if re.search(rb"(?<!\\)(?:\\\\)*\\\r\n[ \t]", data):
        yield "a fold cuts an escape"
    if not data.startswith(b"BEGIN:VCALENDAR\r\n") or b"\r\n\r\n" in data:
        yield "does not begin with BEGIN:VCALENDAR, or has an empty line"


def _words(lines: Lines) -> Iterator[str]:
    for _, name, parameters, value in lines:
        if name in ENUMS and value not in ENUMS[name]:
            yield f"{name}:{value} is no such word"
        for parameter, given in parameters.items():
            if parameter in PARAMETER_ENUMS and given not in PARAMETER_ENUMS[parameter]:
                yield f"{parameter}={given} is no such word"


def _texts(lines: Lines) -> Iterator[str]:
    for _, name, _, value in lines:
        if name in TEXTS and _UNESCAPED.search(_ESCAPE.sub("", value)):
            yield f"{name} has an unescaped character"
        if _CONTROL.search(value):
            yield f"{name} has a control character"
        if name == "SEQUENCE" and not re.fullmatch(r"\d{1,9}", value):
            yield "SEQUENCE is no number"
        if name == "URL" and not re.fullmatch(r"https?://[!-~]+", value):
            yield "URL is no ASCII web address"


def _addresses(lines: Lines) -> Iterator[str]:
    for path, name, _, value in lines:
        if name in ("ATTENDEE", "ORGANIZER") and path[-1:] != ("VALARM",) and not _MAILTO.fullmatch(value):
            yield f"{name} is no mailto address"


def _times(lines: Lines) -> Iterator[str]:
    zones = {value for path, name, _, value in lines if name == "TZID" and path[-1:] == ("VTIMEZONE",)}
    start = end = ""
    for path, name, parameters, value in lines:
        if name in ("DTSTAMP", "CREATED", "LAST-MODIFIED") and not _UTC.fullmatch(value):
            yield f"{name} is not in UTC"
        if path[-1:] != ("VEVENT",) or name not in ("DTSTART", "DTEND"):
            continue
        zone = parameters.get("TZID")
        if zone is None and not _UTC.fullmatch(value):
            yield f"{name} floats"
        if zone is not None and not _LOCAL.fullmatch(value):
            yield f"{name} has a zone and is not local"
        if zone is not None and zone not in zones:
            yield f"{zone} is not described"
        start, end = (value, end) if name == "DTSTART" else (start, value)
    if start and end and start.endswith("Z") == end.endswith("Z") and end <= start:
        yield "ends before it starts"


def _counts(lines: Lines) -> Iterator[str]:
    events = [path for path, name, _, _ in lines if name == "BEGIN" and path[-1] == "VEVENT"]
    methods = [value for path, name, _, value in lines if name == "METHOD" and path == ("VCALENDAR",)]
    if methods and len(events) != 1:
        yield "an invitation is about one event"
    if len(events) == 1:
        names = [name for path, name, _, _ in lines if path == ("VCALENDAR", "VEVENT")]
        for name in ONCE_IN_EVENT:
            if names.count(name) > 1:
                yield f"{name} twice"
        if "DTEND" in names and "DURATION" in names:
            yield "DTEND and DURATION"
    cancelled = ("STATUS", "CANCELLED") in [(name, value) for _, name, _, value in lines]
    if methods == ["REQUEST"] and cancelled:
        yield "a REQUEST does not cancel"
    confirmed = any(name == "STATUS" and value != "CANCELLED" for _, name, _, value in lines)
    if methods == ["CANCEL"] and confirmed:
        yield "a CANCEL does not confirm"
    for name in ("VERSION", "PRODID"):
        if [found for path, found, _, _ in lines if path == ("VCALENDAR",)].count(name) != 1:
            yield f"{name} must stand once"


def _alarms(lines: Lines) -> Iterator[str]:
    alarms = [path for path, name, _, _ in lines if name == "BEGIN" and path[-1] == "VALARM"]
    names = {name for path, name, _, _ in lines if path[-1:] == ("VALARM",)}
    if alarms and not {"ACTION", "TRIGGER"} <= names:
        yield "an alarm without ACTION or TRIGGER"
    if alarms and any(name == "METHOD" and value == "CANCEL" for _, name, _, value in lines):
        yield "an alarm in a CANCEL"


def _zones(lines: Lines) -> Iterator[str]:
    for path, name, _, _ in lines:
        if name == "BEGIN":
            continue
        if path[-1:] == ("VTIMEZONE",) and name not in IN_ZONE:
            yield f"{name} in a VTIMEZONE"
        if path[-1:] in (("STANDARD",), ("DAYLIGHT",)) and name not in IN_OBSERVANCE:
            yield f"{name} in a VTIMEZONE, which Outlook does not read"
