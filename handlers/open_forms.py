"""Forms that change while they stand open: which they are, what they ask after which answer, and how one is drawn anew.

Nothing is kept for a form in progress. Whoever has changed an answer gets the form made anew from the case as it
stands, which is read and not written; the platform keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from domain.errors import Invalid, SipError
from handlers.request import Request, look
from handlers.services import Services
from handlers.steps import assess_case, assessment, change_lead, companions, mark_case, open_case, report_meeting
from handlers.steps.consent import record_consent
from handlers.steps.matters import admission
from handlers.steps.summons import appointment, move, record_answer, summon
from handlers.ui.actions import CaseForm, Fields, FormToken, MoveForm
from handlers.ui.branches import Branches
from handlers.ui.events import Change, Submit
from handlers.ui.forms import Form, Values
from handlers.ui.responses import Ask, Mend, Response, in_language
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class Branching:
    """A form whose questions follow from its answers: the table of that, and what makes the form anew.

    `draw` gets what the form's token holds, and the answers that are in it by now.
    """

    branches: Branches
    draw: Callable[[Request, Fields, Values], Form]


def _of_case(draw: Callable[[Request, str], Form]) -> Callable[[Request, Fields, Values], Form]:
    return lambda request, fields, _values: draw(request, CaseForm.read(fields).code)


BRANCHING: Mapping[str, Branching] = {
    open_case.FORM: Branching(open_case.BRANCHES, lambda request, _fields, _values: open_case.form(request)),
    assess_case.FORM: Branching(assessment.BRANCHES, _of_case(assess_case.form)),
    mark_case.FORM: Branching(mark_case.BRANCHES, _of_case(mark_case.form)),
    companions.FORM: Branching(companions.BRANCHES, _of_case(companions.form)),
    record_consent.FORM: Branching(record_consent.BRANCHES, _of_case(record_consent.form)),
    summon.FORM: Branching(
        summon.BRANCHES, lambda request, fields, values: summon.form(request, CaseForm.read(fields).code, values)
    ),
    move.FORM: Branching(
        appointment.BRANCHES, lambda request, fields, values: move.anew(request, MoveForm.read(fields), values)
    ),
    record_answer.FORM: Branching(record_answer.BRANCHES, _of_case(record_answer.form)),
    report_meeting.FORM: Branching(report_meeting.BRANCHES, _of_case(report_meeting.form)),
    change_lead.FORM: Branching(change_lead.BRANCHES, _of_case(change_lead.form)),
    admission.FORM: Branching(admission.BRANCHES, _of_case(admission.form)),
}

_WITHOUT: Branches = {}


def branches_of(form: str) -> Branches:
    """Return what is asked after which answer in a form; nothing depends on anything in one that is not known."""
    return BRANCHING[form].branches if form in BRANCHING else _WITHOUT


def anew(services: Services, reader: Reader, change: Change) -> Response:
    """Return the form that is open, made anew, for somebody who has changed an answer in it.

    It keeps the token under which it was opened: what has happened since is told when it is sent in.

    Raises:
        SipError: it is no longer theirs to fill in, or there is no such form. It stays as it is then.
    """
    request = look(services, reader, change.sender)
    fields = services.seal.open(change.token)
    if change.form not in BRANCHING or FormToken.read(fields).form != change.form:
        raise Invalid("press.unknown")
    form = replace(BRANCHING[change.form].draw(request, fields, change.values), token=change.token)
    return in_language(Ask(form), request.words.language)


def with_form(request: Request, submit: Submit, fields: Fields, answer: Mend) -> Mend:
    """Return what is to be mended together with the form as it stands, where what it asks depends on its answers."""
    if submit.form not in BRANCHING:
        return answer
    try:
        form = BRANCHING[submit.form].draw(request, fields, submit.values)
    except SipError:
        # The case has gone on, and nobody would be given this form now: what is wrong says so.
        return answer
    return replace(answer, form=replace(form, token=submit.token, language=request.words.language))
