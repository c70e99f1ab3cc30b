"""`/sip ny`: a case is opened, or denied with a reason (R25, R87-R101)."""

from __future__ import annotations

from domain.case import AgeBand, Flag
from domain.code import make_code
from domain.errors import NotAllowed
from domain.matters.need import Finding, Fossam, NoticedBy, Reason
from domain.steps.open_case import Assessment, Opening, open_case, problems_of_opening
from handlers.limits import require_room
from handlers.request import Request
from handlers.steps import assessment
from handlers.steps.assessment import (
    details_of,
    finding_field,
    fossam_fields,
    noticed_fields,
    ongoing_field,
    outcome_card,
    outcome_fields,
    outcome_of,
    reason_field,
)
from handlers.ui.actions import FormToken
from handlers.ui.branches import Branches, aside, branched
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import agency_choices, choices
from handlers.ui.responses import Ask, Response

FORM = "case.open"

#: What few know or need at the opening: asked of those who say that they want to tell it.
MORE = ("reasons", "meeting_by", "record_ref")
BRANCHES: Branches = {**assessment.BRANCHES, **{name: (aside(name),) for name in MORE}}


def require_opener(request: Request) -> None:
    """Only coordinators open cases (README)."""
    if not request.staff.coordinator:
        raise NotAllowed("right.opening")


def ask(request: Request) -> Response:
    """Open the form."""
    require_opener(request)
    return Ask(form(request))


def form(request: Request) -> Form:
    """Return the form `case.open`."""
    words = request.words
    parts: list[Field | Note] = [
        Note(words("open.no_person")),
        *noticed_fields(request, request.today, None),
        Field(
            "age_band",
            FieldKind.SELECT,
            words("open.age_band"),
            required=True,
            options=choices(words, "age_band", AgeBand),
        ),
        ongoing_field(request, ongoing=None),
        *outcome_fields(request, Assessment),
        *fossam_fields(request, request.services.rules.profile),
        Field(
            "agencies",
            FieldKind.MULTI_SELECT,
            words("open.agencies"),
            required=True,
            hint=words("open.agencies.hint"),
            options=agency_choices(request.directory),
        ),
        finding_field(request, frozenset()),
        Field("flags", FieldKind.CHECKBOXES, words("open.flags"), options=choices(words, "flag", Flag)),
        Field("more", FieldKind.CHECKBOXES, words("open.more"), options=choices(words, "open.more", MORE)),
        reason_field(request, frozenset()),
        Field("meeting_by", FieldKind.DATE, words("open.meeting_by"), hint=words("open.meeting_by.hint")),
        Field(
            "record_ref",
            FieldKind.TEXT,
            words("open.record_ref"),
            hint=words("open.record_ref.hint"),
            max_length=80,
        ),
    ]
    return Form(
        FORM,
        words("open.form"),
        words("open.submit"),
        words("form.cancel"),
        request.seal(FormToken(FORM)),
        branched(parts, BRANCHES),
    )


def submit(request: Request, _token: FormToken, values: FormData) -> Response:
    """Open the case, or mend the form."""
    require_opener(request)
    require_room(request, "case.opened")
    opening = _read(request, values)
    if opening is None:
        return request.mend(values.problems)
    profile = request.services.rules.profile
    problems = problems_of_opening(opening, profile, request.today)
    if problems:
        return request.mend(problems)
    case = open_case(opening, code=_fresh_code(request), profile=profile, staff=request.staff, now=request.now)
    details = details_of(opening)
    saved = request.save(None, case, [request.entry(f"case.{outcome_of(case)}", details)])
    return outcome_card(request, saved)


def _read(request: Request, values: FormData) -> Opening | None:
    noticed_on = values.day("noticed_on", required=True)
    noticed_by = values.one("noticed_by", NoticedBy, required=True)
    age_band = values.one("age_band", AgeBand, required=True)
    ongoing = values.yes_or_no("ongoing", required=True)
    decision = values.one("decision", Assessment, required=True)
    agencies = values.names("agencies", frozenset(request.directory.agencies), required=True)
    reasons, flags = values.some("reasons", Reason), values.some("flags", Flag)
    meeting_by, fossam = values.day("meeting_by"), values.one("fossam", Fossam)
    findings = values.some("findings", Finding)
    denial_reason, record_ref = values.text("denial_reason"), values.text("record_ref", longest=80)
    if values.problems or noticed_on is None or noticed_by is None or age_band is None or decision is None:
        return None
    return Opening(
        noticed_on=noticed_on,
        noticed_by=noticed_by,
        age_band=age_band,
        ongoing=ongoing is True,
        agencies=agencies,
        assessment=decision,
        reasons=reasons,
        flags=flags,
        meeting_by=meeting_by,
        denial_reason=denial_reason,
        denial_certain=values.ticked("denial_certain"),
        record_ref=record_ref,
        fossam=fossam,
        findings=findings,
    )


def _fresh_code(request: Request) -> str:
    """Return a code that no case has; with 33 million codes the first draw nearly always serves."""
    while True:
        code = make_code(request.services.ids.code_bits())
        if not request.tx.cases.exists(code):
            return code
