"""`/sip följ`: the six questions of a follow-up, measure by measure (R166, R169, R170)."""

from __future__ import annotations

from collections.abc import Callable

from domain.case import Case
from domain.matters.review import Extent, Found, Review, Verdict
from domain.problem import Problem
from domain.steps.review import meeting_to_review, review, review_of, to_review
from handlers.request import Request
from handlers.screens.matters import measure_line, suggested
from handlers.ui.actions import MatterForm
from handlers.ui.cards import Card, Section, Tone
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import NO, YES, choices
from handlers.ui.responses import Ask, Response, Say

FORM = "plan.review"


def ask(request: Request, code: str) -> Response:
    """Open the form, for the chair of the follow-up or somebody who steers the case."""
    case = request.case_to_report(code)
    meeting = meeting_to_review(case)
    return Ask(_form(request, case, meeting.number, review_of(case, meeting)))


def _called(request: Request, case: Case) -> Callable[[str], str]:
    """Return what agencies are called before whoever asks: the chair may be of another one (law 4D.3)."""
    return lambda agency: request.view.agency_for(request.staff.agency, agency, case)


def _form(request: Request, case: Case, meeting: int, known: Review | None) -> Form:
    words = request.words
    before = {found.measure: found.verdict for found in known.measures} if known is not None else {}
    parts: list[Field | Note] = [Note(words("review.intro", code=case.code))]
    parts += [
        Field(
            f"measure_{measure.number}",
            FieldKind.SELECT,
            measure_line(request.view, measure, _called(request, case)),
            options=choices(words, "verdict", Verdict),
            initial=before.get(measure.number),
        )
        for measure in to_review(case)
    ]
    parts += [
        Field(
            "goals_met",
            FieldKind.SELECT,
            words("review.goals_met"),
            required=True,
            options=choices(words, "extent", Extent),
            initial=known.goals_met if known is not None else None,
        ),
        Field(
            "order",
            FieldKind.SELECT,
            words("review.order"),
            required=True,
            options=choices(words, "extent", Extent),
            initial=known.order if known is not None else Extent.YES,
        ),
        Field(
            "needs_changed",
            FieldKind.SELECT,
            words("review.needs_changed"),
            required=True,
            options=choices(words, "needs_changed", (YES, NO)),
            initial=NO if known is None or not known.needs_changed else YES,
        ),
    ]
    token = request.seal(MatterForm(FORM, case.code, meeting))
    return Form(FORM, words("review.form_title"), words("form.save"), words("form.cancel"), token, tuple(parts))


def submit(request: Request, token: MatterForm, values: FormData) -> Response:
    """Keep the answers, and say what they lead to: a new version, a deviation, or the end."""
    case = request.case_to_report(token.code)
    meeting = meeting_to_review(case)
    if token.number != meeting.number:
        return request.mend([Problem("goals_met", "review.changed_meanwhile")])
    goals_met, order = values.one("goals_met", Extent, required=True), values.one("order", Extent, required=True)
    changed = values.yes_or_no("needs_changed", required=True)
    verdicts = [(measure.number, values.one(f"measure_{measure.number}", Verdict)) for measure in to_review(case)]
    if values.problems or goals_met is None or order is None or changed is None:
        return request.mend(values.problems)
    found = tuple(Found(number, verdict) for number, verdict in verdicts if verdict is not None)
    after = review(case, meeting, (goals_met, order, changed), found, request.stamp)
    details: dict[str, str | int] = {
        "meeting": meeting.number,
        "goals_met": goals_met.value,
        "order": order.value,
        "needs_changed": int(changed),
    }
    details |= {f"measure_{each.measure}": each.verdict.value for each in found}
    saved = request.save(case, after, [request.entry("plan.reviewed", details)])
    return Say(_answered(request, saved))


def _answered(request: Request, case: Case) -> Card:
    words = request.words
    title, text = words("review.done.title", code=case.code), words("review.done.text")
    sections = [Section(text=text), *suggested(request.view, case, _called(request, case))]
    step = "held" if case.coming_meeting is not None else "measure"
    label = words("step.held.do" if step == "held" else "measure.heading")
    button = request.view.to_step(case.code, step, label=label, tone=Tone.PRIMARY)
    return Card(title, f"{title}. {text}", tuple(sections), (button,))
