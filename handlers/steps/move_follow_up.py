"""`/sip uppföljning`: the follow-up is put off, or brought forward when the needs change (R167, R168)."""

from __future__ import annotations

from dataclasses import replace

from domain.steps.move_follow_up import MoveReason, move_follow_up, problems_of_day, require_movable_follow_up
from handlers.request import Request
from handlers.steps.matters.settled import of_follow_up_day
from handlers.ui.actions import CaseForm
from handlers.ui.cards import Section
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices
from handlers.ui.responses import Ask, Response, Say

FORM = "follow_up.move"


def ask(request: Request, code: str) -> Response:
    """Open the form."""
    case = request.case_to_steer(code)
    meeting, words = require_movable_follow_up(case), request.words
    known = None if meeting.report is None else meeting.report.follow_up_on
    parts: tuple[Field | Note, ...] = (
        Note(words("follow_up.intro", code=code)),
        Field(
            "date",
            FieldKind.DATE,
            words("follow_up.date"),
            required=True,
            initial=None if known is None else known.isoformat(),
        ),
        Field(
            "reason",
            FieldKind.SELECT,
            words("follow_up.reason"),
            required=True,
            options=choices(words, "follow_up_reason", MoveReason),
        ),
    )
    token = request.seal(CaseForm(FORM, code))
    return Ask(Form(FORM, words("follow_up.form_title"), words("form.save"), words("form.cancel"), token, parts))


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Set another day; the reminders that lead up to it are counted anew."""
    case = request.case_to_steer(token.code)
    meeting = require_movable_follow_up(case)
    on, reason = values.day("date", required=True), values.one("reason", MoveReason, required=True)
    if values.problems or on is None or reason is None:
        return request.mend(values.problems)
    problems = problems_of_day(meeting, on, request.today)
    if problems:
        return request.mend(problems)
    after = move_follow_up(case, meeting, on, request.stamp)
    details: dict[str, str | int] = {"on": on.isoformat(), "reason": reason.value}
    saved = request.save(case, after, [request.entry("follow_up.moved", details)])
    card = request.card("follow_up.done", code=saved.code, day=request.words.day(on))
    against = tuple(Section(text=text) for text in of_follow_up_day(request, saved, on))
    return Say(replace(card, sections=(*card.sections, *against)))
