"""`/sip WORD CODE`: Swedish words first, English aliases beside them, forgiving about å, ä, ö and case."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping

from domain.errors import Invalid
from domain.text.free_text import find_forbidden
from handlers import looks
from handlers.request import Request
from handlers.screens import case_lists
from handlers.steps import absence, calendar_feed, open_case, statistics
from handlers.steps.by_name import take_step
from handlers.steps.matters import deviation
from handlers.ui.responses import Response, Say

# Folded word → step. The first name of each step is the Swedish one.
WORDS: Mapping[str, str] = {
    "": "help",
    "hjalp": "help",
    "help": "help",
    "ny": "new",
    "new": "new",
    "bedom": "assess",
    "assess": "assess",
    "mark": "mark",
    "forbered": "prepare",
    "prepare": "prepare",
    "narstaende": "companion",
    "relatives": "companion",
    "samtycke": "consent",
    "consent": "consent",
    "aterta": "withdraw",
    "withdraw": "withdraw",
    "kalla": "summon",
    "summon": "summon",
    "flytta": "move",
    "move": "move",
    "svar": "answer",
    "answer": "answer",
    "hallet": "held",
    "held": "held",
    "plan": "plan",
    "avsluta": "close",
    "close": "close",
    "lamna": "hand_over",
    "hand-over": "hand_over",
    "huvudansvarig": "change_lead",
    "lead": "change_lead",
    "uppfoljning": "move_follow_up",
    "follow-up": "move_follow_up",
    "mote": "meeting",
    "meeting": "meeting",
    "atgard": "measure",
    "measure": "measure",
    "avvikelse": "deviation",
    "deviation": "deviation",
    "folj": "review",
    "review": "review",
    "inskriven": "admission",
    "admitted": "admission",
    "utvardera": "evaluate",
    "evaluate": "evaluate",
    "besked": "promise",
    "promise": "promise",
    "registerutdrag": "extract",
    "extract": "extract",
    "statistik": "statistics",
    "statistics": "statistics",
    "visa": "show",
    "show": "show",
    "lista": "list",
    "list": "list",
    "borta": "away",
    "away": "away",
    "tillbaka": "back",
    "back": "back",
    "kalender": "calendar",
    "calendar": "calendar",
}

# What stands behind these is no case code.
WITHOUT_CODE: Mapping[str, Callable[[Request, str], Response]] = {
    "statistics": statistics.command,
    "calendar": calendar_feed.command,
    "away": absence.command,
    "back": absence.back,
}


def fold(word: str) -> str:
    """Return a word without case and accents: "Hållet" and "hallet" are the same."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def command(request: Request, text: str) -> Response:
    """Answer a typed command."""
    first, _, rest = text.strip().partition(" ")
    step = WORDS.get(fold(first))
    if step is None:
        raise Invalid("command.unknown")
    # Behind the others a case code is asked for, and what is none is said to be none.
    findings = find_forbidden(rest) if step in {"help", "list", "new", "statistics"} else ()
    if findings:
        raise Invalid(f"field.forbidden.{findings[0].kind.value}")
    view = request.view
    if step == "help":
        return Say(case_lists.help_card(view, request.tx, request.staff))
    if step == "list":
        looks.note_looks(request.tx, request.staff, looks.listed(request.tx, request.staff), looks.Look.LIST)
        return Say(case_lists.list_card(view, request.tx, request.staff))
    if step == "new":
        return open_case.ask(request)
    if step in WITHOUT_CODE:
        return WITHOUT_CODE[step](request, fold(rest.strip()))
    if not rest.strip() and step == "deviation":
        return deviation.show_list(request)
    if not rest.strip():
        return Say(case_lists.pick(view, request.tx, request.staff, step))
    return take_step(request, step, request.code_in(rest))
