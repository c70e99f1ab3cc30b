"""What arrives from people, translated by the platforms into one shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from handlers.ui.forms import Values


@dataclass(frozen=True, slots=True)
class Sender:
    """Who acted: the platform's full identity (`chat:T0/U0ANNA`) and the locale it told, if any ("sv-SE")."""

    identity: str
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """`/sip WORD CODE`: `text` is everything after the command's own name. `key` is unique per arrival."""

    sender: Sender
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button or chooser: its contract name, and the token it carried.

    `reply_to` is where a private answer may be put.
    """

    sender: Sender
    key: str
    action: str
    token: str
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Submit:
    """A submitted form: its contract name, its token and the values by field name.

    `window` is the platform's id of what the form was shown in, which takes it once, whatever was changed in it
    between two sendings; `sending` its id of this one sending, which counts no later if it is not taken at first, while
    the same form sent anew is another. Both are "" where nothing can be sent twice.
    """

    sender: Sender
    key: str
    form: str
    token: str
    values: Values
    window: str = ""
    sending: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """An answer was changed in a form that stands open, so that it may have to ask something else. It keeps nothing.

    `values` is all that is filled in by then, by field name.
    """

    sender: Sender
    form: str
    token: str
    values: Values


@dataclass(frozen=True, slots=True)
class HomeOpened:
    """Somebody opened the bot's home page."""

    sender: Sender
    key: str


#: What leaves something behind.
Act: TypeAlias = Command | Press | Submit | HomeOpened
Event: TypeAlias = Act | Change
