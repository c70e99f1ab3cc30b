"""`/sip närstående`: who stands by the person, as roles without names (R23, R24, R42, R57, R82, R83)."""

from __future__ import annotations

from domain.case import Case
from domain.matters.companion import Does, Role
from domain.problem import Problem
from domain.steps.prepare import add_companion, drop_companion, problems_of_companion, require_preparable
from handlers import enqueue
from handlers.request import Request
from handlers.screens.person import companion_words
from handlers.steps.prepare_case import checklist
from handlers.ui.actions import CaseForm
from handlers.ui.branches import Branches, branched, unanswered
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note, Option
from handlers.ui.options import choices
from handlers.ui.responses import Ask, Response, Say

FORM = "case.companion"

#: Somebody is added, or somebody of those who are there is taken off.
BRANCHES: Branches = {"role": (unanswered("remove"),), "does": (unanswered("remove"),)}


def ask(request: Request, code: str) -> Response:
    """Open the form: one more, or one who is there no longer."""
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `case.companion`."""
    case = request.case_to_steer(code)
    require_preparable(case)
    words = request.words
    parts: list[Field | Note] = [Note(words("companion.intro", code=code))]
    present = [
        Option(f"{each.role.value}_{each.number}", companion_words(request.view, each))
        for each in case.companions
        if each.does
    ]
    if present:
        parts.append(Field("remove", FieldKind.SELECT, words("companion.remove"), options=tuple(present)))
    roles, deeds = choices(words, "companion_role", Role), choices(words, "does", Does)
    parts += [
        Field("role", FieldKind.SELECT, words("companion.role"), required=True, options=roles),
        Field("does", FieldKind.CHECKBOXES, words("companion.does"), required=True, options=deeds),
    ]
    token = request.seal(CaseForm(FORM, code))
    title = words("companion.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Keep who stands by the person; every summons shows who comes."""
    case = request.case_to_steer(token.code)
    require_preparable(case)
    after = _changed(case, values)
    if after is None or values.problems:
        return request.mend(values.problems)
    letters = enqueue.summonses(after, case.coming_meeting, request.directory, request.now)
    details: dict[str, str | int] = {"companions": len([each for each in after.companions if each.does])}
    saved = request.save(case, after, [request.entry("case.companions", details)], letters)
    return Say(checklist(request, saved))


def _changed(case: Case, values: FormData) -> Case | None:
    role, does, gone = values.one("role", Role), values.some("does", Does), values.raw("remove")
    after = case
    if gone:
        found = next((c for c in case.companions if c.does and f"{c.role.value}_{c.number}" == gone), None)
        if found is None:
            values.problems.append(Problem("remove", "field.unknown_choice"))
            return None
        after = drop_companion(after, found)
    if role is None:
        if not gone:
            values.problems.append(Problem("role", "field.required"))
        return after
    values.problems += problems_of_companion(case, role, does)
    return add_companion(after, role, does)
