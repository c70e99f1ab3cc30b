"""Tokens: the secret part of a calendar answer's address, which case it belongs to, and until when."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from storage.schema.tables import token
from storage.sql.instants import micros
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

_NOW = bindparam("now", type_=token.c.expires_at.type)
_CODE_OF = Statement(select(token.c.code).where(token.c.hash == bindparam("hash"), token.c.expires_at > _NOW))
_KEEP = inserting(token, or_update=("expires_at",))
_ERASE = Statement(delete(token).where(token.c.code == bindparam("code")))
_FORGET = Statement(delete(token).where(token.c.expires_at <= _NOW))


class TokenReading:
    """What can be read of tokens."""

    def __init__(self, link: Link, now: datetime) -> None:
        self._link = link
        self._now = micros(now)

    def code_of(self, secret: str) -> str | None:
        """Return the case that a token belongs to, if there is such a token and it has not died."""
        found: str | None = self._link.value(_CODE_OF, hash=_hash(secret), now=self._now)
        return found


class Tokens(TokenReading):
    """Tokens inside a write transaction. Only their hashes are kept; the tokens must be random."""

    def keep(self, code: str, secrets: Iterable[str], until: datetime) -> None:
        """Keep tokens of a case until an instant; for those that are kept already it is another one from now on."""
        expires_at = micros(until)
        self._link.run_each(
            _KEEP, [{"hash": _hash(secret), "code": code, "expires_at": expires_at} for secret in secrets]
        )

    def forget(self) -> int:
        """Delete the tokens that have died, and return how many there were."""
        return self._link.run(_FORGET, now=self._now)

    def erase(self, code: str) -> int:
        """Forget all tokens of a case, and return how many there were."""
        return self._link.run(_ERASE, code=code)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
