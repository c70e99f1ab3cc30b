"""Whether every open case's own rules are still known: a case keeps the profile by which it was opened (R208)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import partial

from bot.profile_file import SHIPPED, BadProfile
from storage.engine.database import Database
from storage.transaction import Reader

# Seconds that reading a page of cases may take.
_PATIENCE = 60.0
_PAGE = 200


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
    unknown = {name: count for name, count in found.items() if name not in known}
    if unknown:
        raise BadProfile(in_a_sentence(unknown))
    database.write(lambda tx: tx.profiles.settle(found, gone)).result(_PATIENCE)


def in_use(database: Database) -> Counter[str]:
    """Return by which profiles open cases run, each with how many."""
    found: Counter[str] = Counter()
    after: str | None = ""
    while after is not None:
        names, after = database.read(partial(_page, after)).result(_PATIENCE)
        found.update(names)
    return found


def _page(after: str, reader: Reader) -> tuple[list[str], str | None]:
    codes = reader.cases.open_codes(after, _PAGE)
    # One that is refused is named by the auditor, and keeps the program from nothing.
    cases = (reader.cases.find(code) for code in codes)
    return [case.profile for case in cases if case is not None], codes[-1] if codes else None


def in_a_sentence(unknown: Mapping[str, int]) -> str:
    """Say which profiles are missing, and what mends it."""
    named = ", ".join(f"{name!r} ({count} open cases)" for name, count in sorted(unknown.items()))
    return (
        f"no profile {named}: a case keeps the profile by which it was opened. Name the file of each in "
        f"SIPBOT_OTHER_PROFILES; those that need no file are {', '.join(SHIPPED)}"
    )
