"""Addresses under the keys: where people are written to, and who they are in chat, as it is kept in columns.

Such a column is looked up by equality (one lane an address, one letter a key), so the same address must always be
kept as the same text. That is what deterministic encryption is for (AES-SIV, RFC 5297): without the key it tells that
two rows concern the same address, and nothing of which. The key is random, one for the database, and stands there
wrapped by the newest key of the ring, as the keys of cases do: after a rotation every address is still kept as the
same text, so that no letter changes its lane and none goes out once more.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import bindparam, select, update

from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.schema.tables import address_key
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

PLACE_OF_KEY: Final = "address|key"  # the AAD that the wrapped key is bound to
KEY_BYTES: Final = 64  # AES-256 in SIV mode
MARK: Final = "~"  # before what is sealed
_BLOCK: Final = 16  # bytes that lengths are rounded up to
_REMEMBERED: Final = 4096
_PROVEN: Final = b"proof"  # no platform and no kind of letter, which end in a colon
_FOUND_BY: Final = 21  # characters of base64: 126 of the 128 bits of the synthetic IV, which depends on the whole text
# The platform of an address or the kind of a letter: found by how it begins, and about nobody.
_HEAD: Final = re.compile(r"[a-z][a-z_.]*:")
_HIDDEN: Final = re.compile(_HEAD.pattern + MARK)

_GET = Statement(select(address_key.c.wrapped))
_KEEP = inserting(address_key)
_SET = Statement(update(address_key).values(wrapped=bindparam("wrapped")))


class AddressCipher:
    """Turns addresses into what is kept of them, and back: `mail:anna@example.se` into `mail:~` and letters.

    The same few hundred addresses are turned again and again, so those of lately are remembered, as the directory is.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(key)
        self._sealed = lru_cache(_REMEMBERED)(self._seal)
        self._opened = lru_cache(_REMEMBERED)(self._open)

    @staticmethod
    def fresh() -> bytes:
        """Return the random key of a new database."""
        return os.urandom(KEY_BYTES)

    def seal(self, text: str) -> str:
        """Return what is kept of a text; "" stays so, for it stands for none."""
        return self._sealed(text) if text else ""

    def mark(self, text: str) -> str:
        """Return by what a text is found that need never be read again: the beginning of what would be kept of it."""
        head, mark, sealed = self.seal(text).partition(MARK)
        return head + mark + sealed[:_FOUND_BY]

    def proof(self, *parts: str) -> str:
        """Return what proves that these stand together: who cannot make it can swap none of them with another row's."""
        sealed = self._cipher.encrypt("\0".join(parts).encode(), [_PROVEN])
        return base64.urlsafe_b64encode(sealed[:_BLOCK]).rstrip(b"=").decode()

    def _seal(self, text: str) -> str:
        found = _HEAD.match(text)
        head = found[0] if found else ""
        rest = text[len(head) :].encode()
        padded = rest.ljust(max(-(-len(rest) // _BLOCK), 1) * _BLOCK, b"\0")
        sealed = self._cipher.encrypt(padded, [head.encode()])
        return head + MARK + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, kept: str) -> str:
        """Return the text of which this is kept.

        Raises:
            Undecipherable: it was not made with this key, or was changed (`keys.damaged`).
        """
        return self._opened(kept) if kept else ""

    def _open(self, kept: str) -> str:
        head, mark, sealed = kept.partition(MARK)
        try:
            blob = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            padded = self._cipher.decrypt(blob, [head.encode()])
        except (InvalidTag, binascii.Error, ValueError):
            raise Undecipherable("keys.damaged") from None
        if not mark:
            raise Undecipherable("keys.damaged")
        return head + padded.rstrip(b"\0").decode()


class SealedAddresses:
    """What the transactions of a process share: the cipher, once it is known that its key is kept for good."""

    def __init__(self) -> None:
        self.cipher: AddressCipher | None = None


class AddressReading:
    """The addresses inside one transaction that only looks."""

    def __init__(self, link: Link, keyring: Keyring, shared: SealedAddresses) -> None:
        self._link = link
        self._keyring = keyring
        self._shared = shared
        self._own: AddressCipher | None = None

    def require(self) -> None:
        """Make sure that addresses can be opened here at all.

        Raises:
            Undecipherable: they cannot, since the database's key is wrapped by one that is not on the ring.
        """
        self._cipher()

    def seal(self, text: str) -> str:
        """Return what is kept of an address.

        Raises:
            Undecipherable: the database's key is wrapped by one that is not on the ring.
        """
        return self._cipher().seal(text)

    def mark(self, text: str) -> str:
        """Return by what a text is found that need never be read again.

        Raises:
            Undecipherable: the database's key is wrapped by one that is not on the ring.
        """
        return self._cipher().mark(text)

    def proof(self, *parts: str) -> str:
        """Return what proves that these stand together in one row.

        Raises:
            Undecipherable: the database's key is wrapped by one that is not on the ring.
        """
        return self._cipher().proof(*parts)

    def open(self, kept: str) -> str:
        """Return the address of which this is kept.

        Raises:
            Undecipherable: it was changed, or the database's key is wrapped by one that is not on the ring.
        """
        return self._cipher().open(kept)

    def readable(self, kept: str) -> str:
        """Return the address, or "" when it was changed: for lists, in which one such row must not hide the others."""
        self.require()
        try:
            return self.open(kept)
        except Undecipherable:
            return ""

    def open_all(self, kept: Iterable[str]) -> tuple[str, ...]:
        """Return the addresses of which these are kept."""
        return tuple(map(self.open, kept))

    def hide(self, word: str) -> str:
        """Return what is kept of a word that may be an identity: one that is none (`operator`) stays as it is."""
        return self.seal(word) if _HEAD.match(word) else word

    def show(self, kept: str) -> str:
        """Return the word of which this is kept; what was written before identities were sealed stands as it was."""
        return self.open(kept) if _HIDDEN.match(kept) else kept

    def _cipher(self) -> AddressCipher:
        self._own = self._own or self._shared.cipher or self._found()
        return self._own

    def _found(self) -> AddressCipher:
        kept = self._kept()
        if kept is None:
            # Nothing has been written yet, so there is nothing to be found.
            return AddressCipher(AddressCipher.fresh())
        # Who only looks sees what is kept for good.
        self._shared.cipher = kept
        return kept

    def _kept(self) -> AddressCipher | None:
        wrapped = self._link.value(_GET)
        return None if wrapped is None else AddressCipher(self._keyring.open(wrapped, PLACE_OF_KEY))


class AddressKeeping(AddressReading):
    """The addresses inside a write transaction; the first one of all draws the key."""

    def _found(self) -> AddressCipher:
        # It is not shared before somebody who only looks has seen it: this transaction, or one that is kept together
        # with it, may still come to nothing, and then its key was never there.
        kept = self._kept()
        if kept is None:
            self._link.run(_KEEP, id=1, wrapped=self._keyring.seal(AddressCipher.fresh(), PLACE_OF_KEY))
            kept = self._kept()  # another process may have been the first
        if kept is None:
            raise RuntimeError("the key of the addresses was not kept")
        return kept

    def wrap_anew(self) -> None:
        """Wrap the key with the newest one of the ring."""
        wrapped = self._link.value(_GET)
        if wrapped is not None and self._keyring.needs_rotation(wrapped):
            plain = self._keyring.open(wrapped, PLACE_OF_KEY)
            self._link.run(_SET, wrapped=self._keyring.seal(plain, PLACE_OF_KEY))
