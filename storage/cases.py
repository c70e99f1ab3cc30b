"""Cases: one encrypted document each, and the few plain facts by which they are found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, literal_column, select, update

from domain.case import Case
from domain.errors import NotFound
from domain.listing import ListedCase, Listing
from storage.document import CaseFormat
from storage.encryption.address_seal import AddressReading
from storage.encryption.case_keys import CaseKeys
from storage.encryption.cipher import DataKey, Keyring
from storage.errors import Conflict, Undecipherable
from storage.facts import COLUMNS as FACTS
from storage.facts import Facts
from storage.journal import Journal, SavedDocument
from storage.proof import PROOF, PROOF_OF, is_proven
from storage.schema.tables import case_, case_key, case_party, chain, due
from storage.sql.instants import instant_if_any, instant_or_none, micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting

# Conditions of partial indexes must stand in the query word for word, or SQLite does not see that they apply.
_IS_OPEN: ColumnElement[bool] = literal_column("case_.open = 1")
_IS_WAITING: ColumnElement[bool] = literal_column("case_party.waiting = 1")
_CODE = bindparam("code", type_=case_.c.code.type)
_LIMIT = bindparam("limit", type_=case_.c.version.type)

_GET = (
    select(case_.c.version, case_.c.document, case_key.c.wrapped, due.c.at, *PROOF, *FACTS)
    .select_from(
        case_.outerjoin(case_key, case_key.c.code == case_.c.code)
        .outerjoin(due, due.c.code == case_.c.code)
        .outerjoin(chain, chain.c.code == case_.c.code)
    )
    .where(case_.c.code == _CODE)
)
_LIST = (case_.c.code, case_.c.state, case_.c.step, case_.c.owner, case_.c.protected)
_OWN = Statement(
    select(*_LIST, case_.c.urgent_at)
    .where(case_.c.owner == bindparam("owner"), _IS_OPEN)
    .order_by(case_.c.urgent_at, case_.c.code)
    .limit(_LIMIT)
)
_COUNT_OWN = Statement(select(func.count()).select_from(case_).where(case_.c.owner == bindparam("owner"), _IS_OPEN))
_WAITING_FOR = Statement(
    select(*_LIST, case_party.c.urgent_at)
    .join_from(case_party, case_, case_party.c.code == case_.c.code)
    .where(case_party.c.agency == bindparam("agency"), _IS_WAITING)
    .order_by(case_party.c.urgent_at, case_party.c.code)
    .limit(_LIMIT)
)
_PROTECTED_OF = Statement(
    select(case_.c.code)
    .join_from(case_party, case_, case_party.c.code == case_.c.code)
    .where(case_party.c.agency == bindparam("agency"), _IS_OPEN, case_.c.protected == 1)
    .order_by(case_.c.code)
)
_EXISTS = Statement(select(case_.c.code).where(case_.c.code == _CODE))
_OPEN = Statement(
    select(case_.c.code).where(case_.c.code > bindparam("after"), _IS_OPEN).order_by(case_.c.code).limit(_LIMIT)
)
_DUE = select(due.c.code).where(due.c.at <= bindparam("now")).order_by(due.c.at, due.c.code).limit(_LIMIT)

_SPENT = Statement(select(chain.c.code).where(chain.c.code == _CODE))
_INSERT = inserting(case_)
_NEXT = {case_.c.version: case_.c.version + 1, case_.c.document: bindparam("document")}
_CHANGED = {column: bindparam(column.name, type_=column.type) for column in FACTS if column is not case_.c.open}
_OF_VERSION = and_(case_.c.code == _CODE, case_.c.version == bindparam("was", type_=case_.c.version.type))
_SAVE = Statement(update(case_).values(_NEXT).where(_OF_VERSION))
# SQLite writes an index anew when one of its columns is set, even to what it was: `open` is set only when it changes.
_SAVE_LISTED = Statement(update(case_).values({**_NEXT, **_CHANGED}).where(_OF_VERSION))
_SAVE_OPEN = Statement(update(case_).values({**_NEXT, **_CHANGED, case_.c.open: bindparam("open")}).where(_OF_VERSION))
_DELETE = Statement(delete(case_).where(case_.c.code == _CODE))
_SET_PARTY = inserting(case_party, or_update=("waiting", "urgent_at"))
_REMOVE_PARTY = Statement(
    delete(case_party).where(case_party.c.code == _CODE, case_party.c.agency == bindparam("agency"))
)
_REMOVE_PARTIES = Statement(delete(case_party).where(case_party.c.code == _CODE))
_SET_DUE = inserting(due, or_update=("at",))
_PUT_OFF = Statement(update(due).values(at=bindparam("at")).where(due.c.code == _CODE))
_REMOVE_DUE = Statement(delete(due).where(due.c.code == _CODE))


class CaseReading:
    """What can be read of cases."""

    _get: ClassVar[Statement] = Statement(_GET)
    _due: ClassVar[Statement] = Statement(_DUE)

    def __init__(
        self, link: Link, keyring: Keyring, keys: CaseKeys, addresses: AddressReading, case_format: CaseFormat
    ) -> None:
        self._link = link
        self._keyring = keyring
        self._keys = keys
        self._addresses = addresses
        self._format = case_format
        self._facts: dict[str, Facts] = {}
        self._last: Case | None = None

    def get(self, code: str) -> Case:
        """Return a case. A write transaction holds it until the end, so that no other can change it meanwhile.

        Raises:
            NotFound: there is no such case (`case.unknown`), or it has been erased.
            Undecipherable: it cannot be read.
        """
        # What is read of one case asks for it again and again, and to open it costs more than all else.
        if self._last is None or self._last.code != code:
            self._last = self._opened(code)
        return self._last

    def _opened(self, code: str) -> Case:
        row = self._link.row(self._get, code=code)
        if row is None or row[2] is None:
            raise NotFound("case.unknown", {"code": code})
        version, document, wrapped, due_at = row[:4]
        proof, facts = row[4 : 4 + len(PROOF)], row[4 + len(PROOF) :]
        self._require_newest(code, SavedDocument.of(version, document), proof)
        plain = self._keys.unwrap(code, wrapped).open(document, place_of_document(code))
        try:
            case: Case = self._format.decode(plain)
        except msgspec.MsgspecError:
            # What the library says of it may hold a piece of what was written.
            raise Undecipherable("case.damaged", {"code": code}) from None
        if case.version != version or case.code != code:
            raise Undecipherable("case.damaged", {"code": code})
        self._facts[code] = Facts.read(facts, due_at)
        return case

    def find(self, code: str) -> Case | None:
        """Return a case, or none when there is none or it cannot be read.

        For those who go through many cases: one that is refused must not keep the others from them. It is the auditor
        who names it.
        """
        try:
            return self.get(code)
        except (NotFound, Undecipherable):
            return None

    def _require_newest(self, code: str, document: SavedDocument, proof: Row) -> None:
        """Refuse a document that is not the one saved last: rolled back, swapped, or made by hand.

        Raises:
            Undecipherable: it is not (`case.rolled_back`).
        """
        if not is_proven(self._keyring, code, document, proof):
            raise Undecipherable("case.rolled_back", {"code": code})

    def exists(self, code: str) -> bool:
        """Say whether there is such a case."""
        return self._link.row(_EXISTS, code=code) is not None

    def own(self, owner: str, limit: int) -> tuple[ListedCase, ...]:
        """Return the open cases that this member of staff is responsible for, the most urgent first."""
        return self._listed(self._link.rows(_OWN, owner=self._addresses.seal(owner), limit=limit))

    def count_own(self, owner: str) -> int:
        """Return how many open cases this member of staff is responsible for."""
        return int(self._link.value(_COUNT_OWN, owner=self._addresses.seal(owner)))

    def waiting_for(self, agency: str, limit: int) -> tuple[ListedCase, ...]:
        """Return the open cases that wait for this agency's answer, the most urgent first."""
        return self._listed(self._link.rows(_WAITING_FOR, agency=agency, limit=limit))

    def protected_of(self, agency: str) -> tuple[str, ...]:
        """Return codes of the open protected cases that an agency has been told of: few, in no calendar."""
        return tuple(self._link.column(_PROTECTED_OF, agency=agency))

    def due(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Return codes of cases in which something is due, the longest due first.

        In a write transaction the codes that another transaction has taken are passed over.
        """
        return tuple(self._link.column(self._due, now=micros(now), limit=limit))

    def open_codes(self, after: str, limit: int) -> tuple[str, ...]:
        """Return codes of open cases in order, beginning after `after`: a walk through all of them."""
        return tuple(self._link.column(_OPEN, after=after, limit=limit))

    def listing(self, code: str) -> tuple[Listing, datetime | None]:
        """Return the plain facts of a case and when it is next due.

        Raises:
            NotFound: there is no such case (`case.unknown`).
        """
        self.get(code)
        facts = self._facts[code]
        return facts.listing(self._addresses), instant_or_none(facts.due_at)

    def listed(self, code: str) -> ListedCase:
        """Return a case as a list shows it.

        Raises:
            NotFound: there is no such case (`case.unknown`).
        """
        facts, _ = self.listing(code)
        return ListedCase(code, facts.state, facts.step, facts.owner, facts.urgent_at, protected=facts.protected)

    def _listed(self, rows: Iterable[Row]) -> tuple[ListedCase, ...]:
        return tuple(
            ListedCase(
                code,
                state,
                step,
                self._addresses.readable(owner),
                instant_if_any(urgent_at),
                protected=bool(protected),
            )
            for code, state, step, owner, protected, urgent_at in rows
        )


class Cases(CaseReading):
    """Cases inside a write transaction."""

    # PostgreSQL locks the row; SQLite's one writer has the whole database to itself.
    _get: ClassVar[Statement] = Statement(_GET.with_for_update(of=case_))
    # Who changes what is due holds the case, so holding the case is enough; one that somebody works on is passed over.
    _due: ClassVar[Statement] = Statement(
        _DUE.join_from(due, case_, case_.c.code == due.c.code).with_for_update(of=case_, skip_locked=True)
    )

    def __init__(
        self,
        link: Link,
        keyring: Keyring,
        keys: CaseKeys,
        addresses: AddressReading,
        case_format: CaseFormat,
        journal: Journal,
    ) -> None:
        super().__init__(link, keyring, keys, addresses, case_format)
        self._journal = journal

    def get(self, code: str) -> Case:
        """Return a case; see `CaseReading.get`. Here it may be saved at any time, so it is read each time."""
        if self._journal.is_behind(code):
            self._journal.flush()
        return self._opened(code)

    def _require_newest(self, code: str, document: SavedDocument, proof: Row) -> None:
        # Who waited for another transaction's lock has the new case beside the old head: the head is asked for again.
        if not is_proven(self._keyring, code, document, proof):
            again = self._link.row(PROOF_OF, code=code)
            super()._require_newest(code, document, again or proof)

    def add(self, case: Case, listing: Listing, due_at: datetime | None) -> None:
        """Keep a new case, and note its opening in the system's own journal, so that it cannot vanish unnoticed.

        Raises:
            Conflict: the code has been used before (`case.code_taken`), even if that case is erased.
        """
        code = case.code
        if self._link.row(_SPENT, code=code) is not None:
            raise Conflict("case.code_taken", {"code": code})
        facts = Facts.of(listing, due_at, self._addresses)
        key, wrapped = self._keys.make(code)
        document = self._sealed(case, key)
        kept = {"code": code, "version": case.version, "opened_at": micros(case.opened_at), "document": document}
        if not self._link.run(_INSERT, **kept, **facts.columns):
            raise Conflict("case.code_taken", {"code": code})
        self._keys.keep(code, wrapped)
        self._write_parties(code, facts, None)
        self._write_due(code, facts.due_at, None)
        self._facts[code] = facts
        self._journal.open(code)
        self._journal.saved(code, case.version, document)

    def save(self, case: Case, listing: Listing, due_at: datetime | None) -> Case:
        """Keep a changed case and return it with its new version.

        `case.version` must be the version that was read: the change was decided on it.

        Raises:
            Conflict: somebody else saved it meanwhile (`case.changed`).
            NotFound: there is no such case (`case.unknown`).
        """
        code = case.code
        if code not in self._facts:
            self.get(code)
        key = self._keys.get(code)
        if key is None:
            raise NotFound("case.unknown", {"code": code})
        old, new = self._facts[code], Facts.of(listing, due_at, self._addresses)
        saved = replace(case, version=case.version + 1)
        document = self._sealed(saved, key)
        params: dict[str, Any] = {"code": code, "was": case.version, "document": document}
        if old.columns == new.columns:
            changed = self._link.run(_SAVE, **params)
        elif old.columns["open"] == new.columns["open"]:
            changed = self._link.run(_SAVE_LISTED, **params, **new.columns)
        else:
            changed = self._link.run(_SAVE_OPEN, **params, **new.columns)
        if not changed:
            raise Conflict("case.changed", {"code": code})
        self._write_parties(code, new, old)
        self._write_due(code, new.due_at, old.due_at)
        self._facts[code] = new
        self._journal.saved(code, saved.version, document)
        return saved

    def put_off(self, code: str, at: datetime) -> None:
        """Look again at what is due in a case at another instant, whatever the case says; its next saving ends this."""
        self._link.run(_PUT_OFF, code=code, at=micros(at))

    def shred(self, code: str) -> None:
        """Erase a case: its key, so that no copy of it can be read, and its rows. The journal keeps the codes.

        Posts, reminders and letters of the case are the caller's to forget (`Transaction.shred`).
        """
        if not self.exists(code):
            raise NotFound("case.unknown", {"code": code})
        self._keys.destroy(code)
        for statement in (_REMOVE_PARTIES, _REMOVE_DUE, _DELETE):
            self._link.run(statement, code=code)
        self._facts.pop(code, None)
        self._journal.erased(code)

    def _sealed(self, case: Case, key: DataKey) -> bytes:
        return key.seal(self._format.encode(case), place_of_document(case.code))

    def _write_parties(self, code: str, facts: Facts, old: Facts | None) -> None:
        if old is not None and old.columns["parties"] == facts.columns["parties"]:
            return
        before, after = {} if old is None else old.parties, facts.parties
        gone = [{"code": code, "agency": agency} for agency in before if agency not in after]
        new = [
            {"code": code, "agency": agency, "waiting": waiting, "urgent_at": urgent_at}
            for agency, (waiting, urgent_at) in after.items()
            if before.get(agency) != (waiting, urgent_at)
        ]
        self._link.run_each(_REMOVE_PARTY, gone)
        self._link.run_each(_SET_PARTY, new)

    def _write_due(self, code: str, at: int | None, old: int | None) -> None:
        if at == old:
            return
        if at is None:
            self._link.run(_REMOVE_DUE, code=code)
        else:
            self._link.run(_SET_DUE, code=code, at=at)


def place_of_document(code: str) -> str:
    """Return the AAD that a case's document is bound to."""
    return f"case|{code}|document"
