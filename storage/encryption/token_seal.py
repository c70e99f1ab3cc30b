"""Opaque tokens for buttons and forms: what a button is about, readable by us alone."""

from __future__ import annotations

import base64
import binascii

import msgspec

from domain.errors import Invalid
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable

LONGEST = 2000  # characters: what a button holds on the platform that gives it the least room
_AAD = "token"


class TokenSeal:
    """Seals a few small fields into a URL-safe text, and opens it again."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._decoder = msgspec.msgpack.Decoder(dict[str, str | int])

    def seal(self, **fields: str | int) -> str:
        """Return an opaque token that holds the fields.

        Raises:
            ValueError: the token would be 2000 characters or longer.
        """
        sealed = self._keyring.seal(msgspec.msgpack.encode(fields), _AAD)
        token = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
        if len(token) >= LONGEST:
            raise ValueError(f"the fields {', '.join(fields)} make a token of {len(token)} characters")
        return token

    def open(self, token: str) -> dict[str, str | int]:
        """Return the fields of a token that this bot has sealed.

        Raises:
            Invalid: anything else (`token.broken`).
        """
        try:
            padded = token.encode("ascii") + b"=" * (-len(token) % 4)
            sealed = base64.b64decode(padded, altchars=b"-_", validate=True)
            return self._decoder.decode(self._keyring.open(sealed, _AAD))
        except (UnicodeEncodeError, binascii.Error, Undecipherable, msgspec.MsgspecError):
            raise Invalid("token.broken") from None
