"""`/sip besked`: an answer that an agency has promised by a day, and the press that says it was given (R145)."""

from __future__ import annotations

from domain.case import Case
from domain.errors import NotAllowed
from domain.matters.promise import Awaited, Meanwhile
from domain.responsibility import may_send_plan
from domain.steps.promises import (
    answer_promise,
    may_promise,
    meeting_of_promises,
    problems_of_promise,
    promise,
    promise_of,
)
from handlers.request import Request
from handlers.screens.matters import promise_line
from handlers.ui.actions import CaseForm, OneMatter
from handlers.ui.cards import Card, Section
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import agency_choices, choices
from handlers.ui.responses import Ask, Response, Say

FORM = "promise.record"


def ask(request: Request, code: str) -> Response:
    """Open the form."""
    case = request.case_to_plan(code)
    words, agencies = request.words, may_promise(case, meeting_of_promises(case))
    parts: tuple[Field | Note, ...] = (
        Note(words("promise.intro", code=code)),
        Field(
            "agency",
            FieldKind.SELECT,
            words("promise.agency"),
            required=True,
            options=agency_choices(request.directory, agencies),
            initial=agencies[0] if len(agencies) == 1 else None,
        ),
        Field(
            "awaits",
            FieldKind.SELECT,
            words("promise.awaits"),
            required=True,
            options=choices(words, "awaits", Awaited),
        ),
        Field(
            "meanwhile",
            FieldKind.SELECT,
            words("promise.meanwhile"),
            required=True,
            options=choices(words, "meanwhile", Meanwhile),
            initial=Meanwhile.GOES_ON,
        ),
        Field("by", FieldKind.DATE, words("promise.by"), required=True),
    )
    token = request.seal(CaseForm(FORM, code))
    return Ask(Form(FORM, words("promise.form_title"), words("form.save"), words("form.cancel"), token, parts))


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Write the promise down; the agency is reminded before the day."""
    case = request.case_to_plan(token.code)
    meeting = meeting_of_promises(case)
    agency = next(iter(values.names("agency", frozenset(may_promise(case, meeting)), required=True)), "")
    awaits, meanwhile = values.one("awaits", Awaited, required=True), values.one("meanwhile", Meanwhile, required=True)
    by = values.day("by", required=True)
    if values.problems or awaits is None or meanwhile is None or by is None:
        return request.mend(values.problems)
    problems = problems_of_promise(case, agency, awaits, by, request.today)
    if problems:
        return request.mend(problems)
    after = promise(case, meeting, agency, (awaits, meanwhile, by), request.stamp)
    found = after.promises[-1]
    details: dict[str, str | int] = {"promise": found.number, "awaits": awaits.value, "by": by.isoformat()}
    saved = request.save(case, after, [request.entry("promise.made", details, agency=agency)])
    words = request.words
    title, text = words("promise.done.title", code=saved.code), promise_line(request.view, found)
    more = request.view.to_step(saved.code, "promise", label=words("step.promise.more"))
    hint = words("promise.done.text")
    return Say(Card(title, f"{title}. {text}", (Section(text=text), Section(text=hint)), (more,)))


def kept(request: Request, token: OneMatter) -> Response:
    """The press that says the person has got the answer: by the agency that promised it, or who steers the case."""
    case = request.tx.cases.get(token.code)
    found = promise_of(case, token.number)
    _require_concerned(request, case, found.agency)
    if found.answered is not None:
        return request.say("promise.kept_already", code=case.code, **request.by(found.answered))
    entry = request.entry("promise.kept", {"promise": found.number}, agency=found.agency)
    saved = request.save(case, answer_promise(case, found.number, request.stamp), [entry])
    return request.say("promise.kept", code=saved.code)


def _require_concerned(request: Request, case: Case, agency: str) -> None:
    if may_send_plan(case, request.staff, request.directory):
        return
    request.case_to_see(case.code)
    if request.staff.agency != agency:
        raise NotAllowed("right.answering")
