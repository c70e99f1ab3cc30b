"""What the Matrix library asks of libolm, done by vodozemac instead.

libolm is no longer maintained and leaks through side channels; vodozemac is its audited successor, but the library
(mautrix 0.21) knows only the names of libolm's Python binding. This module bears those names, no more of them than
are used; `bot.matrix.crypto.backend` puts it in their place (docs/decisions/0014-matrix-library.md).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, ClassVar, Self

import vodozemac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class OlmAccountError(Exception):
    """The account's keys could not be read."""


class OlmSessionError(Exception):
    """A message between two devices could not be read, or a session not made."""


class OlmGroupSessionError(Exception):
    """A message in a room could not be read."""


class OlmMessage:
    """A message of an established session between two devices."""

    message_type = 1

    def __init__(self, ciphertext: str) -> None:
        self.ciphertext = ciphertext


class OlmPreKeyMessage(OlmMessage):
    """A first message, which carries what the other side needs to make the session."""

    message_type = 0


class _Kept:
    """What is kept encrypted under a passphrase: `inner` is vodozemac's, `_kind` its class."""

    inner: Any
    _kind: ClassVar[Any]
    _unreadable: ClassVar[type[Exception]]

    @classmethod
    def from_pickle(cls, pickle: bytes, passphrase: str = "") -> Self:
        """Read what was kept."""
        made = cls.__new__(cls)
        try:
            made.inner = cls._kind.from_pickle(pickle.decode(), _key(passphrase))
        except ValueError as error:
            raise cls._unreadable("what was kept cannot be read") from error
        return made

    def pickle(self, passphrase: str = "") -> bytes:
        """Encrypt it for keeping."""
        kept: str = self.inner.pickle(_key(passphrase))
        return kept.encode()


class Account(_Kept):
    """A device's long-lived keys."""

    inner: vodozemac.Account
    _kind = vodozemac.Account
    _unreadable = OlmAccountError

    def __init__(self) -> None:
        self.inner = vodozemac.Account()

    @property
    def identity_keys(self) -> dict[str, str]:
        """The device's public keys."""
        return {"curve25519": self.inner.curve25519_key.to_base64(), "ed25519": self.inner.ed25519_key.to_base64()}

    def sign(self, message: str | bytes) -> str:
        """Sign with the device's key."""
        return self.inner.sign(_bytes(message)).to_base64()

    @property
    def max_one_time_keys(self) -> int:
        """How many one-time keys the server may hold."""
        return self.inner.max_number_of_one_time_keys

    def generate_one_time_keys(self, count: int) -> None:
        """Make fresh one-time keys."""
        self.inner.generate_one_time_keys(count)

    @property
    def one_time_keys(self) -> dict[str, dict[str, str]]:
        """The one-time keys that are not on the server yet."""
        return {"curve25519": {name: key.to_base64() for name, key in self.inner.one_time_keys.items()}}

    def mark_keys_as_published(self) -> None:
        """Note that the server holds them now."""
        self.inner.mark_keys_as_published()

    def generate_fallback_key(self) -> None:
        """Make a key that serves when all one-time keys are used up; the one before it can still be read with."""
        inner: Any = self.inner  # its types do not name it
        inner.generate_fallback_key()

    @property
    def fallback_key(self) -> dict[str, str]:
        """That key by its name, while it is not on the server yet."""
        inner: Any = self.inner
        return {name: key.to_base64() for name, key in inner.fallback_key.items()}

    def remove_one_time_keys(self, session: object) -> None:
        """Do nothing: vodozemac removed the key when the session was made."""


class Session(_Kept):
    """A session between two devices."""

    inner: vodozemac.Session
    _kind = vodozemac.Session
    _unreadable = OlmSessionError
    # The first message is read when its session is made; the library asks for its text afterwards.
    first: tuple[str, bytes] | None = None

    @classmethod
    def around(cls, inner: vodozemac.Session, first: tuple[str, bytes] | None = None) -> Self:
        """Return a session that was made just now, and the first message that made it."""
        made = cls.__new__(cls)
        made.inner, made.first = inner, first
        return made

    @property
    def id(self) -> str:
        """The session's name."""
        return self.inner.session_id

    def describe(self) -> str:
        """Return nothing: the library only logs it."""
        return ""

    def matches(self, message: OlmMessage) -> bool:
        """Say whether a first message belongs to this session."""
        try:
            return self.inner.session_matches(vodozemac.PreKeyMessage.from_base64(message.ciphertext))
        except ValueError as error:
            raise OlmSessionError("not a first message") from error

    def encrypt(self, text: str) -> OlmMessage:
        """Encrypt for the other device."""
        kind, ciphertext = self.inner.encrypt(_bytes(text)).to_parts()
        return (OlmMessage if kind else OlmPreKeyMessage)(_base64(ciphertext))

    def decrypt(self, message: OlmMessage) -> str:
        """Read a message of the other device."""
        if self.first is not None and self.first[0] == message.ciphertext:
            plain, self.first = self.first[1], None
            return plain.decode("utf-8", "replace")
        try:
            parts = vodozemac.AnyOlmMessage.from_parts(message.message_type, _unbase64(message.ciphertext))
            return self.inner.decrypt(parts).decode("utf-8", "replace")
        except ValueError as error:
            raise OlmSessionError("the message cannot be read") from error


class InboundGroupSession(_Kept):
    """Reads what one device says in one room."""

    inner: vodozemac.InboundGroupSession
    _kind = vodozemac.InboundGroupSession
    _unreadable = OlmGroupSessionError

    def __init__(self, key: str) -> None:
        try:
            self.inner = vodozemac.InboundGroupSession(vodozemac.SessionKey(key))
        except ValueError as error:
            raise OlmGroupSessionError("the room's key cannot be read") from error

    @classmethod
    def import_session(cls, key: str) -> Self:
        """Read a key that another device has passed on."""
        made = cls.__new__(cls)
        try:
            made.inner = vodozemac.InboundGroupSession.import_session(vodozemac.ExportedSessionKey(key))
        except ValueError as error:
            raise OlmGroupSessionError("the room's key cannot be read") from error
        return made

    @property
    def id(self) -> str:
        """The session's name."""
        return self.inner.session_id

    @property
    def first_known_index(self) -> int:
        """The first message that can be read."""
        return self.inner.first_known_index

    def decrypt(self, ciphertext: str) -> tuple[str, int]:
        """Return a message and its number."""
        try:
            read = self.inner.decrypt(vodozemac.MegolmMessage.from_base64(ciphertext))
        except ValueError as error:
            raise OlmGroupSessionError("the message cannot be read") from error
        return bytes(read.plaintext).decode("utf-8", "replace"), read.message_index

    def export_session(self, index: int) -> str:
        """Return the key from a message on."""
        exported = self.inner.export_at(index)
        if exported is None:
            raise OlmGroupSessionError("that message is before the first known one")
        return exported.to_base64()


class OutboundGroupSession(_Kept):
    """Encrypts what this device says in one room."""

    inner: vodozemac.GroupSession
    _kind = vodozemac.GroupSession
    _unreadable = OlmGroupSessionError

    def __init__(self) -> None:
        self.inner = vodozemac.GroupSession()

    @property
    def id(self) -> str:
        """The session's name."""
        return self.inner.session_id

    @property
    def session_key(self) -> str:
        """The key from the next message on, as it is given to the members' devices."""
        return self.inner.session_key.to_base64()

    @property
    def message_index(self) -> int:
        """The number of the next message."""
        return self.inner.message_index

    def encrypt(self, text: str) -> str:
        """Encrypt for the room."""
        return self.inner.encrypt(_bytes(text)).to_base64()


class PkSigning:
    """Signs with a key made from a seed (Ed25519, RFC 8032)."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = _base64(self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, message: str | bytes) -> str:
        """Return the signature in base64."""
        return _base64(self._key.sign(_bytes(message)))


def _key(passphrase: str | bytes) -> bytes:
    return hashlib.sha256(b"sipbot-olm\0" + _bytes(passphrase)).digest()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
