"""What is different between two directories: an import says it before it is done, and keeps the ids of who is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from domain.directory import Directory, Staff


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


def changes_between(before: Directory, directory: Directory) -> tuple[Change, ...]:
    """Return what is different in another directory, which somebody known by any of their identities stays in."""
    after = with_known_ids(directory, before)
    return (*_changes("agency", before.agencies, after.agencies), *_changes("staff", before.staff, after.staff))


def with_known_ids(directory: Directory, before: Directory) -> Directory:
    """Return a directory in which who is known by any of their identities in the one before keeps their id."""
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
