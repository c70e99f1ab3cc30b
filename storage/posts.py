"""Posts: what stands where in chat, so that it can be changed in place and taken away.

A proof binds each row's parts to each other. Without it, whoever writes the database without the keys could give one
agency's summons the place of another's message, and the next change would show it there.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, select

from storage.encryption.address_seal import AddressReading
from storage.errors import Undecipherable
from storage.schema.tables import case_, due, post
from storage.sql.instants import instant, instant_or_none, micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting


@dataclass(frozen=True, slots=True)
class Post:
    """One message that stands in chat.

    `surface` names it in our own words, the case code second (`summons:SIP-7K3QD-M:1:bup`). `address` is
    where it was sent; `place` and `message` are the platform's own names of the room and the message.
    `fingerprint` is that of what it shows. `posted_at` is when it was last posted anew; a change in place, which nobody
    notices, leaves it as it was.
    """

    surface: str
    address: str
    place: str
    message: str
    version: int
    shown_at: datetime
    fingerprint: str = ""
    posted_at: datetime | None = None


_COLUMNS = ("surface", "address", "place", "message", "version", "shown_at", "fingerprint", "posted_at")
_SELECT = select(*(post.c[name] for name in _COLUMNS))
_GET = Statement(_SELECT.where(post.c.surface == bindparam("surface")))
_OF_CASE = Statement(_SELECT.where(post.c.code == bindparam("code")))
_AT = Statement(_SELECT.where(post.c.address >= bindparam("first"), post.c.address < bindparam("last")))
_STANDING_AT = Statement(_SELECT.where(post.c.address == bindparam("address")))
_PUT = inserting(post, or_update=("code", *_COLUMNS[1:]))
_FORGET = Statement(delete(post).where(post.c.surface == bindparam("surface")))
_FORGET_OLD = Statement(
    delete(post).where(
        post.c.shown_at < bindparam("before"),
        post.c.code != "",
        exists(select(case_.c.code).where(case_.c.code == post.c.code, case_.c.open == 0)),
        # While somebody is still to be reminded about the end, what stands in chat is still changed.
        ~exists(select(due.c.code).where(due.c.code == post.c.code)),
    )
)
_OF_ENDED = Statement(
    select(post.c.code)
    .distinct()
    .where(
        post.c.code > bindparam("after"),
        post.c.message != "",
        post.c.shown_at < bindparam("before"),
        exists(select(case_.c.code).where(case_.c.code == post.c.code, case_.c.open == 0)),
        ~exists(select(due.c.code).where(due.c.code == post.c.code)),
    )
    .order_by(post.c.code)
    .limit(bindparam("limit", type_=post.c.version.type))
)
_ERASE = Statement(delete(post).where(post.c.code == bindparam("code")))

_PROOF = "|"  # between what a surface shows and the proof of its row
_LAST_CHARACTER = "\U0010ffff"


class PostReading:
    """What can be read of posts."""

    def __init__(self, link: Link, addresses: AddressReading) -> None:
        self._link = link
        self._addresses = addresses

    def get(self, surface: str) -> Post | None:
        """Return the post of a surface, if it is shown."""
        row = self._link.row(_GET, surface=self._addresses.seal(surface))
        return None if row is None else self._post(row)

    def of_case(self, code: str) -> tuple[Post, ...]:
        """Return all posts of a case, by their surfaces."""
        return self._posts(self._link.rows(_OF_CASE, code=code))

    def of_ended(self, before: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return codes of ended cases, in order and beyond `after`, of which something stands from before an instant.

        Those of which somebody is still to be reminded about the end are left out.
        """
        return tuple(self._link.column(_OF_ENDED, before=micros(before), after=after, limit=limit))

    def at(self, platform: str) -> tuple[Post, ...]:
        """Return all posts on a platform (`chat:`) that can be read, by their surfaces."""
        rows = self._link.rows(_AT, first=platform, last=platform + _LAST_CHARACTER)
        return _by_surface(found for row in rows if (found := self._readable(row)) is not None)

    def standing_at(self, address: str) -> tuple[Post, ...]:
        """Return all posts at one address, by their surfaces."""
        return self._posts(self._link.rows(_STANDING_AT, address=self._addresses.seal(address)))

    def _post(self, row: Row) -> Post:
        """Return the post of a row.

        Raises:
            Undecipherable: something of it was changed, or is another row's (`keys.damaged`).
        """
        *sealed, message, version, shown_at, fingerprint, posted_at = row
        surface, address, place, proven = self._addresses.open_all((*sealed, fingerprint))
        shows, _, proof = proven.rpartition(_PROOF)
        found = Post(surface, address, place, message, version, instant(shown_at), shows, instant_or_none(posted_at))
        # As bytes, since anything sealed may have been put here: of text only ASCII is compared.
        if not hmac.compare_digest(proof.encode(), self._proof(found).encode()):
            raise Undecipherable("keys.damaged")
        return found

    def _proof(self, found: Post) -> str:
        return self._addresses.proof("post", found.surface, found.address, found.place, found.message)

    def _readable(self, row: Row) -> Post | None:
        self._addresses.require()
        try:
            return self._post(row)
        except Undecipherable:
            return None

    def _posts(self, rows: Iterable[Row]) -> tuple[Post, ...]:
        return _by_surface(map(self._post, rows))


class Posts(PostReading):
    """Posts inside a write transaction."""

    def put(self, shown: Post) -> None:
        """Keep what a surface shows now, in place of what it showed before."""
        self._link.run(
            _PUT,
            surface=self._addresses.seal(shown.surface),
            code=_code_of(shown.surface),
            address=self._addresses.seal(shown.address),
            place=self._addresses.seal(shown.place),
            message=shown.message,
            version=shown.version,
            shown_at=micros(shown.shown_at),
            fingerprint=self._addresses.seal(shown.fingerprint + _PROOF + self._proof(shown)),
            posted_at=None if shown.posted_at is None else micros(shown.posted_at),
        )

    def forget(self, surface: str) -> None:
        """Forget the post of a surface: it has been taken away."""
        self._link.run(_FORGET, surface=self._addresses.seal(surface))

    def forget_old(self, before: datetime) -> int:
        """Forget what was last changed before an instant in cases that have ended, and return how much that was."""
        return self._link.run(_FORGET_OLD, before=micros(before))

    def erase(self, code: str) -> int:
        """Forget all posts of a case, and return how many there were."""
        return self._link.run(_ERASE, code=code)


def _by_surface(posts: Iterable[Post]) -> tuple[Post, ...]:
    return tuple(sorted(posts, key=lambda found: found.surface))


def _code_of(surface: str) -> str:
    """Return the case that a surface belongs to: the second of its parts."""
    return [*surface.split(":", 2), ""][1]
