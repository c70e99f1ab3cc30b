"""By which regions' rules cases have been opened, so that a start finds a missing profile without reading them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, select

from storage.schema.tables import profile
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

_NAMES = Statement(select(profile.c.name).order_by(profile.c.name))
_NOTE = inserting(profile)
_FORGET = Statement(delete(profile).where(profile.c.name == bindparam("name")))


class ProfilesReading:
    """Which profiles cases have been opened by."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def noted(self) -> frozenset[str]:
        """Return their names; an empty one among them when there are cases from before it was noted."""
        return frozenset(self._link.column(_NAMES))


class Profiles(ProfilesReading):
    """The same inside a write transaction."""

    def note(self, name: str) -> None:
        """Note that a case is opened by this profile."""
        self._link.run(_NOTE, name=name)

    def settle(self, found: Iterable[str], gone: Iterable[str]) -> None:
        """Keep what was found when every open case was looked at; `gone` are those by which none runs any more."""
        for name in gone:
            self._link.run(_FORGET, name=name)
        for name in found:
            self.note(name)
