"""Proof that the journal is whole: every chain walked, every head compared, every case accounted for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Final

import msgspec
from sqlalchemy import and_, bindparam, not_, select, tuple_

from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.journal import COLUMNS, ERASED, OPENED, SYSTEM, SavedDocument, mac_of_row, seal_of_head
from storage.proof import PROOF, is_proven
from storage.schema.tables import case_, case_key, chain, journal
from storage.sql.instants import micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement

_CODE, _SEQ, _KEY, _MAC = 0, 1, -2, -1
_LAST: Final = "\U0010ffff"  # sorts after every code
_NEXT: Final = "\x01"  # makes of a code the one right after it

_LIMIT = bindparam("limit", type_=journal.c.seq.type)
_PAGE = Statement(
    select(*COLUMNS)
    .where(tuple_(journal.c.code, journal.c.seq) > tuple_(bindparam("code"), bindparam("seq")))
    .order_by(journal.c.code, journal.c.seq)
    .limit(_LIMIT)
)
_HEADS = Statement(
    select(
        *(chain.c[name] for name in ("code", "seq", "head", "version", "document", "key_id", "seal")),
    ).where(and_(chain.c.code >= bindparam("first"), chain.c.code <= bindparam("last")))
)
_CHAIN_GONE = Statement(
    select(journal.c.after).where(
        journal.c.code == SYSTEM,
        journal.c.action == OPENED,
        not_(select(chain.c.code).where(chain.c.code == journal.c.after).exists()),
    )
)
_CASE_GONE = Statement(
    select(chain.c.code).where(
        chain.c.code != SYSTEM,
        not_(select(case_.c.code).where(case_.c.code == chain.c.code).exists()),
        not_(select(journal.c.seq).where(journal.c.code == chain.c.code, journal.c.action == ERASED).exists()),
    )
)
_KEY_GONE = Statement(
    select(case_.c.code).where(not_(select(case_key.c.code).where(case_key.c.code == case_.c.code).exists()))
)
_DOCUMENTS = Statement(
    select(case_.c.code, case_.c.version, case_.c.document, *PROOF)
    .select_from(case_.outerjoin(chain, chain.c.code == case_.c.code))
    .where(case_.c.code > bindparam("after"))
    .order_by(case_.c.code)
    .limit(_LIMIT)
)
_later = journal.alias("later")
_LAST_ROWS = Statement(
    select(journal.c.code, journal.c.seq, journal.c.mac)
    .where(
        journal.c.code >= bindparam("first"),
        journal.c.at <= bindparam("until"),
        not_(
            select(_later.c.seq)
            .where(_later.c.code == journal.c.code, _later.c.seq > journal.c.seq, _later.c.at <= bindparam("until"))
            .exists()
        ),
    )
    .order_by(journal.c.code)
    .limit(_LIMIT)
)


class Fault(StrEnum):
    """What is wrong with a chain."""

    CHANGED = "changed"  # this row is not what was written here
    REMOVED = "removed"  # rows are missing before this one
    CUT = "cut"  # the last rows are missing
    ADDED = "added"  # there are rows after the last that was written
    HEAD = "head"  # the chain's head is not what was written, or is gone
    CASE_GONE = "case_gone"  # the case, its key or its whole chain is gone and was not erased by the bot
    ROLLED_BACK = "rolled_back"  # the case's document is not the one that was saved last
    KEY_UNKNOWN = "key_unknown"  # written under a key that is not among SIPBOT_SECRET_KEYS, so it proves nothing


@dataclass(frozen=True, slots=True)
class Break:
    """One broken link: in which chain ("" is the system's own), at which row, and how."""

    code: str
    seq: int
    fault: Fault


@dataclass(slots=True)
class Walk:
    """How far a walk through all chains has come: the last row seen, and the MAC that the next one must follow."""

    code: str = SYSTEM
    seq: int = 0
    mac: bytes = bytes(32)
    is_newer: bool = False  # a row of this chain was written under a key that is not retired
    done: bool = False
    rows: int = 0
    breaks: list[Break] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Anchor:
    """One number for the whole journal, to be kept where whoever owns the database cannot reach it."""

    root: str
    chains: int
    until: datetime

    def __str__(self) -> str:
        """Return the line that is kept of it: its root, and until when."""
        return f"{self.root} at {self.until.isoformat()}"


class Audit:
    """Checks the journal; reads only."""

    def __init__(self, link: Link, keyring: Keyring) -> None:
        self._link = link
        self._keyring = keyring

    def go_on(self, walk: Walk, limit: int = 2000) -> None:
        """Check the next rows, and the heads of the chains that end among them.

        Rows are only ever added, so a walk may be taken in several transactions while others write.
        """
        rows = self._link.rows(_PAGE, code=walk.code, seq=walk.seq, limit=limit)
        walk.done = len(rows) < limit
        last = _LAST if walk.done else rows[-1][_CODE]
        heads = {row[0]: row[1:] for row in self._link.rows(_HEADS, first=walk.code, last=last)}
        pages = {code: list(group) for code, group in groupby(rows, key=lambda row: str(row[_CODE]))}
        for code in sorted({walk.code, *heads, *pages}):
            if code != walk.code:
                walk.code, walk.seq, walk.mac, walk.is_newer = code, 0, bytes(32), False
            self._follow(walk, pages.get(code, ()))
            if code in heads and code != last:
                self._compare(walk, heads[code])
            elif code != last and (walk.seq or heads):
                # Only in an empty database may the system's chain lack its head.
                walk.breaks.append(Break(code, walk.seq, Fault.HEAD))
        walk.rows += len(rows)

    def gone(self) -> Iterator[Break]:
        """Find the cases of which nothing, or not enough, is left."""
        for statement in (_CHAIN_GONE, _CASE_GONE, _KEY_GONE):
            for code in self._link.column(statement):
                yield Break(code, 0, Fault.CASE_GONE)

    def rolled_back(self, after: str, limit: int = 500) -> tuple[list[Break], str | None]:
        """Look at the next cases' documents; return what is wrong, and the last code looked at (none: that was all)."""
        rows = self._link.rows(_DOCUMENTS, after=after, limit=limit)
        found = []
        for code, version, document, *proof in rows:
            try:
                if not is_proven(self._keyring, code, SavedDocument.of(version, document), tuple(proof)):
                    found.append(Break(code, version, Fault.ROLLED_BACK))
            except Undecipherable:
                found.append(Break(code, version, Fault.KEY_UNKNOWN))
        return found, rows[-1][0] if len(rows) == limit else None

    def anchor(self, until: datetime) -> Anchor:
        """Return the Merkle root (RFC 6962 2.1) over the last row of each chain that is no later than `until`.

        The same instant gives the same root for ever, unless somebody has changed the past with the help of
        the keys, or put back an old copy of the database.
        """
        tree = _Tree()
        for code, seq, mac in self._last_rows(micros(until)):
            tree.add(msgspec.msgpack.encode((code, seq, mac)))
        return Anchor(tree.root().hex(), tree.leaves, until)

    def _last_rows(self, until: int, limit: int = 5000) -> Iterator[Row]:
        first = SYSTEM
        while True:
            rows = self._link.rows(_LAST_ROWS, first=first, until=until, limit=limit)
            yield from rows
            if len(rows) < limit:
                return
            first = rows[-1][_CODE] + _NEXT

    def _follow(self, walk: Walk, rows: Iterable[Row]) -> None:
        for row in rows:
            if row[_SEQ] != walk.seq + 1:
                # The row's own MAC follows one that is not there, so nothing more can be said of it.
                walk.breaks.append(Break(walk.code, row[_SEQ], Fault.REMOVED))
            elif (fault := self._fault_of(walk.mac, row)) is not None:
                walk.breaks.append(Break(walk.code, row[_SEQ], fault))
            elif walk.is_newer and self._keyring.is_retired(row[_KEY]):
                # A retired key proves what was written before the rotation, and nothing after it.
                walk.breaks.append(Break(walk.code, row[_SEQ], Fault.CHANGED))
            walk.seq, walk.mac = row[_SEQ], row[_MAC]
            walk.is_newer = walk.is_newer or not self._keyring.is_retired(row[_KEY])

    def _fault_of(self, before: bytes, row: Row) -> Fault | None:
        try:
            return None if mac_of_row(self._keyring, before, row) == row[_MAC] else Fault.CHANGED
        except Undecipherable:
            return Fault.KEY_UNKNOWN

    def _compare(self, walk: Walk, head: Row) -> None:
        seq, mac, version, document, key_id, seal = head
        try:
            sound = seal_of_head(self._keyring, walk.code, (seq, mac, version, document), key_id) == seal
        except Undecipherable:
            walk.breaks.append(Break(walk.code, seq, Fault.KEY_UNKNOWN))
            return
        if not sound:
            walk.breaks.append(Break(walk.code, seq, Fault.HEAD))
        elif seq != walk.seq:
            walk.breaks.append(Break(walk.code, min(seq, walk.seq), Fault.CUT if seq > walk.seq else Fault.ADDED))
        elif mac != walk.mac:
            walk.breaks.append(Break(walk.code, seq, Fault.CHANGED))


class _Tree:
    """A Merkle tree that grows from the left and keeps only the roots of its complete parts."""

    def __init__(self) -> None:
        self.leaves = 0
        self._parts: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        node = hashlib.sha256(b"\x00" + leaf).digest()
        complete = self.leaves
        while complete & 1:
            node = hashlib.sha256(b"\x01" + self._parts.pop() + node).digest()
            complete >>= 1
        self._parts.append(node)
        self.leaves += 1

    def root(self) -> bytes:
        if not self._parts:
            return hashlib.sha256(b"").digest()
        node = self._parts[-1]
        for part in reversed(self._parts[:-1]):
            node = hashlib.sha256(b"\x01" + part + node).digest()
        return node
