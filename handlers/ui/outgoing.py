"""What the courier carries: a letter of the outbox, composed from the case as it is at the moment of sending.

Composing late means that consent is checked at the moment of disclosure, and that ten changes become one message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from domain.calendar.invites import Invite
from handlers.ui.cards import Card


@dataclass(frozen=True, slots=True)
class Show:
    """A card at a surface: posted the first time, changed in place afterwards.

    `surface` names the place in our own words (`summons:SIP-7K3QD-M:1:bup`). `version` rises with the content: a
    surface that already shows this version or a newer one is left alone. `anew` posts again and takes the old post
    away (nags). `items` are the keys of the reminders that stand in it.
    """

    surface: str
    version: int
    card: Card
    anew: bool = False
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tell:
    """A card posted once; `beside` names a surface in whose thread it stands, when that surface is shown."""

    card: Card
    beside: str = ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Delete what stands at a surface: it may not be read there any more."""

    surface: str


@dataclass(frozen=True, slots=True)
class Whisper:
    """A private answer to the one who pressed, put where the platform said it may be put."""

    reply_to: str
    person: str
    card: Card


@dataclass(frozen=True, slots=True)
class Home:
    """The home page of one person, as it was `at` an instant: some platforms show it until it is drawn again."""

    card: Card
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A neutral calendar file in the thread of a surface: PUBLISH, no attendees."""

    invite: Invite
    filename: str
    title: str
    beside: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a picture, as `line` says it in words: what it is about and what is told of it.

    `part` is how much of the whole it is (0 to 1), None for what is no share. `kept_back`: it is one that is not told.
    """

    label: str
    value: str
    line: str
    part: float | None = None
    kept_back: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for one person alone, in their language."""

    title: str
    bars: tuple[Bar, ...]
    filename: str

    @property
    def alt(self) -> str:
        """All that it shows, in words, for whoever does not see it."""
        return " ".join(f"{text}." for text in (self.title, *(bar.line for bar in self.bars)))


@dataclass(frozen=True, slots=True)
class InviteMail:
    """One attendee's calendar mail. `bounce_token` returns when it could not be delivered."""

    invite: Invite
    subject: str
    text: str
    description: str
    summary: str
    bounce_token: str


@dataclass(frozen=True, slots=True)
class PlainMail:
    """A short mail without content about anyone: to a function mailbox, or when chat fails."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Do not send: withdrawn, superseded, or no longer needed. `why` is a word for the metrics and the row."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """Do not send yet: it is composed anew at an instant (UTC). `why` is a word for the metrics and the row."""

    until: datetime
    why: str


Outgoing: TypeAlias = (
    Show | Tell | TakeBack | Whisper | Home | CalendarFile | Picture | InviteMail | PlainMail | Drop | Later
)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """It goes to another address than the one it was written to, "" for none that there is.

    `composed` is what it would have been there: an earlier attempt may have brought it to where it no longer belongs.
    """

    address: str
    composed: Outgoing


def in_language(outgoing: Outgoing, language: str) -> Outgoing:
    """Return what goes out with its card marked as written in this language; a private word has its own already."""
    if isinstance(outgoing, Show | Tell | Home):
        return replace(outgoing, card=replace(outgoing.card, language=language))
    return outgoing
