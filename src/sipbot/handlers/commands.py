"""`/sip WORD CODE`: Swedish words first, English aliases beside them, forgiving about å, ä, ö and case."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sipbot.domain.errors import Invalid
from sipbot.handlers import homes, opening, overviews
from sipbot.handlers.answers import Answer, Say
from sipbot.handlers.boards import Look
from sipbot.handlers.stepping import take_step
from sipbot.handlers.visit import Visit

# Folded word → step. The first name of each step is the Swedish one.
WORDS: Mapping[str, str] = {
    "": "help",
    "hjalp": "help",
    "help": "help",
    "ny": "new",
    "new": "new",
    "samtycke": "consent",
    "consent": "consent",
    "aterta": "withdraw",
    "withdraw": "withdraw",
    "kalla": "summon",
    "summon": "summon",
    "flytta": "move",
    "move": "move",
    "hallet": "held",
    "held": "held",
    "plan": "plan",
    "avsluta": "close",
    "close": "close",
    "visa": "show",
    "show": "show",
    "lista": "list",
    "list": "list",
    "kalender": "calendar",
    "calendar": "calendar",
}


def fold(word: str) -> str:
    """Return a word without case and accents: "Hållet" and "hallet" are the same."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def command(visit: Visit, text: str) -> Answer:
    """Answer a typed command."""
    first, _, rest = text.strip().partition(" ")
    step = WORDS.get(fold(first))
    if step is None:
        raise Invalid("command.unknown")
    look = Look(visit.office, visit.words, visit.directory, visit.now)
    if step == "help":
        return Say(homes.help_card(look, visit.tx, visit.staff))
    if step == "list":
        return Say(homes.list_card(look, visit.tx, visit.staff))
    if step == "new":
        return opening.ask(visit)
    if step == "calendar":
        return overviews.command(visit, fold(rest.strip()))
    if not rest.strip():
        return Say(homes.pick(look, visit.tx, visit.staff, step))
    return take_step(visit, step, visit.code_in(rest))
