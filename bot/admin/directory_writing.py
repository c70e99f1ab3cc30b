"""Writing the directory as a file that can be imported again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from domain.directory import Agency, Directory, Staff

# The file's field for an address or an identity of each platform.
_ADDRESS_FIELDS = {"slack": "slack_channel", "matrix": "matrix_room"}
_IDENTITY_FIELDS = ("slack", "matrix")


def written(directory: Directory) -> str:
    """Return the directory as TOML, such that importing it changes nothing."""
    return "\n\n".join("\n".join(table) for table in _tables(directory)) + "\n"


def _tables(directory: Directory) -> Iterator[list[str]]:
    for agency in directory.agencies.values():
        yield ["[[agency]]", *_fields(_of_agency(agency))]
        for staff in directory.staff_of(agency.id):
            yield ["[[agency.staff]]", *_fields(_of_staff(staff))]


def _fields(fields: Mapping[str, str | bool | list[str]]) -> Iterator[str]:
    for name, value in fields.items():
        if value:
            # A string of JSON is one of TOML too.
            yield f"{name} = {'true' if value is True else json.dumps(value, ensure_ascii=False)}"


def _of_agency(agency: Agency) -> dict[str, str | bool]:
    addresses = {_ADDRESS_FIELDS[address.platform]: address.target for address in agency.addresses}
    return {
        "id": agency.id,
        "name": agency.name,
        "alias": agency.alias,
        "kind": agency.kind.value,
        "principal": agency.principal.value,
        "email": agency.email,
        **addresses,
        "manager": agency.manager.partition(":")[2],
    }


def _of_staff(staff: Staff) -> dict[str, str | bool | list[str]]:
    named: dict[str, list[str]] = {}
    for platform, _, value in (identity.partition(":") for identity in staff.identities):
        named.setdefault(platform, []).append(value)
    return {
        **{platform: next(iter(named.get(platform, ())), "") for platform in _IDENTITY_FIELDS},
        "slack_teams": [identity.partition("/")[0] for identity in named.get("slack", ())[1:]],
        "name": staff.name,
        "title": staff.title,
        "email": staff.email,
        "coordinator": staff.coordinator,
        "admin": staff.admin,
        "deputy": staff.deputy.partition(":")[2],
    }
