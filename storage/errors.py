"""The errors of storage, besides those of the domain (`NotFound`, `Unavailable`, ...)."""

from __future__ import annotations

from domain.errors import SipError


class Conflict(SipError):
    """Somebody else changed the same thing first. The person is shown how it stands now, and decides again."""


class Undecipherable(SipError):
    """What is kept cannot be read: the key is not among SIPBOT_SECRET_KEYS, or the bytes were changed or moved.

    The operator must act; the person who acted did nothing wrong.
    """
