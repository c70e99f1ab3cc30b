"""Reading a region's profile: one of those that are shipped, or a file of the operator's own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from bot.toml_file import BadToml, parsed, text_of
from domain.profile import Profile
from domain.reminders.kinds import current_key

SHIPPED = (
    "gotland",
    "blekinge",
    "stockholm",
    "national",
    "vastra-gotaland",
    "jonkoping",
    "norrbotten",
    "arvika-eda",
)


class BadProfile(ValueError):
    """The profile cannot be read. The operator mends the file, or the setting that names it."""


def read_profile(name: str) -> Profile:
    """Return the profile of this name, or in the TOML file at this path.

    Raises:
        BadProfile: no such file, or what is wrong in it and where.
    """
    if name in SHIPPED:
        return _shipped(name)
    path = Path(name)
    try:
        text = text_of(path) if path.is_file() else None
    except BadToml as wrong:
        raise BadProfile(f"profile {name}: {wrong}") from wrong
    except OSError as wrong:
        raise BadProfile(f"profile {name}: it cannot be read ({wrong.strerror})") from wrong
    if text is None:
        raise BadProfile(f"no profile {name!r}: use one of {', '.join(SHIPPED)}, or the path of a TOML file")
    return _profile(name, text)


@cache
def _shipped(name: str) -> Profile:
    """Return a profile that is shipped: it does not change while the program runs."""
    return _profile(name, files("bot").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8"))


def _profile(name: str, text: str) -> Profile:
    try:
        return msgspec.convert(_under_todays_names(parsed(text)), Profile)
    except (BadToml, msgspec.ValidationError) as wrong:
        raise BadProfile(f"profile {name}: {wrong}") from wrong


def read_others(files_of_before: Iterable[str]) -> dict[str, Profile]:
    """Return every profile by which a case may have been opened, by name: all that are shipped, and these files'.

    Raises:
        BadProfile: a file cannot be read, or two files say that they are the same profile.
    """
    found = {profile.name: profile for profile in map(read_profile, SHIPPED)}
    own: set[str] = set()
    for file in files_of_before:
        profile = read_profile(file)
        if profile.name in own:
            raise BadProfile(f"profile {file}: another file has the name {profile.name!r} too")
        own.add(profile.name)
        found[profile.name] = profile
    return found


def _under_todays_names(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a profile says with its reminders by name: version 0.1 wrote `[nags.T4]`."""
    tables = (found.pop("nags", {}), found.get("reminders", {}))
    named = {current_key(name): plan for table in tables if isinstance(table, dict) for name, plan in table.items()}
    return {**found, "reminders": named} if named else found
