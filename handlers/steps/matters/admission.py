"""`/sip inskriven`: a stay in a hospital, what is decided because of it, and the clocks at discharge (R177-R180)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.case import Case
from domain.matters.admission import Admission, Choice, Compulsory
from domain.problem import Problem
from domain.responsibility import may_steer
from domain.steps.admissions import (
    Telling,
    add_to_admission,
    knows_of,
    problems_of_admission,
    require_running,
    tell_admission,
)
from handlers import enqueue
from handlers.request import Request
from handlers.screens.matters import admission_facts
from handlers.ui.actions import MatterForm
from handlers.ui.branches import Branches, answered, branched
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices, tick
from handlers.ui.responses import Ask, Response, Say
from storage.outbox.outbox import Letter

FORM = "care.admission"

#: Before noon and after it are two different clocks, so a day of the notice has its time (LOS 5:4).
BRANCHES: Branches = {"ready_at": (answered("ready_on"),)}


def ask(request: Request, code: str) -> Response:
    """Open the form, for anybody who may see the case: the ward's own contact is often of another agency (R177)."""
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `care.admission`."""
    case = request.case_to_see(code)
    require_running(case)
    return _form(request, case, _known(request, case))


def _known(request: Request, case: Case) -> Admission | None:
    """Return the stay that goes on now, for those who may know what is known of it (law 4C)."""
    found = case.admission
    return found if found is not None and knows_of(found, case, request.staff, request.directory) else None


def _form(request: Request, case: Case, known: Admission | None) -> Form:
    words = request.words
    admitted = known.admitted_on if known is not None else request.today
    leaves = known.leaves_on.isoformat() if known is not None and known.leaves_on is not None else None
    parts: list[Field | Note] = [
        Note(words("admission.intro" if known is None else "admission.intro_more", code=case.code)),
        Field("admitted_on", FieldKind.DATE, words("admission.on"), required=True, initial=admitted.isoformat()),
        Field(
            "contact",
            FieldKind.USER,
            words("admission.contact"),
            hint=words("admission.contact.hint"),
            initial=(known.contact if known is not None else "") or None,
        ),
        Field("leaves_on", FieldKind.DATE, words("admission.leaves_on"), initial=leaves),
        Field(
            "compulsory",
            FieldKind.SELECT,
            words("admission.compulsory"),
            hint=words("admission.compulsory.hint"),
            options=choices(words, "compulsory", Compulsory),
            initial=known.compulsory if known is not None else None,
        ),
    ]
    if known is not None:
        parts += _more(request, known)
    token = request.seal(MatterForm(FORM, case.code, len(case.admissions)))
    title = words("admission.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def _more(request: Request, known: Admission) -> list[Field]:
    """Return what is asked once the admission is known: the joint choice, the notice, the discharge."""
    words, calendar = request.words, request.services.rules.calendar
    ready = None if known.ready_at is None else calendar.local(known.ready_at)
    return [
        Field(
            "choice",
            FieldKind.SELECT,
            words("admission.choice"),
            hint=words("admission.choice.hint"),
            options=choices(words, "admission_choice", Choice),
            initial=known.choice,
        ),
        Field(
            "ready_on",
            FieldKind.DATE,
            words("admission.ready_on"),
            initial=None if ready is None else ready.date().isoformat(),
        ),
        Field(
            "ready_at",
            FieldKind.TIME,
            words("admission.ready_at"),
            required=True,
            initial=None if ready is None else f"{ready:%H:%M}",
        ),
        tick(words, "discharged", "admission.discharged", required=False),
    ]


def submit(request: Request, token: MatterForm, values: FormData) -> Response:
    """Keep it; whoever answers for the case hears of it when somebody else has told (R177)."""
    case = request.case_to_see(token.code)
    require_running(case)
    if token.number != len(case.admissions):
        return request.mend([Problem("admitted_on", "admission.told_meanwhile")])
    telling = _read(request, values)
    if telling is None:
        return request.mend(values.problems)
    problems = problems_of_admission(case, telling, request.now, request.today)
    if problems:
        return request.mend(problems)
    adds = case.admission is not None and _known(request, case) is None
    after = add_to_admission(case, telling) if adds else tell_admission(case, telling, request.stamp)
    found = after.admissions[-1]
    details: dict[str, str | int] = {"admitted_on": found.admitted_on.isoformat(), "contact": found.contact}
    if found.choice is not None:
        details["choice"] = found.choice.value
    if found.ready_at is not None:
        details["ready_at"] = found.ready_at.isoformat()
    action = "care.discharged" if found.discharged is not None else "care.admitted"
    saved = request.save(case, after, [request.entry(action, details)], _letters(request, case, after, adds=adds))
    return request.say("admission.added", code=case.code) if adds else Say(_told(request, saved, found))


def _read(request: Request, values: FormData) -> Telling | None:
    admitted_on, leaves_on = values.day("admitted_on", required=True), values.day("leaves_on")
    compulsory, choice = values.one("compulsory", Compulsory), values.one("choice", Choice)
    identity = values.identity("contact")
    contact = request.directory.by_identity(identity) if identity else None
    if identity and contact is None:
        values.problems.append(Problem("contact", "field.unknown_person"))
    ready_at = _read_notice(request, values)
    if values.problems or admitted_on is None:
        return None
    discharged = values.ticked("discharged")
    return Telling(admitted_on, contact, leaves_on, compulsory, choice, ready_at, discharged=discharged)


def _read_notice(request: Request, values: FormData) -> datetime | None:
    """Read the instant of the notice: day and time, since before and after noon are two different clocks (LOS 5:4)."""
    day, wall = values.day("ready_on"), values.wall_time("ready_at")
    if day is None and wall is None:
        return None
    if day is None or wall is None:
        values.problems.append(Problem("ready_at" if wall is None else "ready_on", "admission.day_and_time"))
        return None
    return request.services.rules.calendar.at(day, wall)


def _letters(request: Request, before: Case, after: Case, *, adds: bool) -> list[Letter | None]:
    """Tell whoever is responsible that the person came to hospital or has gone home, unless they said it."""
    first = adds or len(after.admissions) > len(before.admissions)
    left = after.admissions[-1].discharged is not None
    if not (first or left) or request.staff.id == after.responsible:
        return []
    about = "note.discharged" if left else "note.admitted"
    return [enqueue.note(after, after.responsible, about, request.directory, request.now)]


def _told(request: Request, case: Case, found: Admission) -> Card:
    ended = found.discharged is not None
    card = request.card("admission.ended" if ended else "admission.done", code=case.code)
    facts = admission_facts(request.view, case)
    steers = may_steer(case, request.staff, request.directory)
    summon = found.choice is Choice.REVISE or (found.ready_at is not None and found.compulsory is None)
    buttons: tuple[Button, ...] = ()
    if steers and summon and case.coming_meeting is None:
        buttons = (request.view.to_step(case.code, "summon", tone=Tone.PRIMARY),)
    return replace(card, sections=(*card.sections, Section(facts=facts)), buttons=buttons)
