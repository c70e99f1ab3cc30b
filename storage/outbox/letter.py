"""Letters: what is to be said at an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Final, TypeAlias

import msgspec

from storage.encryption.address_seal import AddressReading
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.schema.tables import outbox
from storage.sql.instants import instant, instant_or_none, micros, micros_or_never
from storage.sql.link import Row

Argument: TypeAlias = str | int | bool | list[str] | None


class Rank(IntEnum):
    """How urgent a letter is. The lower goes first; one that waits for its time holds up nobody."""

    URGENT = 0  # must go now: recalls, withdrawals of consent
    ANSWER = 1  # somebody waits for it
    CHANGE = 2
    REMINDER = 3


# Somebody waits in front of the screen, or must hear at once.
URGENT_RANKS: Final = (Rank.URGENT, Rank.ANSWER)

_ARGS = msgspec.json.Decoder(dict[str, Argument])


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be said at one address.

    `key` is unique: a letter whose key is known is not put again. `address` is the text of a `domain.address.Address`
    (`mail:anna@example.se`); `what` names the composer, `args` what it needs (kept encrypted), `code` the case or "".
    It waits until `not_before`, and is dropped unsent after `expires_at`.
    """

    key: str
    address: str
    what: str
    args: Mapping[str, Argument] = field(default_factory=dict)
    code: str = ""
    rank: Rank = Rank.ANSWER
    not_before: datetime | None = None
    expires_at: datetime | None = None


class LetterState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A letter that could not be delivered, and why."""

    id: int
    letter: Letter
    why: str
    attempts: int
    died_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter of a case as it is kept. The args of sent and dropped letters are not.

    `uncertain`: an attempt may have arrived without anybody telling.
    """

    letter: Letter
    state: LetterState
    why: str
    attempts: int
    put_at: datetime
    settled_at: datetime | None
    receipt: str
    uncertain: bool = False


# The columns that make a letter, in the order that `opened` takes them.
COLUMNS: Final = tuple(
    outbox.c[name] for name in ("key", "address", "what", "args", "code", "rank", "not_before", "expires_at")
)


def place_of_args(key: str, address: str, what: object, code: object, rank: object) -> str:
    """Return the AAD that a letter's args are bound to: all of it that never changes.

    Who writes the database can neither send it elsewhere nor make it another letter.
    """
    return f"letter|{what}|{code}|{rank}|{key}|{address}"


def opened(keyring: Keyring, addresses: AddressReading, row: Row) -> Letter:
    """Return the letter of a row whose first columns are `COLUMNS`.

    Raises:
        Undecipherable: something of it was changed.
    """
    sealed_key, sealed_address, what, args, code, rank, not_before, expires_at = row[: len(COLUMNS)]
    key, address = addresses.open(sealed_key), addresses.open(sealed_address)
    # Where it goes is asked of the case in the column: under another one a protected case would be told where that
    # may be.
    sealed = keyring.open(args, place_of_args(key, address, what, code, rank)) if args else b""
    try:
        plain = _ARGS.decode(sealed) if sealed else {}
        return Letter(key, address, what, plain, code, Rank(rank), instant(not_before), instant_or_none(expires_at))
    except (ValueError, OverflowError):
        # A rank or an instant that is none, which only somebody can have written who goes round the bot.
        raise Undecipherable("keys.damaged") from None


def unopened(row: Row) -> Letter:
    """Return what is known of the letter of a row that cannot be opened: for lists that must not lack it."""
    _, _, what, _, code, *_ = row
    return Letter("", "", what, code=code)


def row_of(keyring: Keyring, addresses: AddressReading, letter: Letter, now: int) -> dict[str, Any]:
    """Return the row of a letter that is put now.

    Raises:
        ValueError: there is no such rank.
    """
    not_before = now if letter.not_before is None else micros(letter.not_before)
    args, rank = msgspec.json.encode(letter.args) if letter.args else b"", int(Rank(letter.rank))
    place = place_of_args(letter.key, letter.address, letter.what, letter.code, rank)
    return {
        "key": addresses.seal(letter.key),
        "address": addresses.seal(letter.address),
        "what": letter.what,
        "code": letter.code,
        "rank": rank,
        "state": "waiting",
        "put_at": now,
        "not_before": not_before,
        "next_at": not_before,
        "expires_at": micros_or_never(letter.expires_at),
        "attempts": 0,
        "first_tried_at": None,
        "uncertain": 0,
        "holder": "",
        "why": "",
        "receipt": "",
        "settled_at": None,
        "args": keyring.seal(args, place) if args else b"",
    }
