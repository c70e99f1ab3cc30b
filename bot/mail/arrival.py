"""What stands in an incoming mail's headers: for whom it is, who made it, what our mail server says of it.

Only strings leave this module; header values are cut before anything looks at them, and nothing is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses
from typing import Final

from bot.mail.addresses import TokenAddress, parse_address

_LONGEST: Final = 2000
"""Characters of a header value that are read; an address list of ours is far shorter."""

_DELIVERED_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")


def header(message: Message, name: str) -> str:
    """The topmost header of that name, or an empty string."""
    return next(headers(message, name), "")


def headers(message: Message, name: str) -> Iterator[str]:
    """All headers of that name from the top, each cut to a bounded length, line ends removed."""
    for value in message.get_all(name, []):
        yield str(value)[:_LONGEST].replace("\r", "").replace("\n", "")


def token_of(message: Message, recipient: str | None, domain: str) -> TokenAddress | None:
    """Which of our token addresses the mail came to.

    `recipient` is what the envelope said (LMTP). A mailbox read by IMAP has it only in headers: those that
    the last mail server wrote come first.
    """
    if recipient is not None:
        return parse_address(recipient, domain)
    for name in _DELIVERED_TO:
        for value in headers(message, name):
            for _, address in getaddresses([value]):
                found = parse_address(address, domain)
                if found is not None:
                    return found
    return None


def only_address(message: Message, name: str) -> str | None:
    """The one address in a header, lower case; None when there is none, several, or several headers."""
    values = list(headers(message, name))
    if len(values) != 1:
        return None
    found = [address.lower() for _, address in getaddresses(values) if "@" in address]
    return found[0] if len(found) == 1 else None


def same_address(a: str | None, b: str | None) -> bool:
    """Whether two addresses mean the same mailbox; case does not count, on either side of the @."""
    return a is not None and b is not None and a.strip().casefold() == b.strip().casefold()


def answers_by_itself(message: Message, envelope_from: str | None) -> bool:
    """Whether a program replied on its own: out-of-office, vacation, a mail loop (RFC 3834).

    `auto-generated` is no such mark: Google sets it on answers that a person pressed.
    """
    return (
        header(message, "auto-submitted").strip().lower().startswith("auto-replied")
        or null_sender(message, envelope_from)
        or any(name in message for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from"))
        or header(message, "precedence").strip().lower() == "auto_reply"
    )


def null_sender(message: Message, envelope_from: str | None) -> bool:
    """Whether the mail's envelope had no sender, as delivery reports and vacation notes have."""
    if envelope_from is not None:
        return envelope_from.strip("<> ") == ""
    return header(message, "return-path").strip() == "<>"


def came_by_list(message: Message) -> bool:
    """Whether a mailing list sent it on."""
    bulk = header(message, "precedence").strip().lower() in ("bulk", "list", "junk")
    return bulk or "list-id" in message or "list-post" in message


_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*dmarc\s*=\s*pass\b", re.IGNORECASE)
_FROM_DOMAIN = re.compile(r"\bheader\.from\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


def dmarc_passed(message: Message, authserv_id: str | None, from_address: str | None) -> bool:
    """Whether our own mail server found DMARC to pass for the domain in From (RFC 8601).

    Only the topmost Authentication-Results that bears our server's name counts: that server puts its own on
    top and strips those that a sender forged in its name. Without a configured name nothing is believed.
    """
    if not authserv_id or not from_address:
        return False
    for value in headers(message, "authentication-results"):
        name, _, results = _without_comments(value).partition(";")
        if name.split()[:1] and name.split()[0].lower() == authserv_id.lower():
            return any(_speaks_for(result, from_address) for result in results.split(";"))
    return False


def _speaks_for(result: str, from_address: str) -> bool:
    if not _RESULT.match(result):
        return False
    named = _FROM_DOMAIN.search(result)
    domain = from_address.rpartition("@")[2]
    return named is None or named[1].lower().rpartition("@")[2] == domain


def _without_comments(value: str) -> str:
    while True:
        shorter = _COMMENT.sub(" ", value)
        if shorter == value:
            return value
        value = shorter
