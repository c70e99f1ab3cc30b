"""Tokens: the secret part of a calendar answer's address, and which case it belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, select

from sipbot.storage.link import Link
from sipbot.storage.statement import Statement, inserting
from sipbot.storage.tables import token

_CODE_OF = Statement(select(token.c.code).where(token.c.hash == bindparam("hash")))
_KEEP = inserting(token)
_ERASE = Statement(delete(token).where(token.c.code == bindparam("code")))


class TokenReading:
    """What can be read of tokens."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def code_of(self, secret: str) -> str | None:
        """Return the case that a token belongs to, if there is such a token."""
        found: str | None = self._link.value(_CODE_OF, hash=_hash(secret))
        return found


class Tokens(TokenReading):
    """Tokens inside a write transaction. Only their hashes are kept; the tokens must be random."""

    def keep(self, code: str, secrets: Iterable[str]) -> None:
        """Keep the tokens of a case; those that are kept already stay."""
        self._link.run_each(_KEEP, [{"hash": _hash(secret), "code": code} for secret in secrets])

    def erase(self, code: str) -> int:
        """Forget all tokens of a case, and return how many there were."""
        return self._link.run(_ERASE, code=code)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
