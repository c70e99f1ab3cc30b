"""`sipbot matrix login`: sets the bot's account up and says what to keep."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from importlib.util import find_spec

from bot.matrix.kind import MISSING, reach
from bot.settings import Settings
from storage.encryption.cipher import Keyring

_MEND = {
    "identity_exists": "This account has a signed identity already. Set MATRIX_RECOVERY_KEY to its recovery key: "
    "another identity would make everyone who trusts the first one doubt the bot.",
    "not_signed": "The server does not serve the signature that was just made; is another program the bot too?",
    "m_forbidden": "The server does not take this name and password.",
    "unreachable": "The server cannot be reached; check MATRIX_HOMESERVER.",
}


class CannotLogIn(Exception):
    """The login did not succeed; the text says why, with the mend."""


def require_settings(settings: Settings) -> None:
    """Make sure that there is what a login takes, before a password is asked for.

    Raises:
        CannotLogIn: with words for the operator.
    """
    if find_spec("mautrix") is None or find_spec("vodozemac") is None:
        raise CannotLogIn(MISSING)
    if not settings.matrix_homeserver or not settings.matrix_user:
        raise CannotLogIn("Set MATRIX_HOMESERVER (https://matrix.example.se) and MATRIX_USER (@sip:example.se) first.")


def login(settings: Settings, password: str) -> str:
    """Log in and return what to keep; `require_settings` has found all that it takes.

    Raises:
        CannotLogIn: with words for the operator.
    """
    from bot.matrix.login import log_in  # noqa: PLC0415 - as above
    from bot.matrix.server.failures import MatrixFailed  # noqa: PLC0415 - loads the library

    try:
        kept = asyncio.run(log_in(replace(reach(settings), token=""), password, Keyring(settings.keys)))
    except MatrixFailed as failed:
        raise CannotLogIn(_MEND.get(str(failed), f"The server refused: {failed}")) from failed
    return (
        "Logged in, and the server serves the bot's device with its owner's signature. Keep these:\n"
        f"  MATRIX_USER={kept.user}\n"
        f"  MATRIX_TOKEN={kept.token}\n"
        f"  MATRIX_RECOVERY_KEY={kept.recovery_key}\n"
        f"The bot's keys are in {settings.matrix_store}; one process alone may use that file."
    )
