"""What is asked of a mail before it is parsed: is it of a size and shape that parsing cannot run away with?

The parser of the standard library is quadratic in the length of a header line and in the depth of parts. All that
is here walks once through the bytes, whatever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.mail.addresses import TokenAddress, parse_address


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a mail is refused.

    In bytes: the mail, its calendar, a header line with its folds, all headers at the top, all headers of parts.
    In numbers: headers at the top, rows, parts, parts that hold parts, boundaries, lines of a calendar, hops.
    """

    mail: int = 1_000_000
    calendar: int = 100_000
    header_line: int = 8_192
    headers: int = 128_000
    part_headers: int = 64_000
    header_lines: int = 1_000
    rows: int = 40_000
    parts: int = 60
    nested: int = 12
    boundaries: int = 500
    lines: int = 2_000
    hops: int = 40


_ROW: Final = re.compile(rb"\r\n|\r|\n")
# The parser takes every row of this form for a header wherever it believes a part to begin.
_PART_HEADER: Final = re.compile(rb"content-[!-9;-~]{0,40}:", re.IGNORECASE)
_LOOKED_AT: Final = 128_000  # bytes from the top; the headers that count stand there
_LONGEST_LIST: Final = 8_192  # bytes of one list of addresses
_FOLDED: Final = (b" ", b"\t")
_DELIVERED_TO: Final = (b"delivered-to", b"x-original-to", b"envelope-to", b"x-envelope-to", b"to", b"cc")
_ADDRESS: Final = re.compile(rb"(?:svar|studs)\.[a-z2-7]{26}@[a-z0-9.-]{1,253}", re.IGNORECASE)


def is_too_much(data: bytes, limits: Limits) -> bool:
    """Whether the mail is beyond a limit, and so is not to be parsed."""
    if len(data) > limits.mail:
        return True
    lower = data.lower()
    rows = _ROW.split(lower)
    if lower.count(b"content-type") > limits.parts or len(rows) > limits.rows:
        return True
    top = [len(line) for line in _top(rows)]
    parts = [line for line in _logical(rows) if _PART_HEADER.match(line)]
    return (
        len(top) > limits.header_lines
        or sum(top) > limits.headers
        or sum(map(len, parts)) > limits.part_headers
        or max([*top, *map(len, parts)], default=0) > limits.header_line
        or sum(b"multipart/" in line for line in parts) > limits.nested
        or sum(row.startswith(b"--") for row in rows) > limits.boundaries
    )


def address_in(data: bytes, domain: str) -> TokenAddress | None:
    """Which of our token addresses the headers name; those that the last mail server wrote come first.

    For a mailbox, where the envelope is gone. Found without parsing the mail, so that a stranger's costs nothing.
    """
    found: dict[bytes, TokenAddress] = {}
    for line in _top(_ROW.split(data[:_LOOKED_AT])):
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        if name in _DELIVERED_TO and name not in found:
            for written in _ADDRESS.findall(value[:_LONGEST_LIST]):
                address = parse_address(written.decode("ascii"), domain)
                if address is not None:
                    found[name] = address
                    break
    return next((found[name] for name in _DELIVERED_TO if name in found), None)


def sender_in(data: bytes) -> str:
    """Who the last mail server says sent it (Return-Path), lower case; empty when nobody is named."""
    for line in _top(_ROW.split(data[:_LOOKED_AT])):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"return-path":
            return value[:320].decode("latin-1").strip(" <>\t").lower()
    return ""


def _top(rows: list[bytes]) -> Iterator[bytes]:
    """The headers at the top, each with its folds."""
    for line in _logical(rows):
        if not line.strip():
            return
        yield line


def _logical(rows: list[bytes]) -> Iterator[bytes]:
    """Rows with those that continue them (RFC 5322 2.2.3)."""
    pieces: list[bytes] = []
    for row in rows:
        if pieces and row.startswith(_FOLDED):
            pieces.append(row)
            continue
        if pieces:
            yield b"".join(pieces)
        pieces = [row]
    if pieces:
        yield b"".join(pieces)
