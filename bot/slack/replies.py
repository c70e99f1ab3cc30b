"""Turns a handler's answer into the body that Slack reads in the acknowledgement."""

from __future__ import annotations

from collections.abc import Mapping

from bot.slack.draw import Json, message
from bot.slack.modal import closing_view, modal
from bot.slack.phrases import Phrases
from bot.slack.texts import cut
from bot.slack.translate import Arrival
from handlers.ui.branches import asked_parts
from handlers.ui.cards import Card, Section
from handlers.ui.events import Command, Submit
from handlers.ui.forms import Field, Form
from handlers.ui.responses import Ask, Mend, Response, Say

_ERROR_MOST = 1000
_BOT = "SIP"


def ack_body(arrival: Arrival, answer: Response, words: Phrases) -> Json | None:
    """Return the acknowledgement's body, None where it is empty.

    A submit is answered in its own window. A command's card is shown to the one who typed. What answers
    a press is carried by the outbox; a form asked for by a command or press is opened apart.
    """
    if isinstance(arrival.incoming, Submit):
        return _submit_body(arrival, answer, words)
    if isinstance(arrival.incoming, Command) and not isinstance(answer, Ask):
        card = late_card(answer, words)
        return private(card, words) if card else None
    return None


def _submit_body(arrival: Arrival, answer: Response, words: Phrases) -> Json | None:
    match answer:
        case Say(card):
            return {
                "response_action": "update",
                "view": closing_view(card, arrival.title or _BOT, words),
            }
        case Ask(form):
            return {"response_action": "update", "view": modal(form, words)}
        case Mend(errors, Form() as form) if _asks_more(form, errors, arrival):
            return {"response_action": "update", "view": _mending(form, errors, arrival, words)}
        case Mend(errors) if arrival.fields:
            return {"response_action": "errors", "errors": at_fields(errors, arrival.fields)}
        case Mend(errors):
            view = closing_view(_not_saved(errors, words), arrival.title or _BOT, words)
            return {"response_action": "update", "view": view}
        case _:
            return None


def _asks_more(form: Form, errors: Mapping[str, str], arrival: Arrival) -> bool:
    """Say whether something is amiss at a question that the window does not show: it was sent before it was redrawn."""
    return not set(arrival.fields).issuperset(set(errors) & set(_asked(form, arrival)))


def _asked(form: Form, arrival: Arrival) -> tuple[str, ...]:
    answers = arrival.incoming.values if isinstance(arrival.incoming, Submit) else {}
    return tuple(part.name for part in asked_parts(form, answers) if isinstance(part, Field))


def _mending(form: Form, errors: Mapping[str, str], arrival: Arrival, words: Phrases) -> Json:
    answers = arrival.incoming.values if isinstance(arrival.incoming, Submit) else {}
    return modal(form, words, answers, at_fields(errors, _asked(form, arrival)))


def private(card: Card, words: Phrases) -> Json:
    """Draw a card as a message for one person's eyes."""
    drawn = message(card, words)
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": drawn.text,
        "blocks": drawn.blocks,
    }


def at_fields(errors: Mapping[str, str], fields: tuple[str, ...]) -> dict[str, str]:
    """Put each error at its field; one whose field is not in the window stands at the first.

    Slack shows a window with an error at an unknown place as "trouble connecting" and the text is lost.
    """
    placed: dict[str, str] = {}
    for name, text in errors.items():
        place = name if name in fields else fields[0]
        placed[place] = cut(f"{placed[place]} {text}" if place in placed else text, _ERROR_MOST)
    return placed


def late_card(answer: Response, words: Phrases) -> Card | None:
    """Return an answer as a card, for when its window is gone or it has none; None for forms and silence."""
    match answer:
        case Say(card):
            return card
        case Mend(errors):
            return _not_saved(errors, words)
        case _:
            return None


def _not_saved(errors: Mapping[str, str], words: Phrases) -> Card:
    title = words("slack.not_saved")
    return Card(title, title, (Section(lines=tuple(errors.values())),))
