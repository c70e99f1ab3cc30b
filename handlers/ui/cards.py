"""Cards: what a person is shown, in a small neutral language that every platform draws with all it has.

All texts are plain text. A platform escapes or structures them itself, so that nothing a person wrote can become
markup, a link or a mention there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """How a button is meant: the one expected next step, an ordinary choice, or one that cannot be taken back."""

    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value, such as "När" and "torsdag 3 december kl. 13.00"."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Button:
    """A button.

    `action` is its name in the contract (`summons.received`); `token` is an opaque sealed value; `label` is its face
    (at most 75 characters); `hint` is read aloud by screen readers where the label alone says too little; `url` makes
    it a link instead of an action.
    """

    action: str
    label: str
    token: str
    tone: Tone = Tone.PLAIN
    hint: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a chooser: what is read, and the sealed token that comes back."""

    label: str
    token: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chooser:
    """A pick-one list (at most 100 choices), used where a command lacks the case it is about."""

    action: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a card: an optional heading, text, facts, bullet lines and its own buttons."""

    heading: str = ""
    text: str = ""
    facts: tuple[Fact, ...] = ()
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    chooser: Chooser | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A message: a title, sections, buttons at the end and a quiet last line.

    `summary` is the one sentence for notifications and screen readers; it holds nothing that the card may not hold.
    `language` is that of its words ("sv"), for what a platform adds of its own; "" where nobody knows.
    """

    title: str
    summary: str
    sections: tuple[Section, ...] = ()
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    # No part of what it shows: a card that was kept before it had a language is still the same.
    language: str = field(default="", repr=False)
