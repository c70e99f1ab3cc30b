"""Mail addresses as they may stand in a header or an envelope."""

from __future__ import annotations

import re
import unicodedata

from domain.errors import Invalid

MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3, without the angle brackets

_MAX_LOCAL = 64  # RFC 5321 4.5.3.1.1
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def normal_address(text: str) -> str:
    """The address in the form in which it is kept and compared: domain in ASCII (IDNA) and lower case.

    Raises `Invalid("mail_address.invalid")` for anything but one plain `local@domain`: no quoted local part,
    no address literal, no non-ASCII local part, and so no character that could end a header.
    """
    local, at, domain = text.strip(" \t").rpartition("@")
    ascii_domain = _ascii_domain(domain)
    address = f"{local}@{ascii_domain}"
    if (
        not at
        or len(local) > _MAX_LOCAL
        or len(address) > MAX_LENGTH
        or _LOCAL.fullmatch(local) is None
        or _DOMAIN.fullmatch(ascii_domain) is None
    ):
        raise Invalid("mail_address.invalid")
    return address


def _ascii_domain(domain: str) -> str:
    """`domain` in lower case with its non-ASCII labels in IDNA form; empty when there is no such form."""
    if domain.isascii():
        return domain.lower()
    try:
        return unicodedata.normalize("NFC", domain).encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
