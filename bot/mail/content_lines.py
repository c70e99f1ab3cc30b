"""The content lines of a stranger's calendar file (RFC 5545 3.1): bytes to rows, rows to names and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from domain.text.outside import writable

_DEEPEST: Final = 8
_ROW_END: Final = re.compile(rb"\r\n|\r")
_FOLD: Final = re.compile(rb"\n[ \t]")
_MARKS: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_NAME: Final = re.compile(r"[A-Za-z0-9-]+")


class BrokenCalendar(ValueError):
    """The bytes are no calendar object that could be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """One content line: its value as written and its parameters, names in upper case."""

    value: str
    params: Mapping[str, str]


def rows_of(data: bytes, charset: str | None, max_lines: int) -> list[str]:
    """Return the rows of a file, folded ones joined. Raises `BrokenCalendar` when they are too many."""
    data = _in_utf8(data, charset)
    data = _ROW_END.sub(b"\n", data)
    if data.count(b"\n") > max_lines:
        raise BrokenCalendar("too many lines")
    # Programs fold after so many bytes, even inside a character (RFC 5545 3.1): unfolded first, decoded then.
    return str(writable(_decoded(_FOLD.sub(b"", data), charset))).split("\n")


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


def properties(rows: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str, str]]:
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


def line_of(row: str) -> Line | None:
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


_ESCAPE: Final = re.compile(r"\\(.)")


def unescaped(value: str) -> str:
    """Undo the escapes of a TEXT value (RFC 5545 3.3.11)."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
