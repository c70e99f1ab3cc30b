"""The few errors that a person is told about: a message key and safe parameters, never a sentence.

`templates` turns the key into words in the reader's language. Parameters may stand in a log and in chat, so
they hold codes, agencies, counts and dates only: no name, no address, nothing that was typed into a text
field.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class SipError(Exception):
    """Something the person who acted must be told, in plain words, on the surface where they acted.

    `key` names the message; `params` are the values that are put into it.
    """

    def __init__(self, key: str, params: Mapping[str, str | int] | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.params: Mapping[str, str | int] = MappingProxyType(dict(params or {}))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key!r}, {dict(self.params)!r})"


class NotAllowed(SipError):
    """This person may not do this. Someone else must act: the message tells who may."""


class WrongState(SipError):
    """The case is further on, or not so far yet. The person reads how it stands and chooses again."""


class NotFound(SipError):
    """No such thing, or none this person may know of: both look alike. The person checks what they typed."""


class Invalid(SipError):
    """What was typed cannot be used. The person mends it; `field` names the form field if there is one."""

    def __init__(self, key: str, params: Mapping[str, str | int] | None = None, *, field: str | None = None) -> None:
        super().__init__(key, params)
        self.field = field


class Unavailable(SipError):
    """Another system does not answer. The person tries again later; the operator sees to it."""
