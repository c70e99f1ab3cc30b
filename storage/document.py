"""How a case is written into its document, and how documents that older versions wrote are read.

A document says which format it has. One of an older format is brought up to date when it is read, and written in the
newest the next time its case is saved: so a database of any size is upgraded at once, and nothing has to be deciphered
for it. What version 0.1 wrote has no format of its own and counts as the first.

A document is deflated before it is encrypted: it names every field of every meeting, and is a fifth of its size
without these words. One that was written plain is read as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from domain.case import Case
from domain.reminders.kinds import current_key

NEWEST: Final = 2

_HEAD: Final = f'{{"format":{NEWEST},"case":'.encode()
_TAIL: Final = b"}"
# With this byte begins what zlib writes (RFC 1950, section 2.2: deflate, a window of 32 kB); JSON begins with a brace.
_DEFLATED: Final = b"\x78"
# Bytes, far beyond any case: a few kilobytes can be made to inflate to as much as the machine has.
_LONGEST: Final = 16 * 1024 * 1024


class _Document(msgspec.Struct):
    format: int
    case: msgspec.Raw


# Made before any thread reads, for msgspec shows the others what it has learnt of a type by half.
_DOCUMENT: Final = msgspec.json.Decoder(_Document)


@dataclass(frozen=True, slots=True)
class CaseFormat:
    """How cases are written and read: msgspec's JSON of a frozen dataclass with `code`, `version` and `opened_at`."""

    encoder: msgspec.json.Encoder
    decoder: msgspec.json.Decoder[Any]
    case_type: type

    @classmethod
    def of(cls, case_type: type = Case) -> CaseFormat:
        """Make the format for a type of case."""
        return cls(msgspec.json.Encoder(), msgspec.json.Decoder(case_type), case_type)

    def encode(self, case: Any) -> bytes:
        """Return a case as a document of the newest format."""
        return zlib.compress(_HEAD + self.encoder.encode(case) + _TAIL)

    def decode(self, document: bytes) -> Any:
        """Return the case in a document of any format.

        Raises:
            msgspec.ValidationError: the document says what no case can be.
        """
        if document.startswith(_DEFLATED):
            document = _inflated(document)
        if document.startswith(_HEAD):
            return self.decoder.decode(memoryview(document)[len(_HEAD) : -len(_TAIL)])
        found = _opened(document)
        for step in range(found.format, NEWEST):
            found.case = msgspec.Raw(msgspec.json.encode(_UPGRADES[step](msgspec.json.decode(found.case))))
        return self.decoder.decode(found.case)


def _inflated(document: bytes) -> bytes:
    """Return a deflated document as it was written.

    Raises:
        msgspec.ValidationError: it is not whole, or longer than any can be.
    """
    inflate = zlib.decompressobj()
    try:
        found = inflate.decompress(document, _LONGEST)
    except zlib.error:
        # What zlib says of it tells nothing more.
        raise msgspec.ValidationError("the document is not whole") from None
    if not inflate.eof or inflate.unused_data:
        raise msgspec.ValidationError("the document is not whole, or longer than any can be")
    return found


def _opened(document: bytes) -> _Document:
    if not document.startswith(b'{"format":'):
        return _Document(1, msgspec.Raw(document))
    found = _DOCUMENT.decode(document)
    if not 1 <= found.format <= NEWEST:
        raise msgspec.ValidationError(f"the document has the format {found.format} of a newer version")
    return found


def _second(case: dict[str, Any]) -> dict[str, Any]:
    """Rename a meeting's `minutes` and `protocol`, a consent's `form`, and the kinds of reminders."""
    return {
        **case,
        "meetings": [_renamed(meeting, {"minutes": "length", "protocol": "report"}) for meeting in case["meetings"]],
        "consents": [_renamed(consent, {"form": "expression"}) for consent in case["consents"]],
        "fired": [current_key(key) for key in case["fired"]],
        "snoozes": {current_key(group): snooze for group, snooze in case["snoozes"].items()},
    }


def _renamed(thing: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in thing.items()}


# From each format to the one after it.
_UPGRADES: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {1: _second}
