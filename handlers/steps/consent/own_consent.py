"""An agency notes that it has the person's consent to what it discloses itself (OSL 12 kap. 2 §; law 4C).

The coordinator's consent is the ground of what is told to the agencies; each agency needs its own for what it tells.
"""

from __future__ import annotations

from datetime import timedelta

from domain.audience import in_scope
from domain.case import Case
from domain.consent import Expression, OwnConsent
from domain.errors import NotAllowed
from domain.problem import Problem
from domain.steps.record_consent import note_own
from handlers import enqueue
from handlers.request import Request
from handlers.ui.actions import UnitForm
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices, tick
from handlers.ui.responses import Ask, Response

FORM = "consent.own"


def may_note(request: Request, case: Case) -> bool:
    """Say whether this person's agency takes part, so that it may come to disclose something."""
    agency = request.staff.agency
    return case.is_open and in_scope(case, agency) and agency in case.told()


def ask(request: Request, case: Case) -> Response:
    """Open the form."""
    words, days = request.words, request.services.rules_of(case).profile.consent_days.value
    before = case.own_consent_of(request.staff.agency)
    until = before.valid_until if before is not None else request.today + timedelta(days=days)
    parts: tuple[Field | Note, ...] = (
        Note(words("own_consent.intro", code=case.code)),
        tick(words, "given", "own_consent.given"),
        Field(
            "form",
            FieldKind.SELECT,
            words("consent.form"),
            required=True,
            options=choices(words, "expression", Expression),
        ),
        Field("valid_until", FieldKind.DATE, words("consent.valid_until"), required=True, initial=until.isoformat()),
    )
    token = request.seal(UnitForm(FORM, case.code, request.staff.agency))
    return Ask(Form(FORM, words("own_consent.form_title"), words("form.save"), words("form.cancel"), token, parts))


def submit(request: Request, token: UnitForm, values: FormData) -> Response:
    """Note it; the coordinator sees it on the board, the agency in its own message."""
    request.require_still_of(token.agency)
    case = request.case_to_see(token.code)
    if not may_note(request, case):
        raise NotAllowed("right.own_consent")
    expression, until = values.one("form", Expression, required=True), values.day("valid_until", required=True)
    if not values.ticked("given"):
        values.problems.append(Problem("given", "own_consent.tick_given"))
    if until is not None and until < request.today:
        values.problems.append(Problem("valid_until", "field.past_date"))
    if values.problems or expression is None or until is None:
        return request.mend(values.problems)
    own = OwnConsent(request.staff.agency, expression, until, request.now, request.staff.id)
    after, meeting = note_own(case, own), case.coming_meeting
    letters = []
    if meeting is not None and meeting.summons_of(own.agency) is not None:
        letters.append(enqueue.summons(after, meeting, own.agency, request.directory, request.now))
    details = {"form": expression.value, "valid_until": until.isoformat()}
    request.save(case, after, [request.entry("consent.own", details)], letters)
    return request.say("own_consent.done", code=case.code)
