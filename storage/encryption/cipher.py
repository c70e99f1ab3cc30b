"""Encryption of what is kept: AES-256-GCM, bound to the place where it is kept.

Every ciphertext carries additional authenticated data (AAD) that names its row, so that it opens nowhere
else. Random 96-bit nonces are safe far beyond what one key encrypts here (NIST SP 800-38D 8.3: at most 2^32
times).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import Invalid
from storage.errors import Undecipherable

KEY_BYTES = 32
KEY_ID_BYTES = 4
RETIRED = "verify:"
_ROWS = "journal"  # the purpose of the MACs of the journal's rows
_NONCE_BYTES = 12
_VERSION = b"\x01"
_HEAD = len(_VERSION) + KEY_ID_BYTES


def fresh_key() -> str:
    """Return a new random key in the form of the setting SIPBOT_SECRET_KEYS: URL-safe base64 of 32 bytes."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


class Keyring:
    """The keys of SIPBOT_SECRET_KEYS: the first encrypts, all decrypt but those that are retired (`verify:` before it).

    A retired key proves rows of the journal that were written under it. It opens nothing, makes nothing, and seals no
    head of a chain, so whoever has found it cannot rewrite what happened.

    A sealed envelope is version (1 byte), key id (first 4 bytes of the key's SHA-256), nonce (12), ciphertext
    with its tag.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise Invalid("keys.missing")
        written = [secret.strip() for secret in secrets]
        if written[0].startswith(RETIRED):
            raise Invalid("keys.first_retired")
        keys = [_decoded(secret.removeprefix(RETIRED)) for secret in written]
        self._keys = {hashlib.sha256(key).digest()[:KEY_ID_BYTES]: key for key in keys}
        if len(self._keys) != len(keys):
            raise Invalid("keys.repeated")
        self._retired = {
            key_id for key_id, secret in zip(self._keys, written, strict=True) if secret.startswith(RETIRED)
        }
        self._ciphers = {key_id: AESGCM(key) for key_id, key in self._keys.items() if key_id not in self._retired}
        self._derived: dict[tuple[str, bytes], bytes] = {}
        self.newest = next(iter(self._keys))
        self.older = tuple(key_id for key_id in self._ciphers if key_id != self.newest)  # those that still open
        self._lead = _VERSION + self.newest

    def __repr__(self) -> str:
        return f"Keyring({', '.join(key_id.hex() for key_id in self._keys)})"

    def seal(self, plain: bytes, aad: str) -> bytes:
        """Encrypt with the newest key, for the place that `aad` names."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._lead + nonce + self._ciphers[self.newest].encrypt(nonce, plain, aad.encode())

    def open(self, blob: bytes, aad: str) -> bytes:
        """Decrypt what was sealed for the place that `aad` names.

        Raises:
            Undecipherable: unknown key, changed bytes, or sealed for another place.
        """
        cipher = self._ciphers.get(blob[1:_HEAD])
        if cipher is None or blob[:1] != _VERSION:
            raise Undecipherable("keys.unknown")
        return _decrypted(cipher, blob[_HEAD:], aad)

    def is_retired(self, key_id: bytes) -> bool:
        """Say whether a key proves older rows only."""
        return key_id in self._retired

    def needs_rotation(self, blob: bytes) -> bool:
        """Say whether an envelope was sealed with another key than the newest."""
        return not blob.startswith(self._lead)

    def derive(self, purpose: str, key_id: bytes | None = None) -> bytes:
        """Return a 32-byte key for one purpose (HKDF-SHA256, RFC 5869), made from the newest key or from the one named.

        What must stay checkable after a rotation names its key id and asks for it again.

        Raises:
            Undecipherable: no such key on the ring.
        """
        chosen = self.newest if key_id is None else key_id
        known = self._derived.get((purpose, chosen))
        if known is not None:
            return known
        if chosen not in self._keys or (chosen in self._retired and purpose != _ROWS):
            raise Undecipherable("keys.unknown")
        made = HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self._keys[chosen])
        self._derived[purpose, chosen] = made
        return made

    def mac(self, purpose: str, message: bytes, key_id: bytes | None = None) -> bytes:
        """Return the HMAC-SHA256 of a message under the key for one purpose."""
        return hmac.digest(self.derive(purpose, key_id), message, "sha256")


class DataKey:
    """The key of one case. Once its row is deleted, what it sealed is lost for good (crypto-shredding, law 4D.5)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @staticmethod
    def fresh() -> bytes:
        """Return 32 random bytes for a new case."""
        return os.urandom(KEY_BYTES)

    def seal(self, plain: bytes, aad: str) -> bytes:
        """Encrypt for the place that `aad` names: version, nonce, ciphertext with its tag."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, aad.encode())

    def open(self, blob: bytes, aad: str) -> bytes:
        """Decrypt what this key sealed for the place that `aad` names.

        Raises:
            Undecipherable: another case's key, changed bytes, or sealed for another place.
        """
        if blob[:1] != _VERSION:
            raise Undecipherable("keys.damaged")
        return _decrypted(self._cipher, blob[1:], aad)


def _decrypted(cipher: AESGCM, sealed: bytes, aad: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad.encode())
    except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
        raise Undecipherable("keys.damaged") from None


def _decoded(secret: str) -> bytes:
    text = secret.strip()
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("keys.malformed") from None
    if len(key) != KEY_BYTES:
        raise Invalid("keys.malformed")
    return key
