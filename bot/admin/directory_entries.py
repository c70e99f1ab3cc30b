"""The tables of a directory file as they are written, checked field by field, so that every slip is told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeGuard

import msgspec

from bot.admin.directory_lines import Place
from domain.directory import AgencyKind, Principal


class StaffEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One `[[agency.staff]]` of the file."""

    name: str
    slack: str = ""
    slack_teams: tuple[str, ...] = ()
    matrix: str = ""
    title: str = ""
    email: str = ""
    coordinator: bool = False
    admin: bool = False
    deputy: str = ""


class AgencyEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One `[[agency]]` of the file, without its staff."""

    id: str
    name: str
    kind: AgencyKind
    principal: Principal
    alias: str = ""
    email: str = ""
    slack_channel: str = ""
    matrix_room: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True)
class Employed:
    """A member of staff, and where in the file."""

    place: Place
    entry: StaffEntry


@dataclass(frozen=True, slots=True)
class Unit:
    """An agency with its staff, and where in the file."""

    place: Place
    entry: AgencyEntry
    staff: tuple[Employed, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the file: where, who it is about, and what mends it."""

    place: Place
    who: str
    what: str


NO_AGENCIES = "an agency begins with a line [[agency]], and each of its staff with a line [[agency.staff]]"


def entries(found: dict[str, Any]) -> tuple[list[Unit], list[Fault]]:
    """Return what can be read of a parsed file, and what is wrong with the rest."""
    faults = [Fault(Place(-1, field=name), name, NO_AGENCIES) for name in found if name != "agency"]
    tables = found.get("agency")
    if not tables or not _tables(tables):
        return [], [*faults, Fault(Place(-1), "agency", NO_AGENCIES)]
    units = []
    for number, table in enumerate(tables):
        unit, wrong = _unit(Place(number), table)
        faults += wrong
        units += [unit] if unit is not None else []
    return units, faults


def _tables(found: Any) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(found, list) and all(isinstance(table, dict) for table in found)


def _unit(place: Place, table: dict[str, Any]) -> tuple[Unit | None, list[Fault]]:
    who = f"agency {str(table.get('id', '(no id)'))[:40]!r}"
    people = table.get("staff", [])
    faults = list(_slips(place, who, {k: v for k, v in table.items() if k != "staff"}, AgencyEntry))
    entry = None if faults else msgspec.convert({k: v for k, v in table.items() if k != "staff"}, AgencyEntry)
    if not _tables(people):
        return None, [*faults, Fault(place.at("staff"), who, NO_AGENCIES)]
    staff = []
    for number, person in enumerate(people):
        at = Place(place.agency, number)
        wrong = list(_slips(at, _called(who, person.get("slack"), person.get("matrix")), person, StaffEntry))
        faults += wrong
        staff += [] if wrong else [Employed(at, msgspec.convert(person, StaffEntry))]
    return None if entry is None else Unit(place, entry, tuple(staff)), faults


def _called(who: str, *identities: object) -> str:
    known = next((str(identity)[:80] for identity in identities if identity), "(no identity)")
    return f"{who}, staff {known}"


def of_staff(agency: str, entry: StaffEntry) -> str:
    """Return how a member of staff is spoken of: by identity, never by name."""
    return _called(f"agency {agency!r}", entry.slack, entry.matrix)


def _slips(place: Place, who: str, table: dict[str, Any], kind: type[msgspec.Struct]) -> Iterator[Fault]:
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    for name in table:
        if name not in known:
            meant = get_close_matches(name, known, 1)
            yield Fault(place.at(name), who, f"{name} is no field" + (f"; did you mean {meant[0]}?" if meant else ""))
    for name, field in known.items():
        if name not in table and field.required:
            yield Fault(place, who, f"{name} is missing")
        elif name in table and not _takes(table[name], field.type):
            yield Fault(place.at(name), who, f"{name} takes {_wanted(field.type, table[name])}")


def _takes(value: object, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _wanted(kind: Any, given: object) -> str:
    if kind is bool:
        return "true or false, without quotation marks"
    if kind is str:
        return "a text in quotation marks"
    return f"{_either([member.value for member in kind])}, not {str(given)[:20]!r}"


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
