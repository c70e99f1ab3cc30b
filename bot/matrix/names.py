"""The names this bot has on Matrix."""

from __future__ import annotations

#: How identities and addresses on Matrix begin.
NAME = "matrix"

COMMAND = "!sip"

#: What names a letter of the outbox inside the encryption of its message.
MARK = "se.sipbot.letter"
