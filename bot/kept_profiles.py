"""Whether every open case's own rules are still known: a case keeps the profile by which it was opened (R208)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from bot.profile_file import SHIPPED, BadProfile
from domain.profile import Profile
from storage.engine.database import Database
from storage.transaction import Reader

# Seconds that reading a page of cases may take.
_PATIENCE = 60.0
_PAGE = 200


class Kept(NamedTuple):
    """By which profile a case was opened: its name, and what its rules were then ("" where that was not noted)."""

    name: str
    version: str


def require_known(database: Database, known: Collection[str]) -> None:
    """Let a program start only when it knows by which rules each open case runs.

    Cases are read only when a profile is missing, or after a version that did not note them.

    Raises:
        BadProfile: an open case was opened by a profile that is not among `known`.
    """
    noted = database.read(lambda reader: reader.profiles.noted()).result(_PATIENCE)
    gone = noted - frozenset(known)
    if not gone:
        return
    found = in_use(database)
    if unknown := unknown_in(found, known):
        raise BadProfile(in_a_sentence(unknown))
    database.write(lambda tx: tx.profiles.settle(_names(found), gone)).result(_PATIENCE)


def in_use(database: Database) -> Counter[Kept]:
    """Return by which profiles open cases were opened, each with how many."""
    found: Counter[Kept] = Counter()
    after: str | None = ""
    while after is not None:
        names, after = database.read(partial(_page, after)).result(_PATIENCE)
        found.update(names)
    return found


def unknown_in(found: Mapping[Kept, int], known: Collection[str]) -> dict[str, int]:
    """Return how many open cases there are of each profile that is not known."""
    return {name: count for name, count in _names(found).items() if name not in known}


def changed_in(found: Mapping[Kept, int], known: Iterable[Profile]) -> dict[str, int]:
    """Return how many open cases there are of each profile whose rules are others now than when they were opened."""
    version = {profile.name: profile.version() for profile in known}
    changed: Counter[str] = Counter()
    for kept, count in found.items():
        if kept.version and version.get(kept.name, kept.version) != kept.version:
            changed[kept.name] += count
    return dict(changed)


def _names(found: Mapping[Kept, int]) -> Counter[str]:
    names: Counter[str] = Counter()
    for kept, count in found.items():
        names[kept.name] += count
    return names


def _page(after: str, reader: Reader) -> tuple[list[Kept], str | None]:
    codes = reader.cases.open_codes(after, _PAGE)
    # One that is refused is named by the auditor, and keeps the program from nothing.
    cases = (reader.cases.find(code) for code in codes)
    found = [Kept(case.profile, case.profile_version) for case in cases if case is not None]
    return found, codes[-1] if codes else None


def in_a_sentence(unknown: Mapping[str, int]) -> str:
    """Say which profiles are missing, and what mends it."""
    named = ", ".join(f"{name!r} ({count} open cases)" for name, count in sorted(unknown.items()))
    return (
        f"no profile {named}: a case keeps the profile by which it was opened. Name the file of each in "
        f"SIPBOT_OTHER_PROFILES; those that need no file are {', '.join(SHIPPED)}"
    )


def changed_in_a_sentence(name: str, count: int) -> str:
    """Say that a profile's rules were changed under cases that are open, and what keeps them to theirs."""
    return (
        f"the rules of {name!r} are others now than when {count} open cases were opened by it, and they run by the new "
        "ones. To let them keep theirs give the changed file another `name`, and name the file from before in "
        "SIPBOT_OTHER_PROFILES"
    )
