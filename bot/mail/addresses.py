"""The secret part of our mail addresses: 128 random bits per (meeting, attendee), stored by the caller.

`svar.<token>@domain` is ORGANIZER and From of an invite: whoever answers to it has had the invite in hand.
`studs.<token>@domain` is the envelope sender: what comes there is about delivery. Lower-case base32 survives
mail systems that fold case, and no `+` is used because some code reads it as a blank in a mailto address.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal

Purpose = Literal["answer", "bounce"]

_WORDS: dict[str, Purpose] = {"svar": "answer", "studs": "bounce"}
_TOKEN = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """What one of our addresses says: whether an answer or a bounce is meant, and for which token."""

    purpose: Purpose
    token: str = field(repr=False)

    def written(self, domain: str) -> str:
        """The address itself."""
        return (answer_address if self.purpose == "answer" else bounce_address)(self.token, domain)


def new_token() -> str:
    """26 characters of `a-z2-7`, 128 random bits."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()


def answer_address(token: str, domain: str) -> str:
    """ORGANIZER and From of the invite that belongs to `token`."""
    return f"svar.{_checked(token)}@{domain}"


def bounce_address(token: str, domain: str) -> str:
    """The envelope sender of mails that belong to `token`."""
    return f"studs.{_checked(token)}@{domain}"


def parse_address(address: str, domain: str) -> TokenAddress | None:
    """Reads one of our addresses, in any case, with or without angle brackets; None for all others."""
    bare = address.strip().removeprefix("<").removesuffix(">").lower()
    local, _, at_domain = bare.rpartition("@")
    word, _, token = local.partition(".")
    if at_domain != domain.lower() or word not in _WORDS or not _TOKEN.fullmatch(token):
        return None
    return TokenAddress(_WORDS[word], token)


def _checked(token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise ValueError("not a token of ours")
    return token
