"""Rotation of SIPBOT_SECRET_KEYS: a new key goes first, this wraps everything with it, then an old key may go.

The journal keeps naming the key that its rows were written under: it can be proved only as long as that key is on the
ring, if only as a retired one (`verify:` before it), which proves rows and opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from storage.engine.database import Database
from storage.transaction import Transaction

_PATIENCE = 60.0  # seconds for one step


@dataclass(frozen=True, slots=True)
class Rotated:
    """How much an older key had wrapped."""

    case_keys: int
    letters: int


def rotate(database: Database, *, at_a_time: int = 500) -> Rotated:
    """Wrap all case keys and waiting letters with the newest key. May be stopped at any time and begun again.

    Raises:
        Undecipherable: something is wrapped by a key that is not on the ring.
    """
    case_keys = letters = 0
    database.write(lambda tx: tx.rewrap.address_key()).result(_PATIENCE)
    code: str | None = ""
    while code is not None:
        count, code = database.write(partial(_case_keys, code, at_a_time)).result(_PATIENCE)
        case_keys += count
    number: int | None = 0
    while number is not None:
        count, number = database.write(partial(_letters, number, at_a_time)).result(_PATIENCE)
        letters += count
    chain: str | None = None
    while True:
        _, chain = database.write(partial(_heads, chain, at_a_time)).result(_PATIENCE)
        if chain is None:
            break
    database.write(lambda tx: tx.seal_directory()).result(_PATIENCE)
    database.write(lambda tx: tx.figures.seal()).result(_PATIENCE)
    return Rotated(case_keys, letters)


def _heads(after: str | None, at_a_time: int, tx: Transaction) -> tuple[int, str | None]:
    return tx.rewrap.heads(after, at_a_time)


def _case_keys(after: str, at_a_time: int, tx: Transaction) -> tuple[int, str | None]:
    return tx.rewrap.case_keys(after, at_a_time)


def _letters(after: int, at_a_time: int, tx: Transaction) -> tuple[int, int | None]:
    return tx.rewrap.letters(after, at_a_time)
