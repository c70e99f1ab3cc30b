"""Reading the directory file: agencies and staff in TOML, checked as a whole before anything changes.

The file names platforms, one field each (`slack_channel`, `matrix_room`, `slack`, `matrix`): what stands in them
becomes an address or an identity, and nothing below this module knows which platforms there are.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from domain.address import Address, Kind
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from domain.errors import Invalid
from domain.text.mail_address import normal_address
from domain.text.typed import cleaned

SLACK_IDENTITY = re.compile(r"[TE][A-Z0-9]{1,20}/[UW][A-Z0-9]{1,20}", re.ASCII)
AGENCY_ID = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)
SLACK_USER = re.compile(r"[UW][A-Z0-9]{1,20}", re.ASCII)
MATRIX_USER = re.compile(r"@[^\s:]+:\S+", re.ASCII)
SLACK_CHANNEL = re.compile(r"[CGD][A-Z0-9]{1,20}", re.ASCII)


class BadDirectory(ValueError):
    """The file cannot be used; nothing was changed. The message names the place and the mend."""


class StaffEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One `[[agency.staff]]` of the file."""

    name: str
    slack: str = ""
    matrix: str = ""
    title: str = ""
    email: str = ""
    coordinator: bool = False
    admin: bool = False


class AgencyEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One `[[agency]]` of the file."""

    id: str
    name: str
    kind: AgencyKind
    principal: Principal
    alias: str = ""
    email: str = ""
    slack_channel: str = ""
    matrix_room: str = ""
    manager: str = ""
    staff: tuple[StaffEntry, ...] = ()


class DirectoryEntries(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole file."""

    agency: tuple[AgencyEntry, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the file."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def read_directory(path: Path) -> Directory:
    """Return the directory in a file.

    Raises:
        BadDirectory: what is wrong, one line each.
    """
    try:
        entries = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), DirectoryEntries)
    except OSError as wrong:
        raise BadDirectory(f"{path}: {wrong.strerror}") from wrong
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as wrong:
        raise BadDirectory(f"{path}: {wrong}") from wrong
    faults = _faults(entries)
    if faults:
        raise BadDirectory("\n".join(str(fault) for fault in faults))
    return _directory(entries)


def _faults(entries: DirectoryEntries) -> list[Fault]:
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for agency in entries.agency:
        where = f"agency {agency.id!r}"
        faults += _agency_faults(agency, where)
        faults += _manager_faults(agency, entries, where)
        for name in ("id", "slack_channel", "matrix_room"):
            value = getattr(agency, name)
            if value and seen.setdefault(f"{name} {value}", where) != where:
                faults.append(Fault(where, f"{name} {value!r} is used twice; each agency has its own"))
        if sum(other.id == agency.id for other in entries.agency) > 1:
            faults.append(Fault(where, "this id is used twice"))
        for staff in agency.staff:
            faults += _staff_faults(staff, f"{where}, staff {staff.slack or staff.matrix or '(no identity)'}", seen)
    return list(dict.fromkeys(faults))


def _agency_faults(agency: AgencyEntry, where: str) -> list[Fault]:
    faults = []
    if AGENCY_ID.fullmatch(agency.id) is None:
        faults.append(Fault(where, "id takes a-z, 0-9, - and _, at most 40"))
    if not agency.name.strip() or len(agency.name) > 70:  # noqa: PLR2004 - an option's label in Slack takes 75
        faults.append(Fault(where, "name is needed, at most 70 characters"))
    faults += _text_faults(where, agency.email, agency.id, agency.name, agency.alias, agency.matrix_room)
    if agency.slack_channel and SLACK_CHANNEL.fullmatch(agency.slack_channel) is None:
        faults.append(Fault(where, "slack_channel takes the channel's id, such as C0123ABC, not its name"))
    return faults


LONGEST = 120


def _text_faults(where: str, email: str, *texts: str) -> list[Fault]:
    """What cannot stand in a header, a row or a message: unseen characters, line ends, mail addresses that are none."""
    faults = []
    if any(cleaned(text) != text or "\n" in text or "\t" in text for text in texts):
        faults.append(Fault(where, "a text holds a line end, a tab or characters that nobody sees"))
    if any(len(text) > LONGEST for text in texts):
        faults.append(Fault(where, f"a text is longer than {LONGEST} characters"))
    if email:
        try:
            normal_address(email)
        except Invalid:
            faults.append(Fault(where, "email is no mail address, such as soc@example.se"))
    return faults


def _manager_faults(agency: AgencyEntry, entries: DirectoryEntries, where: str) -> list[Fault]:
    if not agency.manager or _manager(agency, entries):
        return []
    if SLACK_USER.fullmatch(agency.manager):
        what = f'manager {agency.manager!r}: its own staff do not tell which team; write it as "T0123/{agency.manager}"'
    else:
        what = 'manager takes a user, such as "T0123/U0456", "U0456" or "@name:example.se"'
    return [Fault(where, what)]


def _manager(agency: AgencyEntry, entries: DirectoryEntries) -> str:
    """Return the identity of an agency's manager, or "" where the file does not tell whose it is.

    Another team may have a user of the same name, so a user alone is one of the team that the agency's own staff are
    in: of several teams, the one where one of them has that name. An agency without staff in any team takes the
    file's only one.
    """
    manager = agency.manager
    if SLACK_IDENTITY.fullmatch(manager):
        return f"slack:{manager}"
    if MATRIX_USER.fullmatch(manager):
        return f"matrix:{manager}"
    if not SLACK_USER.fullmatch(manager):
        return ""
    own = {staff.slack for staff in agency.staff if staff.slack}
    everybody = {staff.slack for other in entries.agency for staff in other.staff if staff.slack}
    named = {identity for identity in own if identity.endswith(f"/{manager}")}
    teams = {identity.partition("/")[0] for identity in named or own or everybody}
    return f"slack:{teams.pop()}/{manager}" if len(teams) == 1 else ""


def _staff_faults(staff: StaffEntry, where: str, seen: dict[str, str]) -> list[Fault]:
    faults = []
    if not staff.slack and not staff.matrix:
        faults.append(Fault(where, 'needs slack = "T…/U…" or matrix = "@…"'))
    if not staff.name.strip():
        faults.append(Fault(where, "name is needed"))
    faults += _text_faults(where, staff.email, staff.name, staff.title, staff.matrix)
    if staff.slack and SLACK_IDENTITY.fullmatch(staff.slack) is None:
        faults.append(Fault(where, 'slack takes team and user, such as "T0123/U0456"'))
    taken = [i for i in (staff.slack, staff.matrix) if i and seen.setdefault(f"identity {i}", where) != where]
    faults += [Fault(where, "this identity stands at another agency too; a person works at one") for _ in taken]
    return faults


def _directory(entries: DirectoryEntries) -> Directory:
    agencies = {
        entry.id: Agency(
            entry.id,
            entry.name,
            entry.alias or entry.name,
            entry.kind,
            entry.principal,
            entry.email,
            _manager(entry, entries),
            _addresses(entry),
        )
        for entry in entries.agency
    }
    people = [_staff(entry.id, staff) for entry in entries.agency for staff in entry.staff]
    return Directory(agencies, {person.id: person for person in people})


def _addresses(entry: AgencyEntry) -> tuple[Address, ...]:
    named = (("slack", Kind.CHANNEL, entry.slack_channel), ("matrix", Kind.ROOM, entry.matrix_room))
    return tuple(Address(platform, kind, target) for platform, kind, target in named if target)


def _staff(agency: str, entry: StaffEntry) -> Staff:
    named = (("slack", entry.slack), ("matrix", entry.matrix))
    identities = tuple(f"{platform}:{value}" for platform, value in named if value)
    return Staff(
        identities[0], agency, entry.name, entry.title, entry.email, entry.coordinator, entry.admin, identities
    )
