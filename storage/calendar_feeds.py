"""Overviews: whose meetings stand in which case, and the secret address at which a person reads their own.

Of an address is kept half of its hash, by which it is found, and a proof that it was given to this person. Otherwise
whoever writes the database without the keys could give themselves an address for another's meetings.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, select

from storage.encryption.address_seal import AddressReading
from storage.schema.tables import feed, feed_case
from storage.sql.instants import instant, micros
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

_NOW = bindparam("now", type_=feed_case.c.until.type)
_CASES = Statement(
    select(feed_case.c.code, feed_case.c.changed_at)
    .where(feed_case.c.staff == bindparam("staff"), feed_case.c.until > _NOW)
    .order_by(feed_case.c.code)
    .limit(bindparam("limit", type_=feed_case.c.until.type))
)
_ENTER = inserting(feed_case, or_update=("until", "changed_at"))
_LEAVE = Statement(
    delete(feed_case).where(and_(feed_case.c.staff == bindparam("staff"), feed_case.c.code == bindparam("code")))
)
_ERASE = Statement(delete(feed_case).where(feed_case.c.code == bindparam("code")))
_FORGET = Statement(delete(feed_case).where(feed_case.c.until <= _NOW))

_FOUND_BY = 16  # bytes of a hash; the proof has as many
_OWNERS = Statement(
    select(feed.c.staff, feed.c.hash).where(feed.c.hash >= bindparam("first"), feed.c.hash <= bindparam("last"))
)
_GIVE = inserting(feed, or_update=("hash", "made_at"))
_HAS = Statement(select(feed.c.made_at).where(feed.c.staff == bindparam("staff")))
_REVOKE = Statement(delete(feed).where(feed.c.staff == bindparam("staff")))


class CalendarFeedsReading:
    """What can be read of calendar feeds."""

    def __init__(self, link: Link, addresses: AddressReading, now: datetime) -> None:
        self._link = link
        self._addresses = addresses
        self._now = micros(now)

    def owner_of(self, secret: str) -> str | None:
        """Return the staff id that an address's secret part belongs to.

        It is found by its hash, so how long that takes tells nothing about the secret.
        """
        head = _hash(secret)[:_FOUND_BY]
        for sealed, kept in self._link.rows(_OWNERS, first=head, last=head + b"\xff" * _FOUND_BY):
            staff = self._addresses.readable(sealed)
            if staff and hmac.compare_digest(kept, self._kept(staff, secret)):
                return staff
        return None

    def _kept(self, staff: str, secret: str) -> bytes:
        found = _hash(secret)
        proof = self._addresses.proof("feed", staff, found.hex())
        return found[:_FOUND_BY] + base64.urlsafe_b64decode(proof + "==")

    def given_at(self, staff: str) -> datetime | None:
        """Return when a person got the address that holds now, if they have one."""
        found = self._link.value(_HAS, staff=self._addresses.seal(staff))
        return None if found is None else instant(found)

    def cases_of(self, staff: str, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Return the cases with meetings of a person, each with the instant at which these last changed."""
        rows = self._link.rows(_CASES, staff=self._addresses.seal(staff), now=self._now, limit=limit)
        return tuple((code, instant(changed_at)) for code, changed_at in rows)


class CalendarFeeds(CalendarFeedsReading):
    """Overviews inside a write transaction."""

    def give(self, staff: str, secret: str) -> None:
        """Keep a person's new address, of which only the hash is kept; one before it is dead from now on."""
        self._link.run(_GIVE, staff=self._addresses.seal(staff), hash=self._kept(staff, secret), made_at=self._now)

    def revoke(self, staff: str) -> bool:
        """Forget a person's address, and say whether there was one."""
        return bool(self._link.run(_REVOKE, staff=self._addresses.seal(staff)))

    def enter(self, code: str, staff: Iterable[str], until: datetime) -> None:
        """Note that people's meetings in a case have changed now; after `until` nobody asks for them any more."""
        row = {"code": code, "until": micros(until), "changed_at": self._now}
        self._link.run_each(_ENTER, [{"staff": self._addresses.seal(who), **row} for who in staff])

    def leave(self, code: str, staff: Iterable[str]) -> None:
        """Note that people have no meeting in a case any more."""
        self._link.run_each(_LEAVE, [{"staff": self._addresses.seal(who), "code": code} for who in staff])

    def forget(self) -> int:
        """Delete what nobody asks for any more, and return how much that was. Looks through all of it."""
        return self._link.run(_FORGET, now=self._now)

    def erase(self, code: str) -> int:
        """Forget who has meetings in a case, and return how many they were."""
        return self._link.run(_ERASE, code=code)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
