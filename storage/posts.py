"""Posts: what stands where in chat, so that it can be changed in place and taken away.

A proof binds each row's parts to each other. Without it, whoever writes the database without the keys could give one
agency's summons the place of another's message, and the next change would show it there. A row that is not what was
written counts as none: whoever can change it could as well have deleted it. It is passed over wherever posts are gone
through, so that one such row keeps nothing else from being taken back, and is found by `damaged`, for the auditor and
for the operator.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, exists, select

from storage.encryption.address_seal import AddressReading
from storage.errors import Undecipherable
from storage.schema.tables import case_, due, post
from storage.sql.instants import EPOCH, instant, instant_or_none, micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting

_logger = logging.getLogger(__name__)


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


@dataclass(frozen=True, slots=True)
class DamagedPost:
    """A row that is not what was written: where its message stands is not known for certain.

    `code` is the case that the row names, and may be wrong. `surface` and `address` are "" where they cannot be opened;
    of the address `platform` is known all the same. `kept` is by what the row is found.
    """

    code: str
    surface: str
    address: str
    platform: str
    shown_at: datetime
    kept: str

    @property
    def mark(self) -> str:
        """Name the row in a list: the kind of message, and a few characters by which two are told apart."""
        kind = self.surface.partition(":")[0] or "post"
        return f"{kind}:{hashlib.sha256(self.kept.encode()).hexdigest()[:8]}"


_COLUMNS = ("surface", "address", "place", "message", "version", "shown_at", "fingerprint", "posted_at")
_SELECT = select(post.c.code, *(post.c[name] for name in _COLUMNS))
_GET = Statement(_SELECT.where(post.c.surface == bindparam("surface")))
_OF_CASE = Statement(_SELECT.where(post.c.code == bindparam("code")))
_AT = Statement(_SELECT.where(post.c.address >= bindparam("first"), post.c.address < bindparam("last")))
_AFTER = Statement(
    _SELECT.where(post.c.surface > bindparam("after"))
    .order_by(post.c.surface)
    .limit(bindparam("limit", type_=post.c.version.type))
)
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
        """Return the post of a surface, if it is known to be shown."""
        row = self._link.row(_GET, surface=self._addresses.seal(surface))
        return None if row is None else self._readable(row)

    def of_case(self, code: str) -> tuple[Post, ...]:
        """Return all posts of a case that can be read, by their surfaces."""
        return self._posts(self._link.rows(_OF_CASE, code=code))

    def of_ended(self, before: datetime, after: str, limit: int) -> tuple[str, ...]:
        """Return codes of ended cases, in order and beyond `after`, of which something stands from before an instant.

        Those of which somebody is still to be reminded about the end are left out.
        """
        return tuple(self._link.column(_OF_ENDED, before=micros(before), after=after, limit=limit))

    def at(self, platform: str) -> tuple[Post, ...]:
        """Return all posts on a platform (`chat:`) that can be read, by their surfaces."""
        return self._posts(self._link.rows(_AT, first=platform, last=platform + _LAST_CHARACTER))

    def standing_at(self, address: str) -> tuple[Post, ...]:
        """Return all posts at one address that can be read, by their surfaces."""
        return self._posts(self._link.rows(_STANDING_AT, address=self._addresses.seal(address)))

    def damaged_of(self, code: str) -> tuple[DamagedPost, ...]:
        """Return the rows that name this case and are not what was written."""
        return tuple(self._damaged(self._link.rows(_OF_CASE, code=code)))

    def damaged(self, after: str, limit: int) -> tuple[tuple[DamagedPost, ...], str | None]:
        """Look at the next rows; return which are not what was written, and behind which to go on, None at the end."""
        rows = self._link.rows(_AFTER, after=after, limit=limit)
        return tuple(self._damaged(rows)), rows[-1][1] if len(rows) == limit else None

    def _post(self, row: Row) -> Post:
        """Return the post of a row.

        Raises:
            Undecipherable: something of it was changed, or is another row's (`keys.damaged`).
        """
        code, *sealed, message, version, shown_at, fingerprint, posted_at = row
        surface, address, place, proven = self._addresses.open_all((*sealed, fingerprint))
        shows, _, proof = proven.rpartition(_PROOF)
        found = Post(surface, address, place, message, version, instant(shown_at), shows, instant_or_none(posted_at))
        # As bytes, since anything sealed may have been put here: of text only ASCII is compared. Under another case's
        # code it would not be found when this one's messages are taken back.
        if not hmac.compare_digest(proof.encode(), self._proof(found).encode()) or code != _code_of(surface):
            raise Undecipherable("keys.damaged")
        return found

    def _proof(self, found: Post) -> str:
        return self._addresses.proof("post", found.surface, found.address, found.place, found.message)

    def _readable(self, row: Row) -> Post | None:
        self._addresses.require()
        try:
            return self._post(row)
        except (Undecipherable, ValueError, OverflowError):  # the others: an instant that is none
            _logger.warning("a message's row is not what was written", extra={"code": row[0]})
            return None

    def _posts(self, rows: Iterable[Row]) -> tuple[Post, ...]:
        return _by_surface(found for row in rows if (found := self._readable(row)) is not None)

    def _damaged(self, rows: Iterable[Row]) -> Iterator[DamagedPost]:
        for row in rows:
            if self._readable(row) is None:
                code, kept, address, *_ = row
                surface, known = self._addresses.readable(kept), self._addresses.readable(address)
                yield DamagedPost(code, surface, known, address.partition(":")[0], _shown_at(row), kept)


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

    def forget_damaged(self, damaged: DamagedPost) -> None:
        """Forget a row that is not what was written."""
        self._link.run(_FORGET, surface=damaged.kept)

    def forget_old(self, before: datetime) -> int:
        """Forget what was last changed before an instant in cases that have ended, and return how much that was."""
        return self._link.run(_FORGET_OLD, before=micros(before))

    def erase(self, code: str) -> int:
        """Forget all posts of a case, and return how many there were."""
        return self._link.run(_ERASE, code=code)


def _by_surface(posts: Iterable[Post]) -> tuple[Post, ...]:
    return tuple(sorted(posts, key=lambda found: found.surface))


def _shown_at(row: Row) -> datetime:
    try:
        return instant(row[6])
    except (ValueError, OverflowError):
        return EPOCH


def _code_of(surface: str) -> str:
    """Return the case that a surface belongs to: the second of its parts."""
    return [*surface.split(":", 2), ""][1]
