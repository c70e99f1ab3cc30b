"""Whether the directory is what was imported: as a whole by its seal, and else row by row.

The seal proves all of it, its order too. Beside it stands a proof of each agency and each member of staff, all of them
under a seal of their own: a row that was changed, or put back from an older directory, is found and believed no more,
and the others are.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from domain.directory import Agency, Directory, Staff
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.sql.instants import micros

_PROOF: Final = 16  # bytes of each row's proof
_MAC: Final = 32  # bytes of the seal over them, which stands first


@dataclass(frozen=True, slots=True)
class Proven:
    """The part of the directory that is proved, and what is not: `staff:bup`, `agency:vc`, `missing:2`, `order`."""

    directory: Directory
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seals:
    """What proves a directory: under which key, its seal, and the proofs of its rows (None: not made yet)."""

    key_id: bytes | None
    seal: bytes | None
    rows: bytes | None = None

    @classmethod
    def of(cls, keyring: Keyring, directory: Directory) -> Seals:
        """Seal a directory with the newest key."""
        newest = keyring.newest
        units = (_proof(keyring, unit, newest) for unit in directory.agencies.values())
        people = (_proof(keyring, person, newest) for person in directory.staff.values())
        proofs = b"".join((*units, *people))
        rows = keyring.mac("directory.rows", proofs, newest) + proofs
        return cls(newest, _seal_of(keyring, directory, newest), rows)

    def hold(self, keyring: Keyring, directory: Directory) -> bool:
        """Say whether this is the directory that was sealed, all of it."""
        if self.seal is None or self.key_id is None:
            return False
        try:
            return hmac.compare_digest(_seal_of(keyring, directory, self.key_id), self.seal)
        except Undecipherable:
            return False

    def proven(self, keyring: Keyring, directory: Directory, unreadable: tuple[str, ...]) -> Proven:
        """Return the rows that are proved one by one, staff of an agency that is not being none of them.

        Raises:
            Undecipherable: there are no proofs of rows, or they were not made by the bot (`directory.damaged`).
        """
        left = self._proofs(keyring)
        count = len(left)
        wrong = list(unreadable)
        units = {}
        for unit in directory.agencies.values():
            if (proof := _proof(keyring, unit, self.key_id)) in left:
                left.discard(proof)
                units[unit.id] = unit
            else:
                wrong.append(f"agency:{unit.id}")
        people = {}
        for person in directory.staff.values():
            if (proof := _proof(keyring, person, self.key_id)) not in left:
                wrong.append(f"staff:{person.agency}")
                continue
            left.discard(proof)
            if person.agency in units:
                people[person.id] = person
        if len(left) > len(wrong):
            wrong.append(f"missing:{len(left) - len(wrong)}")
        if not wrong and count:
            wrong.append("order")
        return Proven(Directory(units, people), tuple(dict.fromkeys(wrong)))

    def _proofs(self, keyring: Keyring) -> set[bytes]:
        if self.rows is None or self.key_id is None:
            raise Undecipherable("directory.damaged")
        mac, proofs = self.rows[:_MAC], self.rows[_MAC:]
        try:
            sound = hmac.compare_digest(keyring.mac("directory.rows", proofs, self.key_id), mac)
        except Undecipherable:
            sound = False
        if not sound:
            raise Undecipherable("directory.damaged")
        return {proofs[start : start + _PROOF] for start in range(0, len(proofs), _PROOF)}


def micros_or_none(at: datetime | None) -> int | None:
    """Return an instant as it is kept; None for none."""
    return None if at is None else micros(at)


def _agency(u: Agency) -> tuple[Any, ...]:
    addresses = [str(address) for address in u.addresses]
    return (u.id, u.name, u.alias, u.kind.value, u.principal.value, u.email, u.manager, addresses)


def _person(p: Staff) -> tuple[Any, ...]:
    return (p.id, p.agency, p.name, p.title, p.email, p.coordinator, p.admin, list(p.identities))


def _absence(p: Staff) -> tuple[Any, ...]:
    return (p.id, p.deputy, micros_or_none(p.away_until))


def _proof(keyring: Keyring, row: Agency | Staff, key_id: bytes | None) -> bytes:
    told = ("agency", _agency(row)) if isinstance(row, Agency) else ("staff", _person(row), _absence(row))
    return keyring.mac("directory.row", msgspec.msgpack.encode(told), key_id)[:_PROOF]


def _seal_of(keyring: Keyring, directory: Directory, key_id: bytes) -> bytes:
    units = [_agency(unit) for unit in directory.agencies.values()]
    people = [_person(person) for person in directory.staff.values()]
    # A directory without them is sealed as it was before there were any.
    told = [each for each in map(_absence, directory.staff.values()) if each[1] or each[2] is not None]
    sealed = (units, people, told) if told else (units, people)
    return keyring.mac("directory", msgspec.msgpack.encode(sealed), key_id)
