"""Mail addresses: which ones we are able to use, and how two are compared."""

from __future__ import annotations

import re


class UnusableAddress(ValueError):
    """An address that no invite can be sent to. The message does not repeat it: it is personal data."""


_LOCAL = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


def checked_address(address: str) -> str:
    """`address` with its domain in ASCII (`åre.se` → `xn--re-xia.se`).

    Raises `UnusableAddress` for what is no plain `local@domain`; a local part outside ASCII needs SMTPUTF8,
    which too few mail servers on the way have.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise UnusableAddress("not a usable mail address")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise UnusableAddress("not a usable mail domain") from error
    if not _DOMAIN.fullmatch(ascii_domain):
        raise UnusableAddress("not a usable mail domain")
    return f"{local}@{ascii_domain}"


def same_address(a: str | None, b: str | None) -> bool:
    """Whether two addresses mean the same mailbox; case does not count, on either side of the @."""
    return a is not None and b is not None and a.strip().casefold() == b.strip().casefold()
