"""Wrapping anew, with the newest key, what an older key of the ring had wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import bindparam, literal_column, or_, select, update

from storage.encryption.address_seal import AddressKeeping
from storage.encryption.case_keys import place_of_key
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.journal import seal_of_head
from storage.outbox.letter import place_of_args
from storage.schema.tables import case_key, chain, outbox
from storage.sql.link import Link
from storage.sql.statement import Statement

_KEYS = Statement(
    select(case_key.c.code, case_key.c.wrapped)
    .where(case_key.c.code > bindparam("after"))
    .order_by(case_key.c.code)
    .limit(bindparam("limit"))
    .with_for_update()
)
_SET_KEY = Statement(update(case_key).values(wrapped=bindparam("wrapped")).where(case_key.c.code == bindparam("of")))
_LETTERS = Statement(
    select(*(outbox.c[name] for name in ("id", "args", "key", "address", "what", "code", "rank")))
    .where(outbox.c.id > bindparam("after"), literal_column("length(outbox.args) > 0"))
    .order_by(outbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update()
)
_SET_ARGS = Statement(update(outbox).values(args=bindparam("args")).where(outbox.c.id == bindparam("letter")))

_HEADS = Statement(
    select(*(chain.c[name] for name in ("code", "seq", "head", "version", "document", "key_id", "seal")))
    .where(or_(chain.c.code > bindparam("after"), bindparam("first", type_=chain.c.seq.type) == 1))
    .order_by(chain.c.code)
    .limit(bindparam("limit"))
    .with_for_update()
)
_SET_SEAL = Statement(
    update(chain).values(key_id=bindparam("key_id"), seal=bindparam("seal")).where(chain.c.code == bindparam("of"))
)


@contextmanager
def passing_over_damaged() -> Iterator[None]:
    """Let what was changed stay as it is: it cannot be opened, and must not keep all else from the newest key.

    Raises:
        Undecipherable: it was not changed, but wrapped by a key that is not on the ring.
    """
    try:
        yield
    except Undecipherable as wrong:
        if wrong.key != "keys.damaged":
            raise


class Rewrap:
    """One step at a time, so that others can write between them."""

    def __init__(self, link: Link, keyring: Keyring, addresses: AddressKeeping) -> None:
        self._link = link
        self._keyring = keyring
        self._addresses = addresses

    def address_key(self) -> None:
        """Wrap the key of the addresses; they are kept as the same texts as before."""
        self._addresses.wrap_anew()

    def case_keys(self, after: str, limit: int) -> tuple[int, str | None]:
        """Wrap the next case keys; return how many were old, and the last code looked at (none: that was all)."""
        rows = self._link.rows(_KEYS, after=after, limit=limit)
        anew = []
        for code, wrapped in rows:
            if self._keyring.needs_rotation(wrapped):
                with passing_over_damaged():
                    anew.append({"of": code, "wrapped": self._again(wrapped, place_of_key(code))})
        self._link.run_each(_SET_KEY, anew)
        return len(anew), rows[-1][0] if len(rows) == limit else None

    def letters(self, after: int, limit: int) -> tuple[int, int | None]:
        """Encrypt the next letters' args anew; return as `case_keys` does, with the last id."""
        rows = self._link.rows(_LETTERS, after=after, limit=limit)
        anew = []
        for number, args, key, address, *rest in rows:
            if self._keyring.needs_rotation(args):
                with passing_over_damaged():
                    place = place_of_args(self._addresses.open(key), self._addresses.open(address), *rest)
                    anew.append({"letter": number, "args": self._again(args, place)})
        self._link.run_each(_SET_ARGS, anew)
        return len(anew), rows[-1][0] if len(rows) == limit else None

    def heads(self, after: str | None, limit: int) -> tuple[int, str | None]:
        """Seal the next heads of chains anew, each once its present seal is proved; return as `case_keys` does.

        From then on an older key proves rows alone, and cannot cut or rewrite the end of a chain.

        Raises:
            Undecipherable: a head is not what was written (`journal.broken`).
        """
        rows = self._link.rows(_HEADS, after="" if after is None else after, first=int(after is None), limit=limit)
        anew = []
        for code, *head, key_id, seal in rows:
            if seal_of_head(self._keyring, code, tuple(head), key_id) != seal:
                raise Undecipherable("journal.broken", {"code": code})
            if key_id != self._keyring.newest:
                newest = self._keyring.newest
                fresh = seal_of_head(self._keyring, code, tuple(head), newest)
                anew.append({"of": code, "key_id": newest, "seal": fresh})
        self._link.run_each(_SET_SEAL, anew)
        return len(anew), rows[-1][0] if len(rows) == limit else None

    def _again(self, blob: bytes, place: str) -> bytes:
        return self._keyring.seal(self._keyring.open(blob, place), place)
