"""`/sip återta`: a consent is withdrawn, which ends the case at once (R75-R79)."""

from __future__ import annotations

from domain.case import Case
from domain.consent import Expression
from domain.problem import Problem
from domain.responsibility import require_withdrawing
from domain.steps.record_consent import require_withdrawable, withdraw
from handlers import enqueue
from handlers.request import Request
from handlers.steps import invites
from handlers.steps.close_case import notes_of_the_end
from handlers.ui.actions import CaseForm
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices, tick
from handlers.ui.responses import Ask, Response
from storage.outbox.outbox import Letter

FORM = "consent.withdraw"


def _case_to_withdraw(request: Request, code: str) -> Case:
    """Return the case for anybody of a concerned agency: a withdrawal waits for no particular person (R76)."""
    case = request.case_to_see(code)
    require_withdrawing(case, request.staff, request.directory)
    return case


def ask(request: Request, code: str) -> Response:
    """Open the form of a withdrawal."""
    case = _case_to_withdraw(request, code)
    require_withdrawable(case)
    words = request.words
    parts: tuple[Field | Note, ...] = (
        Note(words("withdraw.consequences", code=case.code), warning=True),
        Field(
            "form",
            FieldKind.SELECT,
            words("withdraw.form"),
            required=True,
            options=choices(words, "expression", Expression),
        ),
        tick(words, "sure", "withdraw.sure"),
    )
    token = request.seal(CaseForm(FORM, case.code))
    return Ask(
        Form(
            FORM,
            words("withdraw.form_title"),
            words("withdraw.submit"),
            words("form.cancel"),
            token,
            parts,
        )
    )


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Close at once; every agency that knows of the case is told now, at any hour, without the reason (R76-R79)."""
    code = token.code
    case = _case_to_withdraw(request, code)
    if case.closure is not None:
        return request.say("withdraw.closed_already", code=code, **request.by(case.closure.closed))
    expression = values.one("form", Expression, required=True)
    if not values.ticked("sure"):
        values.problems.append(Problem("sure", "withdraw.tick_sure"))
    if values.problems or expression is None:
        return request.mend(values.problems)
    before = case.coming_meeting
    after = withdraw(case, request.stamp)
    letters: list[Letter | None] = [
        enqueue.ending(after, notice.agency, request.directory, request.now, urgent=True)
        for notice in (after.closure.notices if after.closure is not None else ())
    ]
    if before is not None and after.meeting is not None:
        letters += [
            enqueue.summons(after, after.meeting, s.agency, request.directory, request.now)
            for s in after.meeting.summonses
        ]
        letters += invites.cancelled(request, after, before, after.meeting)
    letters += notes_of_the_end(request, after, "note.withdrawn")
    request.tx.outbox.withdraw(
        code, (enqueue.What.SUMMONS_NOTICE, enqueue.What.CALENDAR_FILE, enqueue.What.PLAN), "withdrawn"
    )
    entry = request.entry("consent.withdrawn", {"form": expression.value})
    saved = request.save(case, after, [entry], letters)
    names = [request.agency_name(n.agency) for n in (saved.closure.notices if saved.closure else ())]
    if not names:
        return request.say("withdraw.done_alone", code=saved.code)
    return request.say("withdraw.done", code=saved.code, names=request.words.listing(names))
