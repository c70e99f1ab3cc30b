"""From the name of a step to its form: what commands, buttons on boards and reminders all lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sipbot.domain.errors import NotFound
from sipbot.handlers import closing, consenting, holding, planning, showing, summoning
from sipbot.handlers.answers import Answer
from sipbot.handlers.visit import Visit

STEPS: Mapping[str, Callable[[Visit, str], Answer]] = {
    "consent": consenting.ask,
    "withdraw": consenting.ask_withdrawal,
    "summon": summoning.ask,
    "move": summoning.ask_move,
    "held": holding.ask,
    "plan": planning.ask,
    "close": closing.ask,
    "show": showing.show,
}

# Steps have more names than forms: what is to be completed or followed up is done in the same forms.
ALIASES: Mapping[str, str] = {"complete": "held", "follow_up": "summon"}


def take_step(visit: Visit, step: str, code: str) -> Answer:
    """Open the form of a step, or show the case."""
    handler = STEPS.get(ALIASES.get(step, step))
    if handler is None:
        raise NotFound("command.unknown_step")
    return handler(visit, code)
