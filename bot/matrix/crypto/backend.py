"""Puts vodozemac in libolm's place, once, before the library looks for it."""

from __future__ import annotations

import importlib
import sys
from datetime import datetime
from types import ModuleType
from typing import Any

import vodozemac

from bot.matrix.crypto import olm


def install() -> None:
    """Stand in for libolm's binding; to be called before anything of the library's encryption is imported."""
    if sys.modules.get("olm") is olm:
        return
    sys.modules["olm"] = olm
    low: Any = ModuleType("_libolm")
    low.ffi = low.lib = None  # asked for by name at the import, used only where `Session.describe` is missing
    sys.modules["_libolm"] = low
    account: Any = importlib.import_module("mautrix.crypto.account").OlmAccount
    session: Any = importlib.import_module("mautrix.crypto.sessions").Session

    def inbound(self: olm.Account, sender_key: str, ciphertext: str) -> olm.Session:
        """Make the session and read its first message in one, as vodozemac does."""
        try:
            made, plain = self.inner.create_inbound_session(
                vodozemac.Curve25519PublicKey.from_base64(sender_key),
                vodozemac.PreKeyMessage.from_base64(ciphertext),
            )
        except ValueError as error:
            raise olm.OlmSessionError("the first message cannot be read") from error
        return _dated(session.around(made, (ciphertext, bytes(plain))))

    def outbound(self: olm.Account, target_key: str, one_time_key: str) -> olm.Session:
        """Make a session with another device."""
        made = self.inner.create_outbound_session(
            vodozemac.Curve25519PublicKey.from_base64(target_key),
            vodozemac.Curve25519PublicKey.from_base64(one_time_key),
        )
        return _dated(session.around(made))

    account.new_inbound_session, account.new_outbound_session = inbound, outbound


def _dated(session: olm.Session) -> olm.Session:
    """Give a fresh session the times that the library keeps; it compares them with local times of its own."""
    dated: Any = session
    dated.creation_time = dated.last_encrypted = dated.last_decrypted = datetime.now()  # noqa: DTZ005 - its own are local
    return session
