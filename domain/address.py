"""Addresses: where somebody or something is written to, on whichever platform."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an address leads to."""

    CHANNEL = "channel"
    ROOM = "room"
    PERSON = "person"
    REPLY = "reply"  # the one who has just acted, in answer to that one act
    MAILBOX = "mailbox"

    @property
    def is_shared(self) -> bool:
        """Say whether many read there: a channel or a room, as each platform calls it."""
        return self in {Kind.CHANNEL, Kind.ROOM}


# How an address begins that leads to a mailbox; all others come from the directory or from who has acted.
MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Address:
    """One place that can be written to: `target` is the platform's own name for it.

    It is kept as text, `platform:kind:target` (`chat:channel:C0SOC`, `chat:person:T0/U0ANNA`), and a mailbox as
    `mail:anna@example.se`.
    """

    platform: str
    kind: Kind
    target: str

    def __str__(self) -> str:
        if self.kind is Kind.MAILBOX:
            return f"{self.platform}:{self.target}"
        return f"{self.platform}:{self.kind}:{self.target}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address back. The target may hold colons of its own (`chat:room:!x:example.se`).

        Raises:
            ValueError: it is no address.
        """
        platform, _, rest = text.partition(":")
        word, colon, target = rest.partition(":")
        if colon and word in _WRITTEN:
            found = cls(platform, Kind(word), target)
        else:
            found = cls(platform, Kind.MAILBOX, rest)
        if not found.platform or not found.target:
            raise ValueError("an address is platform:kind:target or platform:mailbox")
        return found

    @classmethod
    def of_person(cls, identity: str) -> Address:
        """Return where the person behind an identity (`chat:T0/U0ANNA`) is written to alone."""
        platform, _, user = identity.partition(":")
        return cls(platform, Kind.PERSON, user)

    @property
    def identity(self) -> str:
        """The identity of the person that is written to here, or "" where it is not one person's own place."""
        return f"{self.platform}:{self.target}" if self.kind is Kind.PERSON else ""


_WRITTEN = frozenset(Kind) - {Kind.MAILBOX}


def mailbox(address: str) -> Address:
    """Return the address of a mailbox (`anna@example.se`)."""
    return Address(MAIL, Kind.MAILBOX, address)


def lies_within(email: str, domains: Iterable[str]) -> bool:
    """Say whether a mail address lies in one of these domains, or below one."""
    domain = email.rpartition("@")[2].casefold().rstrip(".")
    return any(domain == one or domain.endswith(f".{one}") for one in domains)
