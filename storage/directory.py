"""The directory as it is kept: loaded once for each change, and then shared by all transactions of the process."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, literal, select, update

from domain.address import Address
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.journal import SYSTEM, Journal
from storage.schema.directory_tables import agency, agency_address, directory_revision, staff, staff_identity
from storage.schema.tables import journal
from storage.sql.instants import instant_or_none, micros
from storage.sql.link import Link
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
_SEAL = Statement(select(directory_revision.c.key_id, directory_revision.c.seal).where(directory_revision.c.id == 1))
_SET_SEAL = Statement(
    update(directory_revision)
    .values(key_id=bindparam("key_id"), seal=bindparam("seal"))
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


class ChangeKind(StrEnum):
    """What became of an agency or a member of staff."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that a replacement made. `thing` is "agency" or "staff", `fields` what is different now."""

    kind: ChangeKind
    thing: str
    id: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class DirectoryCache:
    """The directory that the process has loaded last, and of which revision it is."""

    loaded: tuple[int, Directory] = (-1, Directory())


class DirectoryReading:
    """Gives the directory."""

    def __init__(self, link: Link, keyring: Keyring, cache: DirectoryCache) -> None:
        self._link = link
        self._keyring = keyring
        self._cache = cache
        self._now: Directory | None = None

    def get(self) -> Directory:
        """Return the directory as it is in this transaction."""
        if self._now is None:
            self._now = self._shared()
        return self._now

    def _shared(self) -> Directory:
        revision = self._link.value(_REVISION)
        known, directory = self._cache.loaded
        if known != revision:
            directory = self._load()
            self._require_sealed(directory)
            self._cache.loaded = (revision, directory)
        return directory

    def as_kept(self) -> Directory:
        """Return what stands in the database, proved or not: what an import would replace."""
        return self._load()

    def _require_sealed(self, directory: Directory) -> None:
        """Refuse rows that were not written by the bot: who adds a member of staff could read every case.

        A directory that was imported by version 0.1 has no seal, and is believed until it is imported again.

        Raises:
            Undecipherable: it is not what was imported (`directory.damaged`).
        """
        key_id, seal = self._link.row(_SEAL) or (None, None)
        if seal is None and self._link.row(_EVER_SEALED, code=SYSTEM, action=SEALED) is None:
            return
        try:
            sound = seal is not None and hmac.compare_digest(_seal_of(self._keyring, directory, key_id), seal)
        except Undecipherable:
            sound = False
        if not sound:
            raise Undecipherable("directory.damaged")

    def _load(self) -> Directory:
        addresses: dict[str, list[Address]] = {}
        for unit, address in self._link.rows(_ADDRESSES):
            addresses.setdefault(unit, []).append(Address.parse(address))
        agencies = (
            Agency(
                key, name, alias, AgencyKind(kind), Principal(principal), email, manager, tuple(addresses.get(key, ()))
            )
            for key, name, alias, kind, principal, email, manager in self._link.rows(_AGENCIES)
        )
        identities: dict[str, list[str]] = {}
        for identity, person in self._link.rows(_IDENTITIES):
            identities.setdefault(person, []).append(identity)
        people = (
            Staff(
                key,
                unit,
                name,
                title,
                email,
                bool(coordinator),
                bool(admin),
                tuple(identities.get(key, ())),
                deputy,
                instant_or_none(away_until),
            )
            for key, unit, name, title, email, coordinator, admin, deputy, away_until in self._link.rows(_STAFF)
        )
        return Directory({known.id: known for known in agencies}, {person.id: person for person in people})


class DirectoryKeeping(DirectoryReading):
    """The directory inside a write transaction."""

    def __init__(self, link: Link, keyring: Keyring, cache: DirectoryCache, journal: Journal) -> None:
        super().__init__(link, keyring, cache)
        self._journal = journal

    def replace(self, directory: Directory, actor: str = "") -> tuple[Change, ...]:
        """Keep another directory in place of this one, and return what is different.

        A member of staff who is known by any of their identities keeps the id they have.
        """
        # Taking the revision first makes two replacements at once wait for each other.
        self._link.run(_NEW_REVISION, revision=secrets.randbits(62))
        before = self._load()
        after = _with_known_ids(directory, before)
        changes = changes_between(before, after)
        # What this transaction has written is its own until it is committed, so the cache of the process is
        # left alone.
        self._now = after
        if changes or list(before.agencies) != list(after.agencies) or list(before.staff) != list(after.staff):
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
        before = self._load()
        self._require_sealed(before)
        person = before.staff.get(who)
        self._now = before
        if person is None or person.away_until == until:
            return False
        self._now = Directory(before.agencies, {**before.staff, who: replace(person, away_until=until)})
        self._link.run(_SET_AWAY, who=who, until=_micros_or_none(until))
        self.seal()
        return True

    def seal(self) -> None:
        """Seal the directory with the newest key; that there is a seal from now on stands in the journal."""
        newest = self._keyring.newest
        if self._link.row(_EVER_SEALED, code=SYSTEM, action=SEALED) is None:
            self._journal.write(SYSTEM, SEALED, "")
        self._link.run(_SET_SEAL, key_id=newest, seal=_seal_of(self._keyring, self.get(), newest))

    def _write(self, directory: Directory) -> None:
        for clear in _CLEAR:
            self._link.run(clear)
        rows = []
        addresses = []
        for n, unit in enumerate(directory.agencies.values()):
            row = asdict(unit) | {"position": n}
            del row["addresses"]
            rows.append(row)
            for place, address in enumerate(unit.addresses):
                addresses.append({"agency": unit.id, "position": place, "address": str(address)})
        self._link.run_each(_ADD_AGENCY, rows)
        self._link.run_each(_ADD_ADDRESS, addresses)
        rows = []
        identities = []
        for n, person in enumerate(directory.staff.values()):
            row = asdict(person) | {"position": n, "coordinator": int(person.coordinator), "admin": int(person.admin)}
            row["away_until"] = _micros_or_none(person.away_until)
            for place, identity in enumerate(row.pop("identities")):
                identities.append({"identity": identity, "staff": person.id, "position": place})
            rows.append(row)
        self._link.run_each(_ADD_STAFF, rows)
        self._link.run_each(_ADD_IDENTITY, identities)


def changes_between(before: Directory, directory: Directory) -> tuple[Change, ...]:
    """Return what is different in another directory, which somebody known by any of their identities stays in."""
    after = _with_known_ids(directory, before)
    return (*_changes("agency", before.agencies, after.agencies), *_changes("staff", before.staff, after.staff))


def _seal_of(keyring: Keyring, directory: Directory, key_id: bytes) -> bytes:
    units = [
        (u.id, u.name, u.alias, u.kind.value, u.principal.value, u.email, u.manager, [str(a) for a in u.addresses])
        for u in directory.agencies.values()
    ]
    people = [
        (p.id, p.agency, p.name, p.title, p.email, p.coordinator, p.admin, list(p.identities))
        for p in directory.staff.values()
    ]
    # A directory without them is sealed as it was before there were any.
    deputies = [(p.id, p.deputy, _micros_or_none(p.away_until)) for p in directory.staff.values()]
    told = [each for each in deputies if each[1] or each[2] is not None]
    sealed = (units, people, told) if told else (units, people)
    return keyring.mac("directory", msgspec.msgpack.encode(sealed), key_id)


def _micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def _with_known_ids(directory: Directory, before: Directory) -> Directory:
    people: dict[str, Staff] = {}
    for person in directory.staff.values():
        known = before.staff.get(person.id)
        for identity in person.identities:
            known = known or before.by_identity(identity)
        # Who is away is so whatever file is imported.
        kept = person
        if known is not None:
            kept = replace(person, id=known.id, away_until=person.away_until or known.away_until)
        people[kept.id] = kept
    return Directory(directory.agencies, people)


def _changes(thing: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    added = [Change(ChangeKind.ADDED, thing, key) for key in after if key not in before]
    removed = [Change(ChangeKind.REMOVED, thing, key) for key in before if key not in after]
    changed = [
        Change(ChangeKind.CHANGED, thing, key, _differences(before[key], after[key]))
        for key in after
        if key in before and before[key] != after[key]
    ]
    return (*added, *changed, *removed)


def _differences(before: Any, after: Any) -> tuple[str, ...]:
    """Return the fields that differ; addresses one by one, by platform and kind (`chat_channel`)."""
    different = [field.name for field in fields(before) if getattr(before, field.name) != getattr(after, field.name)]
    if "addresses" not in different:
        return tuple(different)
    different.remove("addresses")
    moved = {f"{address.platform}_{address.kind}" for address in {*before.addresses} ^ {*after.addresses}}
    return (*different, *(sorted(moved) or ["addresses"]))
