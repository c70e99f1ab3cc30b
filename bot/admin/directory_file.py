"""Reading the directory file: agencies and staff in TOML, checked as a whole before anything changes.

The file names platforms, one field each (`slack_channel`, `matrix_room`, `slack`, `matrix`): what stands in them
becomes an address or an identity, and nothing below this module knows which platforms there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.admin.directory_entries import AgencyEntry, Fault, StaffEntry, Unit, entries
from bot.admin.directory_faults import deputy_of, faults_of, manager_of, notes_of
from bot.admin.directory_lines import Lines
from bot.toml_file import BadToml, parsed, text_of
from domain.address import Address, Kind
from domain.directory import Agency, Directory, Staff


class BadDirectory(ValueError):
    """The file cannot be used; nothing was changed. The message names each place and its mend, one line each."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A directory that can be used, and what is worth knowing about it, one line each."""

    directory: Directory
    notes: tuple[str, ...]


def read_directory(path: Path) -> Directory:
    """Return the directory in a file.

    Raises:
        BadDirectory: what is wrong, one line each.
    """
    return check_directory(path).directory


def check_directory(path: Path) -> Checked:
    """Return the directory in a file, with what hinders nothing and may still be a slip.

    Raises:
        BadDirectory: what is wrong, one line each.
    """
    try:
        text = text_of(path)
        found = parsed(text)
    except OSError as wrong:
        raise BadDirectory(f"{path}: {wrong.strerror}") from wrong
    except BadToml as wrong:
        raise BadDirectory(f"{path}: {wrong}") from wrong
    lines = Lines(text)
    units, faults = entries(found)
    faults += faults_of(units)
    if faults:
        raise BadDirectory("\n".join(_told(faults, lines)))
    return Checked(_directory(units), tuple(_told(notes_of(units), lines)))


def _told(faults: list[Fault], lines: Lines) -> list[str]:
    """Return faults in the order of the file, each with its line where that is known."""
    told = []
    for fault in sorted(faults, key=lambda fault: lines.of(fault.place)):
        line = lines.of(fault.place)
        told.append(f"line {line}, {fault.who}: {fault.what}" if line else f"{fault.who}: {fault.what}")
    return list(dict.fromkeys(told))


def _directory(units: list[Unit]) -> Directory:
    agencies = {unit.entry.id: _agency(unit, units) for unit in units}
    people = [_staff(unit, person.entry) for unit in units for person in unit.staff]
    return Directory(agencies, {person.id: person for person in people})


def _agency(unit: Unit, units: list[Unit]) -> Agency:
    entry = unit.entry
    return Agency(
        entry.id,
        entry.name,
        entry.alias or entry.name,
        entry.kind,
        entry.principal,
        entry.email,
        manager_of(unit, units),
        _addresses(entry),
    )


def _addresses(entry: AgencyEntry) -> tuple[Address, ...]:
    named = (("slack", Kind.CHANNEL, entry.slack_channel), ("matrix", Kind.ROOM, entry.matrix_room))
    return tuple(Address(platform, kind, target) for platform, kind, target in named if target)


def _staff(unit: Unit, entry: StaffEntry) -> Staff:
    user = entry.slack.partition("/")[2]
    # In one Enterprise Grid a person is the same user in each workspace, and acts from any of them.
    grid = [("slack", f"{team}/{user}") for team in entry.slack_teams]
    named = (("slack", entry.slack), *grid, ("matrix", entry.matrix))
    identities = tuple(f"{platform}:{value}" for platform, value in named if value)
    return Staff(
        identities[0],
        unit.entry.id,
        entry.name,
        entry.title,
        entry.email,
        entry.coordinator,
        entry.admin,
        identities,
        deputy_of(unit, entry),
    )
