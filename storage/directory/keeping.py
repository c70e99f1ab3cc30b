"""The directory as it is kept: loaded once for each change, and then shared by all transactions of the process."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Table, bindparam, delete, literal, select, update

from domain.address import Address
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from storage.directory.changes import Change, ChangeKind, changes_between, with_known_ids
from storage.directory.proof import Proven, Seals, micros_or_none
from storage.encryption.address_seal import AddressReading
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.journal import SYSTEM, Journal
from storage.schema.directory_tables import agency, agency_address, directory_revision, staff, staff_identity
from storage.schema.tables import journal
from storage.sql.instants import instant_or_none
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting

REPLACED = "directory.replaced"
SEALED = "directory.sealed"


def _all(table: Table) -> Statement:
    return Statement(
        select(*(column for column in table.columns if column.name != "position")).order_by(table.c.position)
    )


_REVISION = Statement(select(directory_revision.c.revision).where(directory_revision.c.id == 1))
# Random, so that a revision which was rolled back is never the name of another one.
_NEW_REVISION = Statement(
    update(directory_revision).values(revision=bindparam("revision")).where(directory_revision.c.id == literal(1))
)
_SEALS = Statement(
    select(*(directory_revision.c[name] for name in ("key_id", "seal", "rows"))).where(directory_revision.c.id == 1)
)
_SET_SEALS = Statement(
    update(directory_revision)
    .values({name: bindparam(f"new_{name}") for name in ("key_id", "seal", "rows")})
    .where(directory_revision.c.id == literal(1))
)
_EVER_SEALED = Statement(
    select(journal.c.seq).where(journal.c.code == bindparam("code"), journal.c.action == bindparam("action")).limit(1)
)
_AGENCIES, _ADDRESSES, _STAFF, _IDENTITIES = map(_all, (agency, agency_address, staff, staff_identity))
_CLEAR = tuple(Statement(delete(table)) for table in (staff_identity, staff, agency_address, agency))
_SET_AWAY = Statement(
    update(staff)
    .values(away_until=bindparam("until", type_=staff.c.away_until.type))
    .where(staff.c.id == bindparam("who"))
)
_ADD_ADDRESS = inserting(agency_address)
_ADD_AGENCY, _ADD_STAFF, _ADD_IDENTITY = inserting(agency), inserting(staff), inserting(staff_identity)


@dataclass(slots=True)
class DirectoryCache:
    """The directory that the process has loaded last, as far as it is proved, and of which revision it is."""

    loaded: tuple[int, Proven] = (-1, Proven(Directory()))


class DirectoryReading:
    """Gives the directory."""

    def __init__(self, link: Link, keyring: Keyring, addresses: AddressReading, cache: DirectoryCache) -> None:
        self._link = link
        self._keyring = keyring
        self._addresses = addresses
        self._cache = cache
        self._now: Directory | None = None

    def get(self) -> Directory:
        """Return the directory as it is in this transaction, without rows that are not proved.

        Raises:
            Undecipherable: nothing of it is proved (`directory.damaged`).
        """
        if self._now is None:
            self._now = self._shared().directory
        return self._now

    def wrong(self) -> tuple[str, ...]:
        """Look at all rows as they stand now, and return which are not what was imported: `staff:bup`, `all`."""
        try:
            return self._proven().wrong
        except Undecipherable:
            return ("all",)

    def as_kept(self) -> Directory:
        """Return what stands in the database, proved or not: what an import would replace."""
        return self._load()[0]

    def _shared(self) -> Proven:
        revision = self._link.value(_REVISION)
        known, proven = self._cache.loaded
        if known != revision:
            proven = self._proven()
            self._cache.loaded = (revision, proven)
        return proven

    def _proven(self) -> Proven:
        """Leave out rows that were not written by the bot: who adds a member of staff could read every case.

        A directory that was imported by version 0.1 has no seal, and is believed until it is imported again.

        Raises:
            Undecipherable: nothing of it is proved (`directory.damaged`).
        """
        directory, unreadable = self._load()
        seals = self._seals()
        if seals.seal is None and self._link.row(_EVER_SEALED, code=SYSTEM, action=SEALED) is None:
            return Proven(directory, unreadable)
        if not unreadable and seals.hold(self._keyring, directory):
            return Proven(directory)
        return seals.proven(self._keyring, directory, unreadable)

    def _seals(self) -> Seals:
        return Seals(*(self._link.row(_SEALS) or (None, None, None)))

    def _load(self) -> tuple[Directory, tuple[str, ...]]:
        """Return what can be read, and what cannot: `agency:bup`, `staff:bup`."""
        unreadable: list[str] = []
        places: dict[str, list[str]] = {}
        for unit, sealed in self._link.rows(_ADDRESSES):
            places.setdefault(unit, []).append(sealed)
        units: dict[str, Agency] = {}
        for row in self._link.rows(_AGENCIES):
            try:
                units[row[0]] = self._agency(row, places.get(row[0], ()))
            except (Undecipherable, ValueError):
                unreadable.append(f"agency:{row[0]}")
        names: dict[str, list[str]] = {}
        for identity, person in self._link.rows(_IDENTITIES):
            names.setdefault(person, []).append(identity)
        people: dict[str, Staff] = {}
        for row in self._link.rows(_STAFF):
            try:
                person = self._person(row, names.get(row[0], ()))
            except (Undecipherable, ValueError):
                unreadable.append(f"staff:{row[1]}")
            else:
                people[person.id] = person
        return Directory(units, people), tuple(unreadable)

    def _agency(self, row: Row, places: Iterable[str]) -> Agency:
        key, name, alias, kind, principal, email, manager = row
        addresses = tuple(map(Address.parse, self._addresses.open_all(places)))
        email, manager = self._addresses.open_all((email, manager))
        return Agency(key, name, alias, AgencyKind(kind), Principal(principal), email, manager, addresses)

    def _person(self, row: Row, identities: Iterable[str]) -> Staff:
        key, unit, name, title, email, coordinator, admin, deputy, away_until = row
        key, name, title, email, deputy = self._addresses.open_all((key, name, title, email, deputy))
        known = self._addresses.open_all(identities)
        back = instant_or_none(away_until)
        return Staff(key, unit, name, title, email, bool(coordinator), bool(admin), known, deputy, back)


class DirectoryKeeping(DirectoryReading):
    """The directory inside a write transaction."""

    def __init__(
        self, link: Link, keyring: Keyring, addresses: AddressReading, cache: DirectoryCache, journal: Journal
    ) -> None:
        super().__init__(link, keyring, addresses, cache)
        self._journal = journal

    def replace(self, directory: Directory, actor: str = "") -> tuple[Change, ...]:
        """Keep another directory in place of this one, and return what is different.

        A member of staff who is known by any of their identities keeps the id they have.
        """
        # Taking the revision first makes two replacements at once wait for each other.
        self._link.run(_NEW_REVISION, revision=secrets.randbits(62))
        before, unreadable = self._load()
        after = with_known_ids(directory, before)
        changes = changes_between(before, after)
        # What this transaction has written is its own until it is committed, so the cache of the process is
        # left alone.
        self._now = after
        in_order = [*before.agencies, *before.staff] == [*after.agencies, *after.staff]
        if unreadable or changes or not in_order:
            self._write(after)
        self.seal()
        if changes:
            counts = {kind.value: sum(change.kind is kind for change in changes) for kind in ChangeKind}
            self._journal.write(SYSTEM, REPLACED, actor, details=counts)
        return changes

    def set_away(self, who: str, until: datetime | None) -> bool:
        """Keep until when somebody is away, none for who is back; and say whether it was otherwise before.

        Raises:
            Undecipherable: the directory is not what was imported (`directory.damaged`).
        """
        self._link.run(_NEW_REVISION, revision=secrets.randbits(62))
        before = self._whole()
        person = before.staff.get(who)
        self._now = before
        if person is None or person.away_until == until:
            return False
        self._now = Directory(before.agencies, {**before.staff, who: replace(person, away_until=until)})
        self._link.run(_SET_AWAY, who=self._addresses.seal(who), until=micros_or_none(until))
        self.seal()
        return True

    def require_whole(self) -> None:
        """Make sure that all of it is proved, before it is written anew from what is known of it.

        Raises:
            Undecipherable: something is not what was imported (`directory.damaged`).
        """
        self._whole()

    def prove_rows(self) -> None:
        """Make the proofs of the rows where there are none yet: a directory from before there were any."""
        seals = self._seals()
        if seals.seal is not None and seals.rows is None and not self.wrong():
            self.seal()

    def seal(self) -> None:
        """Seal the directory with the newest key; that there is a seal from now on stands in the journal.

        Raises:
            Undecipherable: something is not what was imported (`directory.damaged`).
        """
        if self._link.row(_EVER_SEALED, code=SYSTEM, action=SEALED) is None:
            self._journal.write(SYSTEM, SEALED, "")
        seals = Seals.of(self._keyring, self._whole() if self._now is None else self._now)
        self._link.run(_SET_SEALS, new_key_id=seals.key_id, new_seal=seals.seal, new_rows=seals.rows)

    def _whole(self) -> Directory:
        proven = self._proven()
        if proven.wrong:
            raise Undecipherable("directory.damaged")
        return proven.directory

    def _write(self, directory: Directory) -> None:
        for clear in _CLEAR:
            self._link.run(clear)
        seal = self._addresses.seal
        rows = []
        addresses = []
        for n, unit in enumerate(directory.agencies.values()):
            row = asdict(unit) | {"position": n, "email": seal(unit.email), "manager": seal(unit.manager)}
            del row["addresses"]
            rows.append(row)
            for place, address in enumerate(unit.addresses):
                addresses.append({"agency": unit.id, "position": place, "address": seal(str(address))})
        self._link.run_each(_ADD_AGENCY, rows)
        self._link.run_each(_ADD_ADDRESS, addresses)
        rows = []
        identities = []
        for n, person in enumerate(directory.staff.values()):
            row = asdict(person) | {"position": n, "coordinator": int(person.coordinator), "admin": int(person.admin)}
            row["away_until"] = micros_or_none(person.away_until)
            row |= {name: seal(row[name]) for name in ("id", "name", "title", "email", "deputy")}
            for place, identity in enumerate(row.pop("identities")):
                identities.append({"identity": seal(identity), "staff": row["id"], "position": place})
            rows.append(row)
        self._link.run_each(_ADD_STAFF, rows)
        self._link.run_each(_ADD_IDENTITY, identities)
