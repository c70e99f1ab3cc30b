"""`/sip avsluta`: the coordination ends, every actor is told and confirms (R174, R175)."""

from __future__ import annotations

from domain.case import Case
from domain.errors import NotAllowed
from domain.matters.closure import Ground
from domain.problem import Problem
from domain.responsibility import works_at
from domain.steps.ending import close_case, confirm_notice, require_closable
from handlers import enqueue
from handlers.request import Request
from handlers.ui.actions import CaseForm, OneEnding
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices, tick
from handlers.ui.responses import Ask, Response
from storage.outbox.outbox import Letter

FORM = "case.close"


def ask(request: Request, code: str) -> Response:
    """Open the form."""
    case = request.case_to_steer(code)
    require_closable(case)
    words = request.words
    parts: tuple[Field | Note, ...] = (
        Note(words("close.intro", code=code)),
        Field(
            "ground",
            FieldKind.SELECT,
            words("close.ground"),
            required=True,
            options=choices(words, "ground", (Ground.GOALS_MET, Ground.NO_NEED)),
        ),
        tick(words, "agreed", "close.agreed"),
    )
    return Ask(
        Form(
            FORM,
            words("close.form_title"),
            words("close.submit"),
            words("form.cancel"),
            request.seal(CaseForm(FORM, code)),
            parts,
        )
    )


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Close, and tell everybody."""
    code = token.code
    case = request.case_to_steer(code)
    if case.closure is not None:
        return request.say("close.closed_already", code=code, **request.by(case.closure.closed))
    require_closable(case)
    ground = values.one("ground", Ground, required=True)
    if ground is Ground.WITHDRAWN:
        values.problems.append(Problem("ground", "field.unknown_choice"))
    if not values.ticked("agreed"):
        values.problems.append(Problem("agreed", "close.agree_first"))
    if values.problems or ground is None:
        return request.mend(values.problems)
    after = close_case(case, ground, request.stamp)
    notices = after.closure.notices if after.closure is not None else ()
    letters = [
        *(enqueue.ending(after, notice.agency, request.directory, request.now, urgent=False) for notice in notices),
        *notes_of_the_end(request, after, "note.closed"),
    ]
    entry = request.entry("case.closed", {"ground": ground.value, "notices": len(notices)})
    saved = request.save(case, after, [entry], letters)
    names = [request.agency_name(notice.agency) for notice in notices]
    return request.say("close.done", code=saved.code, names=request.words.listing(names))


def notes_of_the_end(request: Request, case: Case, about: str) -> list[Letter]:
    """Return a word to coordinator and lead that somebody else has ended the case, while they work where they did."""
    units = {case.coordinator: case.agency, case.responsible: case.responsible_agency}
    return [
        enqueue.note(case, who, about, request.directory, request.now, name=request.staff.name)
        for who, unit in units.items()
        if who != request.staff.id and works_at(who, unit, request.directory)
    ]


def confirm(request: Request, token: OneEnding) -> Response:
    """An agency's button: it knows that the case has ended."""
    code, agency = token.code, token.agency
    if request.staff.agency != agency:
        raise NotAllowed("right.answering")
    case = request.tx.cases.get(code)
    notice = case.closure.notice_of(agency) if case.closure is not None else None
    if notice is not None and notice.confirmed is not None:
        return request.say("close.confirmed_already", code=code, **request.by(notice.confirmed))
    after = confirm_notice(case, agency, request.stamp)
    entry = request.entry("closing.confirmed", agency=agency)
    request.save(
        case,
        after,
        [entry],
        [enqueue.ending(after, agency, request.directory, request.now, urgent=False)],
    )
    return request.say("close.confirmed", code=code)
