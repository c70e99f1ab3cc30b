"""`/sip åtgärd`: the measures of the plan by category, who answers for them and dates (R139, R152-R156, R159).

What is to be done stands in the plan in the agencies' own systems; here is only its number.
"""

from __future__ import annotations

from domain.audience import Occasion, audience
from domain.case import Case
from domain.matters.measure import Measure, Progress, Sort
from domain.matters.plan import PERSON, RELATIVE
from domain.steps.measures import (
    OTHERS,
    Doing,
    changes_plan,
    keep_measure,
    may_bear,
    measure_of,
    problems_of_measure,
    require_plan,
    tell_measure,
    who_of,
)
from handlers import enqueue
from handlers.request import Request
from handlers.screens.matters import measure_line
from handlers.ui.actions import Action, MatterForm, OneMatter
from handlers.ui.cards import Button, Card, Section, Tone
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note, Option
from handlers.ui.options import agency_choices, choices
from handlers.ui.responses import Ask, Response, Say
from storage.outbox.letter import Letter

FORM = "plan.measure"
NEW = 0  # as a number: a measure that is not there yet


def ask(request: Request, code: str) -> Response:
    """Open the form of the first measure; where there are some, show them with a button to each."""
    case = request.case_to_plan(code)
    require_plan(case)
    return Say(_list(request, case)) if case.measures else Ask(_form(request, case, None))


def press(request: Request, token: OneMatter) -> Response:
    """Open the form of one measure, or of a new one."""
    case = request.case_to_plan(token.code)
    require_plan(case)
    return Ask(_form(request, case, None if token.number == NEW else measure_of(case, token.number)))


def _form(request: Request, case: Case, known: Measure | None) -> Form:
    words = request.words
    agencies = may_bear(case)
    who = None if known is None or (known.agency and known.agency not in agencies) else who_of(known)
    people = [Option(each, words(f"measure.who.{each}")) for each in (PERSON, RELATIVE, OTHERS)]
    dates = [
        Field(name, FieldKind.DATE, words(f"measure.{name}"), initial=None if day is None else day.isoformat())
        for name, day in (
            ("starts", known.starts if known is not None else None),
            ("ends", known.ends if known is not None else None),
            ("reports_on", known.reports_on if known is not None else None),
        )
    ]
    parts: list[Field | Note] = [
        Note(words("measure.intro", code=case.code, number=known.number if known else len(case.measures) + 1)),
        Field(
            "who",
            FieldKind.SELECT,
            words("measure.who"),
            required=True,
            options=(*agency_choices(request.directory, agencies), *people),
            initial=who,
        ),
        Field(
            "sort",
            FieldKind.SELECT,
            words("measure.sort"),
            required=True,
            options=choices(words, "sort", Sort),
            initial=None if known is None else known.sort,
        ),
        *dates,
    ]
    if known is not None:
        progress = Field(
            "progress",
            FieldKind.SELECT,
            words("measure.progress"),
            required=True,
            options=choices(words, "progress", Progress),
            initial=known.progress,
        )
        parts.append(progress)
    token = request.seal(MatterForm(FORM, case.code, known.number if known is not None else NEW))
    return Form(FORM, words("measure.form_title"), words("form.save"), words("form.cancel"), token, tuple(parts))


def submit(request: Request, token: MatterForm, values: FormData) -> Response:
    """Keep the measure, and offer the next."""
    case = request.case_to_plan(token.code)
    require_plan(case)
    number = None if token.number == NEW else measure_of(case, token.number).number
    doing = _read(case, values)
    if doing is None:
        return request.mend(values.problems)
    problems = problems_of_measure(case, doing, number)
    if problems:
        return request.mend(problems)
    after = keep_measure(case, doing, number, request.directory, request.stamp)
    kept = after.measures[-1] if number is None else measure_of(after, number)
    details: dict[str, str | int] = {
        "measure": kept.number,
        "sort": kept.sort.value,
        "bearer": kept.bearer.value,
        "progress": kept.progress.value,
    }
    action = "measure.noted" if number is None else "measure.changed"
    letters = _told_of_change(request, after) if changes_plan(case, after, kept.number) else []
    saved = request.save(case, after, [request.entry(action, details, agency=kept.agency)], letters)
    return Say(_list(request, saved))


def _told_of_change(request: Request, case: Case) -> list[Letter]:
    """Return the word to the other agencies that the plan has changed since it was sent (R44)."""
    others = (agency for agency in audience(case, Occasion.PLAN_CHANGE) if agency != request.staff.agency)
    return [enqueue.plan_changed(case, agency, request.directory, request.now) for agency in others]


def reported(request: Request, token: OneMatter) -> Response:
    """The press of a measure's own agency: it has told how it goes."""
    case = request.tx.cases.get(token.code)
    known = measure_of(case, token.number)
    if not known.is_open or known.reports_on is None:
        return request.say("reminders.already_done", code=case.code)
    entry = request.entry("measure.reported", {"measure": known.number}, agency=known.agency)
    saved = request.save(case, tell_measure(case, known.number, request.stamp), [entry])
    return request.say("measure.reported", code=saved.code)


def _read(case: Case, values: FormData) -> Doing | None:
    who = next(iter(values.names("who", may_bear(case) | {PERSON, RELATIVE, OTHERS}, required=True)), "")
    sort = values.one("sort", Sort, required=True)
    starts, ends, reports_on = values.day("starts"), values.day("ends"), values.day("reports_on")
    progress = values.one("progress", Progress, required=values.asks("progress")) or Progress.PLANNED
    if values.problems or sort is None:
        return None
    return Doing(who, sort, starts, ends, reports_on, progress)


def _list(request: Request, case: Case) -> Card:
    words = request.words
    title = words("measure.list.title", code=case.code)
    change = words("measure.change.do")
    sections = [Section(text=words("measure.list.text"))]
    for measure in case.measures:
        token = request.seal(OneMatter(case.code, measure.number))
        button = Button(Action.MEASURE_CHANGE, change, token, hint=f"{change}, {measure.number}")
        sections.append(Section(text=measure_line(request.view, measure), buttons=(button,)))
    more = Button(
        Action.MEASURE_CHANGE, words("measure.more.do"), request.seal(OneMatter(case.code, NEW)), Tone.PRIMARY
    )
    return Card(title, title, tuple(sections), (more,))
