"""`/sip lämna`: the case goes on to a colleague (R26, R40). One of them, or all that the same person answers for."""

from __future__ import annotations

from domain.case import Case
from domain.directory import Staff
from domain.responsibility import may_steer, name_of
from domain.steps.hand_over import hand_over, problems_of_hand_over, require_open
from handlers import enqueue
from handlers.request import Request
from handlers.steps.hosts import cards_of_the_meeting, hosted, words_of_lead
from handlers.ui.actions import CaseForm
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import tick
from handlers.ui.responses import Ask, Response

FORM = "case.hand_over"

# More cases than anybody answers for; a bound all the same.
MOST_CASES = 500


def ask(request: Request, code: str) -> Response:
    """Open the form."""
    case = request.case_to_steer(code)
    require_open(case)
    words = request.words
    name = name_of(case.responsible, request.directory)
    parts: tuple[Field | Note, ...] = (
        Note(words("hand_over.intro", code=code, name=name)),
        Field("to", FieldKind.USER, words("hand_over.to"), required=True, hint=words("hand_over.to.hint")),
        tick(words, "all", "hand_over.all", required=False),
    )
    token = request.seal(CaseForm(FORM, code))
    return Ask(Form(FORM, words("hand_over.form_title"), words("form.save"), words("form.cancel"), token, parts))


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Hand the case over. The new one gets the board and a word; the one before is told who took over."""
    case = request.case_to_steer(token.code)
    require_open(case)
    identity, everything = values.identity("to", required=True), values.ticked("all")
    to = request.directory.by_identity(identity) if identity else None
    problems = values.problems or list(problems_of_hand_over(case, to, request.directory))
    if problems or to is None:
        return request.mend(problems)
    former = case.responsible
    others = _others(request, case, former) if everything else []
    cases = [case, *(other for other in others if not problems_of_hand_over(other, to, request.directory))]
    handed = [_handed_over(request, each, to) for each in cases]
    if len(handed) == 1:
        return request.say("hand_over.done", code=case.code, name=to.name)
    return request.say("hand_over.done_all", count=len(handed), name=to.name)


def _others(request: Request, case: Case, former: str) -> list[Case]:
    """Return the other open cases of the one who hands over, of those that the person who acts may steer."""
    listed = request.tx.cases.own(former, MOST_CASES)
    cases = [request.tx.cases.find(entry.code) for entry in listed if entry.code != case.code]
    found = [other for other in cases if other is not None and other.is_open]
    return [other for other in found if may_steer(other, request.staff, request.directory)]


def _handed_over(request: Request, case: Case, to: Staff) -> str:
    after, invitations = hosted(request, hand_over(case, to, request.stamp))
    note = enqueue.note(after, to.id, "note.handed_to_you", request.directory, request.now)
    letters = [note, *invitations, *cards_of_the_meeting(request, after), *words_of_lead(request, case, after)]
    request.save(case, after, [request.entry("case.handed_over", {"to": to.id})], letters)
    return after.code
