"""The journal: who did what when, one append-only chain of rows for each case.

Each row carries an HMAC over itself and the row before, under a key that is not in the database. The head of
each chain is sealed in the same way, so that a cut tail shows too. Triggers refuse UPDATE and DELETE; the
chain finds those who can drop triggers (`audit.py`). Reads of a case are rows as well, which makes the
journal the access log (4C).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import bindparam, func, or_, select

from domain.reminders.kinds import current_key
from storage.encryption.address_seal import AddressReading
from storage.encryption.case_keys import CaseKeys
from storage.encryption.cipher import Keyring
from storage.schema.tables import chain, journal
from storage.sql.instants import instant, instant_or_none, micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting

SYSTEM: Final = ""  # the code of the system's own chain
OPENED: Final = "case.opened"  # a row of the system's chain for each case, so that none can vanish whole
ERASED: Final = "case.erased"  # the last row of a case that has been shredded
SEALED: Final = "_sealed"  # in a row's details: the others, and a text, are sealed in `secret`
DOCUMENT: Final = "_document"  # in a row's details: version and hash of the document that was saved with it
READ: Final = "read."  # actions that begin so are accesses: somebody was shown the case

Plain: TypeAlias = str | int | bool | None

_KEPT: Final = msgspec.msgpack.Decoder(tuple[dict[str, Plain], bytes | None])
_START: Final = bytes(32)  # stands before the first row of every chain
_COLUMNS = ("code", "seq", "at", "actor", "agency", "action", "before", "after", "details", "secret", "key_id", "mac")
COLUMNS = tuple(journal.c[name] for name in _COLUMNS)
_ROWS = Statement(select(*COLUMNS).where(journal.c.code == bindparam("code")).order_by(journal.c.seq))
_NEWEST = Statement(select(func.max(journal.c.at)))
_COUNT_OF = Statement(
    select(func.count())
    .select_from(journal)
    .where(
        journal.c.at >= bindparam("since"),
        or_(*(journal.c.actor == bindparam(name, type_=journal.c.actor.type) for name in ("actor", "formerly"))),
        journal.c.action == bindparam("action", type_=journal.c.action.type),
    )
)
_CODES_SINCE = Statement(
    select(journal.c.code)
    .where(journal.c.at >= bindparam("since"), journal.c.code > bindparam("after"))
    .distinct()
    .order_by(journal.c.code)
    .limit(bindparam("limit", type_=journal.c.seq.type))
)
_HEAD = Statement(
    select(chain.c.seq, chain.c.head, chain.c.version, chain.c.document)
    .where(chain.c.code == bindparam("code"))
    .with_for_update()
)
_FIRST_HEAD = inserting(chain)
_SET_HEAD = inserting(chain, or_update=("seq", "head", "key_id", "seal", "version", "document"))
# A row that is already there must be an error, so this is a plain insert.
_APPEND = Statement(journal.insert().values({c: bindparam(c.name, type_=c.type) for c in COLUMNS}).inline())


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to be written.

    `actor` is the identity of the one who acted (or "" for the bot itself), `agency` theirs; `before` and
    `after` are states. `details` must be free of anything about the person; they tell of consents, reasons and days
    all the same, so they are kept under the case's key and lost with it, as `secret` is. Where there is no case, or
    no key any more, they stand in the clear: how many were imported, by which decision a case was erased. Identities
    are sealed there too, and in `actor` (since version 0.2; rows from before stay as they were written).
    """

    code: str
    action: str
    actor: str
    agency: str = ""
    before: str = ""
    after: str = ""
    details: Mapping[str, Plain] = field(default_factory=dict)
    secret: bytes | None = None


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One row as it stands. `erased`: there was more to it that cannot be told (any more)."""

    seq: int
    at: datetime
    entry: Entry
    erased: bool = False


def mac_of_row(keyring: Keyring, before: bytes, row: Row) -> bytes:
    """Return what the MAC of a row (its columns in order, the MAC itself not looked at) must be after the row `before`.

    Of the secret only the ciphertext's hash is covered, so that the chain holds when the key to it is gone.
    """
    *plain, secret, key_id, _ = row
    covered = (before, *plain, b"" if secret is None else hashlib.sha256(secret).digest(), key_id)
    return keyring.mac("journal", msgspec.msgpack.encode(covered), key_id)


@dataclass(frozen=True, slots=True)
class SavedDocument:
    """What proves a case's document: its version, and the SHA-256 of its ciphertext."""

    version: int
    digest: bytes

    @classmethod
    def of(cls, version: int, document: bytes) -> SavedDocument:
        """Return the proof of a document as it is kept."""
        return cls(version, hashlib.sha256(document).digest())


def seal_of_head(keyring: Keyring, code: str, head: Row, key_id: bytes) -> bytes:
    """Return what the seal of a chain's head (seq, MAC of the last row, version, document) must be.

    A head that names no document has a seal without one, as version 0.1 wrote it.
    """
    seq, mac, version, document = head
    covered = (code, seq, mac) if document is None else (code, seq, mac, version, document)
    return keyring.mac("chain", msgspec.msgpack.encode(covered), key_id)


class JournalReading:
    """What can be read of the journal."""

    def __init__(self, link: Link, keyring: Keyring, keys: CaseKeys, addresses: AddressReading) -> None:
        self._link = link
        self._keyring = keyring
        self._keys = keys
        self._addresses = addresses

    def read(self, code: str) -> tuple[JournalRow, ...]:
        """Return the rows of a case, the oldest first; the system's own under `SYSTEM`."""
        return tuple(self._row(row) for row in self._link.rows(_ROWS, code=code))

    def acts(self, code: str) -> tuple[JournalRow, ...]:
        """Return the rows of a case without what they say: its key is not needed, so it may be refused for all that."""
        found = []
        for row in self._link.rows(_ROWS, code=code):
            _, seq, at, actor, agency, action, before, after, _, sealed, _, _ = row
            entry = Entry(code, _current(action), self._addresses.show(actor), agency, before, after)
            found.append(JournalRow(seq, instant(at), entry, erased=sealed is not None))
        return tuple(found)

    def newest(self) -> datetime | None:
        """Return the latest instant that any row bears."""
        return instant_or_none(self._link.value(_NEWEST))

    def codes_since(self, since: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return codes of cases in which something was written since an instant, in order, beginning after `after`."""
        return tuple(self._link.column(_CODES_SINCE, since=micros(since), after=after, limit=limit))

    def count_of(self, actor: str, action: str, since: datetime) -> int:
        """Return how many rows of an action one person has written since an instant."""
        whose = {"actor": self._addresses.hide(actor), "formerly": actor}
        return int(self._link.value(_COUNT_OF, **whose, action=action, since=micros(since)))

    def _row(self, row: Row) -> JournalRow:
        code, seq, at, actor, agency, action, before, after, details, sealed, _, _ = row
        key = None if sealed is None else self._keys.get(code)
        secret = None if key is None else key.open(sealed, _place_of_secret(code, seq))
        plain: dict[str, Plain] = msgspec.json.decode(details)
        if sealed is None:
            plain = {name: self._addresses.show(one) if isinstance(one, str) else one for name, one in plain.items()}
        if plain.pop(SEALED, False) and secret is not None:
            more, secret = _KEPT.decode(secret)
            plain |= more
        who = self._addresses.show(actor)
        entry = Entry(code, _current(action), who, agency, before, after, _current_details(plain), secret)
        return JournalRow(seq, instant(at), entry, erased=sealed is not None and key is None)


class Journal(JournalReading):
    """The journal inside a write transaction. Rows are written at its end, or before the first reading."""

    def __init__(self, link: Link, keyring: Keyring, keys: CaseKeys, addresses: AddressReading, now: datetime) -> None:
        super().__init__(link, keyring, keys, addresses)
        self._at = micros(now)
        self._waiting: dict[str, list[Entry]] = {}
        self._saved: dict[str, SavedDocument] = {}

    def write(
        self,
        code: str,
        action: str,
        actor: str,
        *,
        agency: str = "",
        before: str = "",
        after: str = "",
        details: Mapping[str, Plain] | None = None,
        secret: bytes | None = None,
    ) -> None:
        """Write one row; see `Entry` for what each part means."""
        entry = Entry(code, action, actor, agency, before, after, details or {}, secret)
        self._waiting.setdefault(code, []).append(entry)

    def open(self, code: str) -> None:
        """Begin the chain of a new case, and note in the system's own that there is one."""
        self._waiting.setdefault(code, [])
        self.write(SYSTEM, OPENED, "", after=code)

    def saved(self, code: str, version: int, document: bytes) -> None:
        """Note which document of a case was saved: its last row in this transaction and the chain's head name it."""
        self._saved[code] = SavedDocument.of(version, document)
        self._waiting.setdefault(code, [])

    def is_behind(self, code: str) -> bool:
        """Say whether a document of the case was saved that the head does not name yet."""
        return code in self._saved

    def erased(self, code: str) -> None:
        """Note that a case has been shredded."""
        self.write(code, ERASED, "")

    def read(self, code: str) -> tuple[JournalRow, ...]:
        """Return the rows of a case, those of this transaction too."""
        self.flush()
        return super().read(code)

    def flush(self) -> None:
        """Write the rows that wait.

        Chains are taken in the order of their codes by every transaction, so that no two wait for each other.
        """
        if not self._waiting:
            return
        rows: list[dict[str, Any]] = []
        heads: list[dict[str, Any]] = []
        for code in sorted(self._waiting):
            seq, head, version, document = self._head_of(code)
            entries, saved = self._waiting[code], self._saved.get(code)
            if saved is not None:
                version, document = saved.version, saved.digest
            for number, entry in enumerate(entries, start=1):
                seq += 1
                row = self._columns(entry, seq, head, saved if number == len(entries) else None)
                head = row["mac"]
                rows.append(row)
            heads.append(self._head(code, (seq, head, version, document)))
        self._link.run_each(_APPEND, rows)
        self._link.run_each(_SET_HEAD, heads)
        self._waiting.clear()
        self._saved.clear()

    def _head_of(self, code: str) -> Row:
        head = self._link.row(_HEAD, code=code)
        if head is not None:
            return head
        # Two transactions may both be the first; whoever comes second waits here, and then reads what the
        # other wrote.
        self._link.run(_FIRST_HEAD, **self._head(code, (0, _START, None, None)))
        return self._link.row(_HEAD, code=code) or (0, _START, None, None)

    def _columns(self, entry: Entry, seq: int, before: bytes, saved: SavedDocument | None) -> dict[str, Any]:
        secret = self._sealed(entry, seq)
        plain: Mapping[str, Plain] = {SEALED: True} if secret is not None else self._in_clear(entry.details)
        if saved is not None:
            plain = {**plain, DOCUMENT: f"{saved.version}:{saved.digest.hex()}"}
        details = msgspec.json.encode(plain, order="sorted").decode()
        who, key_id = self._addresses.hide(entry.actor), self._keyring.newest
        texts = (entry.code, seq, self._at, who, entry.agency, entry.action, entry.before, entry.after, details)
        row = (*texts, secret, key_id, b"")
        return dict(zip(_COLUMNS, (*row[:-1], mac_of_row(self._keyring, before, row)), strict=True))

    def _in_clear(self, details: Mapping[str, Plain]) -> dict[str, Plain]:
        """Return details that stand in the clear, but for those that are somebody's identity."""
        return {name: self._addresses.hide(one) if isinstance(one, str) else one for name, one in details.items()}

    def _sealed(self, entry: Entry, seq: int) -> bytes | None:
        if entry.secret is None and not entry.details:
            return None
        key = self._keys.get(entry.code) if entry.code else None
        if key is None and entry.secret is not None:
            raise ValueError("a secret needs a case to be kept under")
        if key is None:
            return None
        kept = msgspec.msgpack.encode((entry.details, entry.secret))
        return key.seal(kept, _place_of_secret(entry.code, seq))

    def _head(self, code: str, head: Row) -> dict[str, Any]:
        key_id = self._keyring.newest
        seal = seal_of_head(self._keyring, code, head, key_id)
        seq, mac, version, document = head
        named = {"version": version, "document": document}
        return {"code": code, "seq": seq, "head": mac, "key_id": key_id, "seal": seal, **named}


# Version 0.1 wrote these words. The rows stay as they were written, and are read under today's names.
_WAS: Final = {"nag": "reminder", "overview": "feed"}
_LETTER_WAS: Final = {"nags": "reminders", "nag.mail": "reminder.mail"}


def _current(action: str) -> str:
    first, dot, rest = action.partition(".")
    return f"{_WAS.get(first, first)}{dot}{rest}"


def _current_details(details: dict[str, Plain]) -> dict[str, Plain]:
    details.pop(DOCUMENT, None)
    if "nag" in details:
        details["reminder"] = current_key(str(details.pop("nag")))
    if "letter" in details:
        letter = str(details["letter"])
        details["letter"] = _LETTER_WAS.get(letter, letter)
    return details


def _place_of_secret(code: str, seq: int) -> str:
    return f"case|{code}|journal|{seq}"
