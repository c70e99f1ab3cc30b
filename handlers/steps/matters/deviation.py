"""`/sip avvikelse`: a deviation is reported to the unit it concerns, which answers in writing (R181-R183)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.case import Case
from domain.errors import NotAllowed
from domain.matters.deviation import Deviation, Fault, Remedy
from domain.responsibility import may_see
from domain.steps.deviations import (
    answer_deviation,
    concerned,
    deviation_of,
    open_deviation,
    problems_of_answer,
    report_deviation,
    require_reportable,
)
from handlers import notices
from handlers.disclosure import may_hear
from handlers.request import Request
from handlers.screens import case_lists
from handlers.screens.matters import deviations_to_answer
from handlers.screens.undrawn import but_for_faulty, sections_of
from handlers.ui.actions import MatterForm, OneDeviation, OneMatter, UnitForm
from handlers.ui.cards import Card, Section
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note, Option
from handlers.ui.options import choices
from handlers.ui.responses import Ask, Response, Say

FORM = "deviation.report"
ANSWER_FORM = "deviation.answer"
MOST_LISTED = 20


def ask(request: Request, code: str) -> Response:
    """Open the form: for anybody who may see the case, since whoever finds a deviation reports it (R181)."""
    return Ask(_form(request, _case_to_report(request, code), "", ""))


def show_list(request: Request) -> Response:
    """Show a unit, or the manager of some, which deviations they are to answer; and pick a case to report one in."""
    words, tx = request.words, request.tx
    units = {request.staff.agency}
    units |= {a for a in request.directory.agencies if _manages(request, a)}
    waiting = {unit: [one.code for one in tx.cases.waiting_for(unit, MOST_LISTED)] for unit in sorted(units)}

    def draw(left_out: frozenset[str]) -> list[Section]:
        of = [(unit, code) for unit, codes in waiting.items() for code in codes if code not in left_out]
        return [section for unit, code in of for section in _of_unit(request, code, unit)]

    sections, faulty = but_for_faulty({code for codes in waiting.values() for code in codes}, draw)
    sections += sections_of(request.view, tx, request.staff, faulty)
    if not sections:
        sections = [Section(text=words("deviation.list.none"))]
    picked = case_lists.pick(request.view, tx, request.staff, "deviation")
    title = words("deviation.list.title")
    return Say(Card(title, title, (*sections, Section(heading=words("deviation.form_title")), *picked.sections)))


def _of_unit(request: Request, code: str, unit: str) -> Iterable[Section]:
    case = request.tx.cases.find(code)
    if case is None:
        return ()
    hears = may_see(case, request.staff, request.directory) or _hears_as_manager(request, case, unit)
    return deviations_to_answer(request.view, case, unit) if hears else ()


def _manages(request: Request, agency: str) -> bool:
    manager = request.directory.manager_of(agency)
    return manager is not None and manager.id == request.staff.id


def _hears_as_manager(request: Request, case: Case, unit: str) -> bool:
    """Say whether a manager hears of the case for a unit of theirs: no more than the unit itself does (R62)."""
    return _manages(request, unit) and not case.protected and may_hear(request.view, case, unit)


def press(request: Request, token: OneDeviation) -> Response:
    """Open the form with what the case itself has suggested."""
    return Ask(_form(request, _case_to_report(request, token.code), token.fault, token.agency))


def _case_to_report(request: Request, code: str) -> Case:
    case = request.case_to_see(code)
    require_reportable(case)
    return case


def _form(request: Request, case: Case, fault: str, agency: str) -> Form:
    words, agencies = request.words, concerned(case)
    parts: tuple[Field | Note, ...] = (
        Note(words("deviation.intro", code=case.code)),
        Field(
            "fault",
            FieldKind.SELECT,
            words("deviation.fault"),
            required=True,
            options=choices(words, "fault", Fault),
            initial=fault or None,
        ),
        Field(
            "agency",
            FieldKind.SELECT,
            words("deviation.agency"),
            required=True,
            options=tuple(Option(each, _called(request, case, each)) for each in agencies),
            initial=agency if agency in agencies else None,
        ),
    )
    token = request.seal(UnitForm(FORM, case.code, request.staff.agency))
    return Form(FORM, words("deviation.form_title"), words("deviation.submit"), words("form.cancel"), token, parts)


def _called(request: Request, case: Case, agency: str) -> str:
    """Return what an agency is called before whoever reports: by its alias before another one (law 4D.3)."""
    return request.view.agency_for(request.staff.agency, agency, case)


def submit(request: Request, token: UnitForm, values: FormData) -> Response:
    """Report it; the unit concerned hears of it at once."""
    request.require_still_of(token.agency)
    case = _case_to_report(request, token.code)
    fault = values.one("fault", Fault, required=True)
    agency = next(iter(values.names("agency", frozenset(concerned(case)), required=True)), "")
    if values.problems or fault is None:
        return request.mend(values.problems)
    first = open_deviation(case, fault, agency)
    if first is not None:
        by, when = _called(request, case, first.by_agency), request.words.moment(first.reported.at)
        return request.say("deviation.reported_already", code=case.code, agency=by, when=when)
    after = report_deviation(case, fault, agency, request.staff.agency, request.stamp)
    found = after.deviations[-1]
    details: dict[str, str | int] = {"deviation": found.number, "fault": fault.value}
    letter = notices.deviation(after, found, request.directory, request.now)
    saved = request.save(case, after, [request.entry("deviation.reported", details, agency=agency)], [letter])
    key = "deviation.done" if letter.address else "deviation.done_unreached"
    return request.say(key, code=saved.code, agency=_called(request, case, agency))


def ask_answer(request: Request, token: OneMatter) -> Response:
    """Open the form of the answer, for somebody of the unit concerned."""
    case = request.tx.cases.get(token.code)
    found = _to_answer(request, case, token.number)
    words = request.words
    parts: tuple[Field | Note, ...] = (
        Note(words("deviation.answer.intro", code=case.code, fault=words(f"fault.{found.fault.value}"))),
        Field(
            "remedy",
            FieldKind.SELECT,
            words("deviation.remedy"),
            required=True,
            options=choices(words, "remedy", Remedy),
        ),
        Field("on", FieldKind.DATE, words("deviation.on"), required=True, initial=request.today.isoformat()),
    )
    sealed = request.seal(MatterForm(ANSWER_FORM, case.code, found.number))
    title = words("deviation.answer.form_title")
    return Ask(Form(ANSWER_FORM, title, words("form.save"), words("form.cancel"), sealed, parts))


def submit_answer(request: Request, token: MatterForm, values: FormData) -> Response:
    """Keep the answer; whoever reported it is told in writing (R183)."""
    case = request.tx.cases.get(token.code)
    found = _to_answer(request, case, token.number)
    if found.answer is not None:
        return request.say("deviation.answered_already", code=case.code, **request.by(found.answer.given))
    remedy, on = values.one("remedy", Remedy, required=True), values.day("on", required=True)
    if values.problems or remedy is None or on is None:
        return request.mend(values.problems)
    problems = problems_of_answer(on, found, request.services.rules_of(case))
    if problems:
        return request.mend(problems)
    after = answer_deviation(case, found.number, remedy, on, request.stamp)
    answered = deviation_of(after, found.number)
    details: dict[str, str | int] = {"deviation": found.number, "remedy": remedy.value, "on": on.isoformat()}
    letters = [
        notices.deviation(after, answered, request.directory, request.now),
        notices.deviation_answer(after, answered, request.directory, request.now),
    ]
    saved = request.save(case, after, [request.entry("deviation.answered", details)], letters)
    return request.say("deviation.answered", code=saved.code)


def _to_answer(request: Request, case: Case, number: int) -> Deviation:
    found = deviation_of(case, number)
    known = found.agency in request.directory.agencies
    if request.staff.agency != found.agency and not (known and _manages(request, found.agency)):
        raise NotAllowed("right.answering")
    if case.protected:
        request.case_to_see(case.code)
    return found
