"""`/sip huvudansvarig`: another huvudansvarig between meetings, in the directory or not (R35, R36, R40, R140)."""

from __future__ import annotations

from domain.case import Case
from domain.directory import Staff
from domain.problem import Problem
from domain.steps.hand_over import LeadReason, change_lead, is_unusual, problems_of_lead, require_held
from handlers import enqueue
from handlers.request import Request
from handlers.steps.hosts import cards_of_the_meeting, hosted, words_of_lead
from handlers.ui.actions import CaseForm
from handlers.ui.branches import Branches, branched, unanswered
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices
from handlers.ui.responses import Ask, Response
from storage.outbox.outbox import Letter

FORM = "lead.change"
LONGEST_OUTSIDE = 120
PARTS_OF_OUTSIDE = 3

BRANCHES: Branches = {"lead_outside": (unanswered("lead"),)}


def ask(request: Request, code: str) -> Response:
    """Open the form."""
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `lead.change`."""
    case = request.case_to_steer(code)
    require_held(case)
    words = request.words
    parts: tuple[Field | Note, ...] = (
        Note(words("change_lead.intro", code=code)),
        Field("lead", FieldKind.USER, words("change_lead.lead")),
        Field(
            "lead_outside",
            FieldKind.TEXT,
            words("change_lead.outside"),
            required=True,
            hint=words("change_lead.outside.hint"),
            max_length=LONGEST_OUTSIDE,
            initial=case.lead_outside or None,
        ),
        Field(
            "reason",
            FieldKind.SELECT,
            words("change_lead.reason"),
            required=True,
            options=choices(words, "lead_reason", LeadReason),
        ),
    )
    token = request.seal(CaseForm(FORM, code))
    title = words("change_lead.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Name another huvudansvarig; the new one gets the board, the one before is told who took over."""
    case = request.case_to_steer(token.code)
    require_held(case)
    identity, outside = values.identity("lead"), read_outside(values)
    reason = values.one("reason", LeadReason, required=True)
    lead = request.directory.by_identity(identity) if identity else None
    if identity and lead is None:
        values.problems.append(Problem("lead", "field.unknown_person"))
    problems = values.problems or list(problems_of_lead(case, lead, outside, request.today))
    if problems or reason is None:
        return request.mend(problems)
    after, invitations = hosted(request, change_lead(case, lead, outside, request.stamp))
    details: dict[str, str | int] = {"lead": after.lead, "outside": int(bool(outside)), "reason": reason.value}
    letters = [*_letters(request, case, after, lead), *invitations]
    saved = request.save(case, after, [request.entry("lead.changed", details)], letters)
    name = lead.name if lead is not None else outside
    if lead is not None and is_unusual(request.directory.agency(lead.agency).kind):
        return request.say("change_lead.done_unusual", code=saved.code, name=name)
    return request.say(
        "change_lead.done" if lead is not None else "change_lead.done_outside", code=saved.code, name=name
    )


def read_outside(values: FormData) -> str:
    """Read "Name, title, agency": staff of an agency, so names may stand there, but nothing that tells of a person."""
    text = values.text("lead_outside", longest=LONGEST_OUTSIDE)
    if not text:
        return ""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != PARTS_OF_OUTSIDE or not all(parts):
        values.problems.append(Problem("lead_outside", "change_lead.outside.parts"))
        return ""
    return ", ".join(parts)


def _letters(request: Request, before: Case, after: Case, lead: Staff | None) -> list[Letter]:
    letters = [*words_of_lead(request, before, after), *cards_of_the_meeting(request, after)]
    if lead is None:
        return letters
    return [enqueue.note(after, lead.id, "note.you_lead", request.directory, request.now), *letters]
