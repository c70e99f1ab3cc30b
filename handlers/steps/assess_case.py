"""`/sip bedöm`: a need that was noted is judged, or one that was denied is taken up again (R88, R94-R101)."""

from __future__ import annotations

from domain.case import AgeBand, Case
from domain.matters.need import Finding, Fossam, NoticedBy, Reason
from domain.steps.open_case import Assessment, Opening, assess, problems_of_opening, require_assessable
from handlers.request import Request
from handlers.steps.assessment import (
    BRANCHES,
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
from handlers.ui.actions import CaseForm
from handlers.ui.branches import branched
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, Form, Note
from handlers.ui.responses import Ask, Response

FORM = "case.assess"
OUTCOMES = (Assessment.START, Assessment.DECLINED, Assessment.DENY)


def ask(request: Request, code: str) -> Response:
    """Open the form, filled with what was noted; for one that was denied the need is noticed anew."""
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `case.assess`."""
    case = request.case_to_steer(code)
    require_assessable(case)
    words, anew = request.words, case.denial is not None
    profile = request.services.rules_of(case).profile
    parts: tuple[Field | Note, ...] = (
        Note(words("assess.intro_anew" if anew else "assess.intro", code=code)),
        *noticed_fields(request, request.today if anew else case.noticed_on, None if anew else case.noticed_by),
        ongoing_field(request, ongoing=case.ongoing),
        *outcome_fields(request, OUTCOMES),
        *(fossam_fields(request, profile) if case.age_band is AgeBand.CHILD else ()),
        finding_field(request, case.findings),
        reason_field(request, case.reasons),
    )
    token = request.seal(CaseForm(FORM, code))
    title = words("assess.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Keep the assessment, or mend the form."""
    case = request.case_to_steer(token.code)
    require_assessable(case)
    opening = _read(case, values)
    if opening is None:
        return request.mend(values.problems)
    profile = request.services.rules_of(case).profile
    problems = problems_of_opening(opening, profile, request.today)
    if problems:
        return request.mend(problems)
    after = assess(case, opening, request.stamp)
    saved = request.save(case, after, [request.entry(f"case.{outcome_of(after)}", details_of(opening))])
    return outcome_card(request, saved)


def _read(case: Case, values: FormData) -> Opening | None:
    noticed_on, noticed_by = values.day("noticed_on", required=True), values.one("noticed_by", NoticedBy, required=True)
    ongoing, decision = values.yes_or_no("ongoing", required=True), values.one("decision", Assessment, required=True)
    findings, reasons = values.some("findings", Finding), values.some("reasons", Reason)
    fossam, denial_reason = values.one("fossam", Fossam), values.text("denial_reason")
    if values.problems or noticed_on is None or noticed_by is None or decision not in OUTCOMES:
        return None
    return Opening(
        noticed_on=noticed_on,
        noticed_by=noticed_by,
        age_band=case.age_band,
        ongoing=ongoing is True,
        agencies=case.agencies,
        assessment=decision,
        reasons=reasons,
        denial_reason=denial_reason,
        denial_certain=values.ticked("denial_certain"),
        fossam=fossam,
        findings=findings,
    )
