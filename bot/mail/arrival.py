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
from domain.text.outside import writable

_LONGEST: Final = 2000
"""Characters of a header value that are read; an address list of ours is far shorter."""

_DELIVERED_TO: Final = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")


def header(message: Message, name: str) -> str:
    """The topmost header of that name, or an empty string."""
    return next(headers(message, name), "")


def headers(message: Message, name: str) -> Iterator[str]:
    """All headers of that name from the top, each cut to a bounded length, in one line of what can be written down."""
    for value in message.get_all(name, []):
        yield str(writable(str(value)[:_LONGEST])).replace("\r", "").replace("\n", "")


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


UNNAMED: Final = "unnamed"
"""The setting for a mail server that writes no name into its results, as Office 365 does."""

_DMARC = re.compile(r"\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
_FROM_DOMAIN = re.compile(r"\bheader\.from\s*=\s*([^\s;]+)", re.IGNORECASE)


def dmarc_passed(message: Message, authserv_id: str | None, from_address: str | None) -> bool:
    """Whether our own mail server found DMARC to pass for the domain in From (RFC 8601).

    Only the Authentication-Results that bear our server's name and stand together on top count: that server puts
    its own on top and strips those that a sender forged in its name. The first dmarc result among them decides.
    Without a configured name nothing is believed; with `UNNAMED` the topmost alone, if it has no name.
    """
    if not authserv_id or not from_address:
        return False
    for value in headers(message, "authentication-results"):
        results = _results(value)
        if authserv_id == UNNAMED:
            return "=" in results[0] and any(_speaks_for(result, from_address) for result in results)
        # A version may follow the name.
        if results[0].split()[:1] != [authserv_id.lower()]:
            return False
        decided = [result for result in results[1:] if _DMARC.match(result)]
        if decided:
            return _speaks_for(decided[0], from_address)
    return False


def _speaks_for(result: str, from_address: str) -> bool:
    found, domains = _DMARC.match(result), _FROM_DOMAIN.findall(result)
    passed = found is not None and found[1].lower() == "pass"
    return passed and [d.rpartition("@")[2] for d in domains] == [from_address.rpartition("@")[2]]


def _results(value: str) -> list[str]:
    """The parts between semicolons in lower case, without comments; a quoted string keeps no meaning but its own.

    What a sender chose stands inside quotes, so nothing in there may look like a part, a result or a property.
    """
    parts, depth, quoted, escaped = [""], 0, False, False
    for char in value:
        if escaped or (char == "\\" and (quoted or depth)):
            escaped = not escaped
        elif quoted:
            quoted = char != '"'
            parts[-1] += char if char.isalnum() or char in "@.-" else ("" if char == '"' else "_")
        elif char == "(":
            depth += 1
        elif depth:
            depth -= char == ")"
            parts[-1] += "" if depth else " "
        elif char == '"':
            quoted = True
        elif char == ";":
            parts.append("")
        else:
            parts[-1] += char.lower()
    return parts
