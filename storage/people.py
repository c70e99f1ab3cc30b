"""People: what the bot remembers of those who have written to it, by their identity in chat."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.encryption.address_seal import AddressReading
from storage.schema.tables import person
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

_IDENTITY = bindparam("identity", type_=person.c.identity.type)
_LOCALE = Statement(select(person.c.locale).where(person.c.identity == _IDENTITY))
_DM = Statement(select(person.c.dm).where(person.c.identity == _IDENTITY))
_WHOSE = " "  # between an identity and its room
_SET_LOCALE = inserting(person, or_update=("locale",))
_SET_DM = inserting(person, or_update=("dm",))


class PeopleReading:
    """What can be read of people. An identity is platform, team and user: `chat:T0/U0ANNA`."""

    def __init__(self, link: Link, addresses: AddressReading) -> None:
        self._link = link
        self._addresses = addresses

    def locale(self, identity: str) -> str:
        """Return the locale that the platform told last ("sv-SE"), or ""."""
        return self._link.value(_LOCALE, identity=self._addresses.seal(identity)) or ""

    def dm(self, identity: str) -> str | None:
        """Return the platform's name of the room for direct messages with a person, if it is known."""
        kept = self._addresses.readable(self._link.value(_DM, identity=self._addresses.seal(identity)) or "")
        whose, _, room = kept.partition(_WHOSE)
        # What cannot be opened, or another's room that somebody has put here, counts for nothing: it is asked for anew.
        return room if room and whose == identity else None


class People(PeopleReading):
    """People inside a write transaction."""

    def remember_locale(self, identity: str, locale: str) -> None:
        """Remember a person's locale."""
        if locale and self.locale(identity) != locale:
            self._link.run(_SET_LOCALE, identity=self._addresses.seal(identity), locale=locale, dm="", home_at=None)

    def remember_dm(self, identity: str, room: str) -> None:
        """Remember the room for direct messages with a person."""
        sealed = {"identity": self._addresses.seal(identity), "dm": self._addresses.seal(identity + _WHOSE + room)}
        self._link.run(_SET_DM, **sealed, locale="", home_at=None)
