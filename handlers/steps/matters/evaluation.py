"""`/sip utvärdera`: how the meeting was, for those who were there and for the person (R19, R146, R147).

No words are written down: the two open questions of the manual are for the talk, and for one's own notes.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.case import Case
from domain.matters.evaluation import PERSON_ASKED, STAFF_ASKED, Answer, Felt
from domain.meeting import Meeting
from domain.problem import Problem
from domain.steps.evaluate import (
    evaluated,
    evaluated_for_person,
    evaluation_of,
    may_speak_for_person,
    meeting_to_evaluate,
    require_part,
    sums_of,
    took_part,
)
from handlers.request import Request
from handlers.ui.actions import Action, CaseStep, MatterForm
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices
from handlers.ui.responses import Ask, Response, Say

STAFF_FORM = "evaluation.staff"
PERSON_FORM = "evaluation.person"


def ask(request: Request, code: str) -> Response:
    """Open the form that somebody may fill in; who may fill in both is asked which."""
    case = request.case_to_see(code)
    meeting = meeting_to_evaluate(case, request.today)
    known = evaluation_of(case, meeting)
    own = took_part(case, meeting, request.staff, request.directory) and request.staff.id not in known.by
    for_person = may_speak_for_person(case, meeting, request.staff, request.directory) and known.person is None
    if own and for_person:
        return Say(_which(request, case))
    return ask_for_person(request, code) if for_person else ask_staff(request, code)


def _which(request: Request, case: Case) -> Card:
    words, title = request.words, request.words("evaluate.which.title", code=case.code)
    text = words("evaluate.which.text")
    buttons = tuple(
        Button(Action.CASE_STEP, words(f"step.{step}.do"), request.seal(CaseStep(case.code, step)), tone)
        for step, tone in (("evaluate_person", Tone.PRIMARY), ("evaluate_own", Tone.PLAIN))
    )
    return Card(title, f"{title}. {text}", (Section(text=text),), buttons)


def ask_staff(request: Request, code: str) -> Response:
    """Open the form for one's own view, once for each who took part."""
    case, meeting = _to_evaluate(request, code)
    require_part(case, meeting, request.staff, request.directory)
    if request.staff.id in evaluation_of(case, meeting).by:
        return request.say("evaluate.own_already", code=case.code)
    return Ask(_form(request, STAFF_FORM, case, meeting, STAFF_ASKED))


def ask_for_person(request: Request, code: str) -> Response:
    """Open the form for what the person said, once for each meeting."""
    case, meeting = _to_evaluate(request, code)
    if not may_speak_for_person(case, meeting, request.staff, request.directory):
        return ask_staff(request, code)
    noted = evaluation_of(case, meeting).person
    if noted is not None:
        return request.say("evaluate.person_already", code=case.code, **request.by(noted))
    return Ask(_form(request, PERSON_FORM, case, meeting, PERSON_ASKED))


def _to_evaluate(request: Request, code: str) -> tuple[Case, Meeting]:
    case = request.case_to_see(code)
    return case, meeting_to_evaluate(case, request.today)


def _form(request: Request, form: str, case: Case, meeting: Meeting, asked: Sequence[str]) -> Form:
    words = request.words
    parts: list[Field | Note] = [Note(words(f"{form}.intro", code=case.code, day=words.day(meeting.day)))]
    if form == PERSON_FORM:
        felt = choices(words, "felt", Felt)
        parts.append(Field("felt", FieldKind.SELECT, words("evaluate.felt"), options=felt))
    parts += [
        Field(_field(name), FieldKind.SELECT, words(f"evaluation.{name}"), options=choices(words, "scale", Answer))
        for name in asked
    ]
    token = request.seal(MatterForm(form, case.code, meeting.number))
    return Form(form, words(f"{form}.form_title"), words("form.save"), words("form.cancel"), token, tuple(parts))


def _field(name: str) -> str:
    """Return the name of the field of a statement: "person.listened" is asked as "listened"."""
    return name.partition(".")[2]


def submit_staff(request: Request, token: MatterForm, values: FormData) -> Response:
    """Add up what somebody answered; that they have is all that stands in the case."""
    case, meeting = _to_evaluate(request, token.code)
    require_part(case, meeting, request.staff, request.directory)
    if token.number != meeting.number or request.staff.id in evaluation_of(case, meeting).by:
        return request.say("evaluate.own_already", code=case.code)
    answers = _read(values, STAFF_ASKED)
    if values.problems or not answers:
        return request.mend(values.problems or [Problem(_field(STAFF_ASKED[0]), "evaluate.nothing")])
    request.tx.figures.grow(sums_of(case, meeting, answers), request.today)
    entry = request.entry("meeting.evaluated", {"meeting": meeting.number})
    request.save(case, evaluated(case, meeting, request.staff.id), [entry])
    return request.say("evaluate.own_done", code=case.code)


def submit_for_person(request: Request, token: MatterForm, values: FormData) -> Response:
    """Add up what the person said; how they felt about taking part stays with the meeting (R19)."""
    case, meeting = _to_evaluate(request, token.code)
    if not may_speak_for_person(case, meeting, request.staff, request.directory):
        return request.say("evaluate.not_for_person", code=case.code)
    noted = evaluation_of(case, meeting).person
    if noted is not None:
        return request.say("evaluate.person_already", code=case.code, **request.by(noted))
    if token.number != meeting.number:
        return request.say("evaluate.another_meeting", code=case.code)
    felt, answers = values.one("felt", Felt), _read(values, PERSON_ASKED)
    if values.problems or (felt is None and not answers):
        return request.mend(values.problems or [Problem("felt", "evaluate.nothing")])
    request.tx.figures.grow(sums_of(case, meeting, answers), request.today)
    after = evaluated_for_person(case, meeting, felt, request.stamp)
    request.save(case, after, [request.entry("meeting.evaluated_person", {"meeting": meeting.number})])
    return request.say("evaluate.person_done", code=case.code)


def _read(values: FormData, asked: Sequence[str]) -> dict[str, Answer]:
    found = {name: values.one(_field(name), Answer) for name in asked}
    return {name: answer for name, answer in found.items() if answer is not None}
