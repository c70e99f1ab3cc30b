"""From the name of a step to its form: what commands, buttons on boards and reminders all lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.errors import NotFound
from handlers.request import Request
from handlers.steps import (
    assess_case,
    change_lead,
    close_case,
    companions,
    extract,
    hand_over,
    mark_case,
    move_follow_up,
    prepare_case,
    report_meeting,
    send_plan,
    show_case,
)
from handlers.steps.consent import record_consent, withdraw_consent
from handlers.steps.matters import admission, deviation, evaluation, measure, promise, review, run_sheet
from handlers.steps.summons import move, record_answer, summon
from handlers.ui.actions import CaseStep
from handlers.ui.responses import Response

STEPS: Mapping[str, Callable[[Request, str], Response]] = {
    "assess": assess_case.ask,
    "mark": mark_case.ask,
    "prepare": prepare_case.show,
    "preparing": prepare_case.ask,
    "companion": companions.ask,
    "consent": record_consent.ask,
    "withdraw": withdraw_consent.ask,
    "summon": summon.ask,
    "move": move.ask,
    "held": report_meeting.ask,
    "plan": send_plan.ask,
    "close": close_case.ask,
    "answer": record_answer.ask,
    "hand_over": hand_over.ask,
    "change_lead": change_lead.ask,
    "move_follow_up": move_follow_up.ask,
    "measure": measure.ask,
    "promise": promise.ask,
    "review": review.ask,
    "evaluate": evaluation.ask,
    "evaluate_own": evaluation.ask_staff,
    "evaluate_person": evaluation.ask_for_person,
    "admission": admission.ask,
    "deviation": deviation.ask,
    "meeting": run_sheet.show,
    "show": show_case.show,
    "extract": extract.show,
}

# Steps have more names than forms: what is to be completed or followed up is done in the same forms.
ALIASES: Mapping[str, str] = {"complete": "held", "follow_up": "summon", "record_answer": "answer"}


def press(request: Request, token: CaseStep) -> Response:
    """A button that leads to a step was pressed, or a case was picked for one."""
    if token.step == "move" and token.day:
        return move.ask(request, token.code, token.day, token.clock)
    return take_step(request, token.step, token.code)


def take_step(request: Request, step: str, code: str) -> Response:
    """Open the form of a step, or show the case."""
    handler = STEPS.get(ALIASES.get(step, step))
    if handler is None:
        raise NotFound("command.unknown_step")
    return handler(request, code)
