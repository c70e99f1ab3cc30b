"""What makes a directory unusable, and what hinders nothing but may be a slip."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.admin.directory_entries import AgencyEntry, Fault, StaffEntry, Unit, of_staff
from bot.admin.directory_lines import Place
from domain.errors import Invalid
from domain.text.free_text import Forbidden, find_forbidden
from domain.text.mail_address import normal_address
from domain.text.typed import is_one_row

SLACK_IDENTITY = re.compile(r"[TE][A-Z0-9]{1,20}/[UW][A-Z0-9]{1,20}", re.ASCII)
SLACK_TEAM = re.compile(r"[TE][A-Z0-9]{1,20}", re.ASCII)
SLACK_USER = re.compile(r"[UW][A-Z0-9]{1,20}", re.ASCII)
SLACK_CHANNEL = re.compile(r"[CGD][A-Z0-9]{1,20}", re.ASCII)
MATRIX_USER = re.compile(r"@[^\s:]+:\S+", re.ASCII)
MATRIX_ROOM = re.compile(r"![^\s]+", re.ASCII)
AGENCY_ID = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)

_BLANK = re.compile(r"<[^<>]*>")

LONGEST = 120
LONGEST_NAME = 70  # an option's label in Slack takes 75


def faults_of(units: list[Unit]) -> list[Fault]:
    """Return everything that makes the directory unusable."""
    return [*_in_each(units), *_twice(units)]


def _in_each(units: list[Unit]) -> Iterator[Fault]:
    for unit in units:
        who = f"agency {unit.entry.id[:40]!r}"
        yield from _told(unit.place, who, unit.entry, (*_agency_faults(unit.entry), *_manager_faults(unit, units)))
        for person in unit.staff:
            who = of_staff(unit.entry.id, person.entry)
            faults = (*_staff_faults(person.entry), *_deputy_faults(unit, person.entry))
            yield from _told(person.place, who, person.entry, faults)


def _told(
    place: Place, who: str, entry: AgencyEntry | StaffEntry, faults: Iterable[tuple[str, str]]
) -> Iterator[Fault]:
    """Put each fault in its place; of a field that nobody has filled in yet that alone is said."""
    blank = [field for field in entry.__struct_fields__ if _BLANK.fullmatch(str(getattr(entry, field)))]
    for field in blank:
        yield Fault(place.at(field), who, f"{field} is still to be filled in: {getattr(entry, field)}")
    for field, what in faults:
        if field not in blank:
            yield Fault(place.at(field), who, what)


def _twice(units: list[Unit]) -> Iterator[Fault]:
    """Find what two agencies, or two members of staff, cannot have in common."""
    ids = Counter(unit.entry.id for unit in units)
    seen: dict[tuple[str, str], Place] = {}
    for unit in units:
        who = f"agency {unit.entry.id[:40]!r}"
        if ids[unit.entry.id] > 1:
            yield Fault(unit.place.at("id"), who, "this id is used twice")
        for field in ("slack_channel", "matrix_room"):
            value = getattr(unit.entry, field)
            if value and seen.setdefault((field, value), unit.place) != unit.place:
                yield Fault(unit.place.at(field), who, f"{field} {value!r} is used twice; each agency has its own")
        for person in unit.staff:
            user = person.entry.slack.partition("/")[2]
            grid = [("slack", f"{team}/{user}") for team in person.entry.slack_teams]
            for field, value in (("slack", person.entry.slack), *grid, ("matrix", person.entry.matrix)):
                if value and seen.setdefault((field, value), person.place) != person.place:
                    what = (
                        "this identity stands elsewhere in the file too; keep it at the agency for which they answer. "
                        "Colleagues at the other write them down when they come for it"
                    )
                    yield Fault(person.place.at(field), of_staff(unit.entry.id, person.entry), what)


def _agency_faults(agency: AgencyEntry) -> Iterator[tuple[str, str]]:
    if AGENCY_ID.fullmatch(agency.id) is None:
        yield "id", "id takes a-z, 0-9, - and _, at most 40"
    if not agency.name.strip() or len(agency.name) > LONGEST_NAME:
        yield "name", f"name is needed, at most {LONGEST_NAME} characters"
    for field in ("name", "alias", "matrix_room"):
        yield from _text_faults(field, getattr(agency, field))
    yield from _mail_faults(agency.email, "soc@example.se")
    if agency.slack_channel and SLACK_CHANNEL.fullmatch(agency.slack_channel) is None:
        yield "slack_channel", "slack_channel takes the channel's id, such as C0123ABC, not its name"
    if agency.matrix_room and MATRIX_ROOM.fullmatch(agency.matrix_room) is None:
        yield "matrix_room", "matrix_room takes the room's id, such as !abc:example.se, not its name"


def _staff_faults(staff: StaffEntry) -> Iterator[tuple[str, str]]:
    if not staff.slack and not staff.matrix:
        yield "", 'needs slack = "T…/U…" or matrix = "@…"'
    if not staff.name.strip():
        yield "name", "name is needed"
    for field in ("name", "title", "matrix"):
        yield from _text_faults(field, getattr(staff, field))
    yield from _mail_faults(staff.email, "kim@example.se")
    if staff.slack and SLACK_IDENTITY.fullmatch(staff.slack) is None:
        yield "slack", 'slack takes team and user, such as "T0123/U0456"'
    teams = [staff.slack.partition("/")[0], *staff.slack_teams]
    if staff.slack_teams and not (staff.slack and all(SLACK_TEAM.fullmatch(team) for team in staff.slack_teams)):
        yield "slack_teams", 'slack_teams takes the other workspaces of the same Grid, such as ["T0456"], beside slack'
    elif len(set(teams)) < len(teams):
        yield "slack_teams", "slack_teams names a workspace twice, or that of slack"
    if staff.matrix and MATRIX_USER.fullmatch(staff.matrix) is None:
        yield "matrix", 'matrix takes the full id, such as "@kim:example.se"'


def _text_faults(field: str, text: str) -> Iterator[tuple[str, str]]:
    """What cannot stand in a header, a row or a message: unseen characters, line ends, endless texts, a number.

    Whose personal number it is does not matter: what stands here is shown to every agency (law 4D.2).
    """
    if not is_one_row(text):
        yield field, f"{field} holds a line end, a tab or characters that nobody sees; remove them"
    if len(text) > LONGEST:
        yield field, f"{field} is longer than {LONGEST} characters; shorten it"
    if any(finding.kind is Forbidden.PERSONAL_NUMBER for finding in find_forbidden(text)):
        yield field, f"{field} holds a personal number; take it out"


def _mail_faults(email: str, example: str) -> Iterator[tuple[str, str]]:
    if not email:
        return
    try:
        normal_address(email)
    except Invalid:
        yield "email", f"email is no mail address, such as {example}"


def _manager_faults(unit: Unit, units: list[Unit]) -> Iterator[tuple[str, str]]:
    manager = unit.entry.manager
    if not manager or manager_of(unit, units):
        return
    if SLACK_USER.fullmatch(manager):
        yield "manager", f'manager {manager!r}: its own staff do not tell which team; write it as "T0123/{manager}"'
    else:
        yield "manager", 'manager takes a user, such as "T0123/U0456", "U0456" or "@name:example.se"'


def deputy_of(unit: Unit, staff: StaffEntry) -> str:
    """Return the identity of somebody's deputy, one of the same agency's staff, or "" where there is none such."""
    found = _colleague(unit, staff.deputy)
    if found is None:
        return ""
    return f"slack:{found.slack}" if found.slack == staff.deputy else f"matrix:{found.matrix}"


def _colleague(unit: Unit, identity: str) -> StaffEntry | None:
    entries = (person.entry for person in unit.staff)
    return next((entry for entry in entries if identity and identity in {entry.slack, entry.matrix}), None)


def _deputy_faults(unit: Unit, staff: StaffEntry) -> Iterator[tuple[str, str]]:
    found, seen = _colleague(unit, staff.deputy), [staff]
    if staff.deputy and found is None:
        yield "deputy", f"deputy {staff.deputy[:40]!r} is none of this agency's staff; write their slack or matrix"
    while found is not None and found not in seen:
        seen.append(found)
        found = _colleague(unit, found.deputy)
    if found == staff and len(seen) == 1:
        yield "deputy", "deputy is the person themselves; name a colleague"
    elif found == staff:
        yield (
            "deputy",
            "deputies go round in a circle, so that nobody is left when all of them are away; name somebody outside it",
        )


def manager_of(unit: Unit, units: list[Unit]) -> str:
    """Return the identity of an agency's manager, or "" where the file does not tell whose it is.

    Another team may have a user of the same name, so a user alone is one of the team that the agency's own staff are
    in: of several teams, the one where one of them has that name. An agency without staff in any team takes the
    file's only one.
    """
    manager = unit.entry.manager
    if SLACK_IDENTITY.fullmatch(manager):
        return f"slack:{manager}"
    if MATRIX_USER.fullmatch(manager):
        return f"matrix:{manager}"
    if not SLACK_USER.fullmatch(manager):
        return ""
    own = {person.entry.slack for person in unit.staff if person.entry.slack}
    everybody = {person.entry.slack for other in units for person in other.staff if person.entry.slack}
    named = {identity for identity in own if identity.endswith(f"/{manager}")}
    teams = {identity.partition("/")[0] for identity in named or own or everybody}
    return f"slack:{teams.pop()}/{manager}" if len(teams) == 1 else ""


def notes_of(units: list[Unit]) -> list[Fault]:
    """Return what hinders nothing and may still be a slip: who is never reached, who is nobody, who is called alike."""
    known = {f"slack:{person.entry.slack}" for unit in units for person in unit.staff if person.entry.slack}
    known |= {f"matrix:{person.entry.matrix}" for unit in units for person in unit.staff if person.entry.matrix}
    notes = [note for unit in units for note in _notes_of(unit, manager_of(unit, units), known)]
    notes += _alike(units)
    if not any(person.entry.coordinator for unit in units for person in unit.staff):
        notes.append(Fault(Place(-1), "the file", "nobody has coordinator = true, so nobody can open a case"))
    return notes


def _alike(units: list[Unit]) -> Iterator[Fault]:
    """Find what an agency is called that another one before it is called too, in forms or where its alias stands."""
    whose: dict[str, str] = {}
    for unit in units:
        for field in ("name", "alias"):
            text = " ".join(getattr(unit.entry, field).casefold().split())
            other = whose.setdefault(text, unit.entry.id) if text else unit.entry.id
            if other != unit.entry.id:
                what = f"{field} is what agency {other!r} is called too; nobody could tell them apart"
                yield Fault(unit.place.at(field), f"agency {unit.entry.id!r}", what)


def _notes_of(unit: Unit, manager: str, known: set[str]) -> Iterator[Fault]:
    who = f"agency {unit.entry.id!r}"
    if not unit.entry.slack_channel and not unit.entry.matrix_room:
        yield Fault(unit.place, who, "without slack_channel or matrix_room it is never summoned in chat")
    if not manager:
        yield Fault(unit.place, who, "without manager nobody hears of what it leaves unanswered")
    elif manager not in known:
        what = (
            f"manager {unit.entry.manager!r} is no staff of this file; a slip? Enter them as staff of an agency: "
            "only then may they answer what they are reminded of"
        )
        yield Fault(unit.place.at("manager"), who, what)
    without = sum(not person.entry.email for person in unit.staff)
    if without:
        yield Fault(unit.place, who, f"{without} of its staff have no email, so they get no calendar invites")
