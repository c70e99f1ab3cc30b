"""Random identifiers from the machine's own source of randomness."""

from __future__ import annotations

import secrets
import uuid

from bot.mail.addresses import new_token


class RandomIds:
    """Identifiers that nobody can guess. `domain` makes calendar identifiers globally unique."""

    def __init__(self, domain: str) -> None:
        self._domain = domain or "sip.invalid"

    def code_bits(self) -> int:
        """Return 25 random bits for a case code."""
        return secrets.randbits(25)

    def token(self) -> str:
        """Return a secret of 128 bits that survives in a mail address."""
        return new_token()

    def uid(self) -> str:
        """Return a calendar identifier that says nothing about the case (RFC 7986 5.3)."""
        return f"{uuid.uuid4()}@{self._domain}"
