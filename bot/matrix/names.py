"""The names this bot has on Matrix."""

from __future__ import annotations

from bot.settings import Settings

#: How identities and addresses on Matrix begin.
NAME = "matrix"

COMMAND = "!sip"

#: What names a letter of the outbox inside the encryption of its message.
MARK = "se.sipbot.letter"


def server_of(user: str) -> str:
    """Return the server that a user's id names."""
    return user.partition(":")[2]


def own_servers(settings: Settings) -> frozenset[str]:
    """Return the names of the bot's own server and of those that the operator trusts."""
    return frozenset({server_of(settings.matrix_user), *settings.matrix_trusted_servers})
