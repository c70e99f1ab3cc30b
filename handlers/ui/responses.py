"""Responses: what the one who acted is shown at once. A card, a form, errors at the fields, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from handlers.ui.cards import Card
from handlers.ui.forms import Form


@dataclass(frozen=True, slots=True)
class Say:
    """Show this card to the one who acted and to nobody else."""

    card: Card


@dataclass(frozen=True, slots=True)
class Ask:
    """Open this form for the one who acted."""

    form: Form


@dataclass(frozen=True, slots=True)
class Mend:
    """Keep the form open and show each text at its field; nothing was changed.

    `form` is the form as it stands, where what it asks depends on its answers: a platform that shows less of it than
    these answers ask for can draw it anew.
    """

    errors: Mapping[str, str]
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Acknowledge and say nothing: the same thing arrived before and had its answer."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It failed and nothing was changed. The platform apologises, with the reference that stands in the log too."""

    reference: str


Response: TypeAlias = Say | Ask | Mend | Silence | Failed


def in_language(answer: Response, language: str) -> Response:
    """Return the answer with its card or form marked as written in this language."""
    match answer:
        case Say(card):
            return Say(replace(card, language=language))
        case Ask(form):
            return Ask(replace(form, language=language))
        case _:
            return answer


class Unchanged(Exception):
    """Raised so that the transaction leaves no trace.

    With a `Mend` the same form may come again; with `Silence` it was there already.
    """

    def __init__(self, answer: Mend | Silence) -> None:
        super().__init__("nothing was changed")
        self.answer = answer
