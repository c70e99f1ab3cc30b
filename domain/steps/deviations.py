"""Deviations: reported by whoever finds one, answered in writing by the unit concerned, suggested by what is seen here.

R181-R183. What is reported here goes beside the agency's own deviation system, never instead of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from domain.audience import in_scope
from domain.case import Case
from domain.errors import NotFound, WrongState
from domain.matters.closure import Ground
from domain.matters.deviation import Answer, Deviation, Fault, Remedy
from domain.matters.review import Verdict
from domain.meeting import Meeting
from domain.problem import Problem
from domain.responsibility import units_at_work
from domain.rules import Rules
from domain.stamp import Stamp
from domain.summons import Standing

MOST_DEVIATIONS = 50
_SILENT = frozenset({Standing.SENT, Standing.RECEIVED})
_UNANSWERED_BEFORE = 2  # working days before the meeting, when the manager of a silent agency is told too (T4)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A deviation that the case itself shows, and that nobody has reported yet."""

    fault: Fault
    agency: str


def concerned(case: Case) -> tuple[str, ...]:
    """Return the agencies that a deviation can be about: those that may hear of the case (R62)."""
    known = dict.fromkeys((*case.told(), *sorted(units_at_work(case)), case.agency))
    return tuple(agency for agency in known if agency in units_at_work(case) or in_scope(case, agency))


def require_reportable(case: Case) -> None:
    """Raise `WrongState` for a case in which nothing has begun, or which holds more than anybody follows."""
    if case.denial is not None or case.consent is None:
        raise WrongState("deviation.too_early", {"code": case.code})
    if case.closure is not None and case.closure.ground is Ground.WITHDRAWN:
        # Nothing more may be told to the others (R77).
        raise WrongState("deviation.withdrawn", {"code": case.code})
    if len(case.deviations) >= MOST_DEVIATIONS:
        raise WrongState("deviation.too_many", {"code": case.code})


def open_deviation(case: Case, fault: Fault, agency: str) -> Deviation | None:
    """Return the deviation of this kind and unit that waits for its answer, so that none is reported twice."""
    return next((d for d in case.deviations if (d.fault, d.agency, d.answer) == (fault, agency, None)), None)


def report_deviation(case: Case, fault: Fault, agency: str, by_agency: str, stamp: Stamp) -> Case:
    """Return the case with a deviation of one unit, reported by somebody of another or the same."""
    found = Deviation(len(case.deviations) + 1, fault, agency, by_agency, stamp)
    return replace(case, deviations=(*case.deviations, found))


def deviation_of(case: Case, number: int) -> Deviation:
    """Return the deviation with this number.

    Raises:
        NotFound: there is none.
    """
    found = next((deviation for deviation in case.deviations if deviation.number == number), None)
    if found is None:
        raise NotFound("deviation.no_such")
    return found


def problems_of_answer(on: date, deviation: Deviation, rules: Rules) -> tuple[Problem, ...]:
    """Say whether something can have been done, or be planned, on this day."""
    return (Problem("on", "deviation.too_soon"),) if on < rules.local_date(deviation.reported.at) else ()


def answer_deviation(case: Case, number: int, remedy: Remedy, on: date, stamp: Stamp) -> Case:
    """Return the case with a deviation answered in writing (R183)."""
    found = replace(deviation_of(case, number), answer=Answer(remedy, on, stamp))
    return replace(case, deviations=tuple(found if d.number == number else d for d in case.deviations))


def suggestions(case: Case, rules: Rules, today: date) -> tuple[Suggestion, ...]:
    """Return what looks like a deviation and has not been reported: at most one of a kind and agency."""
    reported = {(deviation.fault, deviation.agency) for deviation in case.deviations}
    agencies = frozenset(concerned(case))
    found = dict.fromkeys((*_unanswered(case, rules, today), *_after(case, rules, today)))
    return tuple(s for s in found if (s.fault, s.agency) not in reported and s.agency in agencies)


def _unanswered(case: Case, rules: Rules, today: date) -> Iterator[Suggestion]:
    for agency, day in unanswered_from(case, rules):
        if day <= today:
            yield Suggestion(Fault.NOT_ANSWERED, agency)


def unanswered_from(case: Case, rules: Rules) -> Iterator[tuple[str, date]]:
    """Yield the obliged agencies that have not answered, each with the day from which that may be a deviation."""
    meeting = case.coming_meeting
    for summons in case.owing(meeting) if meeting is not None else ():
        if meeting is not None and summons.obliged and summons.standing(meeting.round) in _SILENT:
            after_sending = rules.working_days_after(rules.local_date(summons.sent_at), 1) + timedelta(days=1)
            before_meeting = rules.working_days_after(meeting.day, -_UNANSWERED_BEFORE)
            yield summons.agency, max(after_sending, before_meeting)


def _after(case: Case, rules: Rules, today: date) -> Iterator[Suggestion]:
    held = case.last_held
    if held is None or held.report is None:
        return
    yield from _absent(held, case.unit_at(held))
    review = case.reviews[-1] if case.reviews else None
    if review is not None and review.meeting >= held.number:
        bearers = {measure.number: measure.agency for measure in case.measures}
        for found in review.measures:
            agency = bearers.get(found.measure, "")
            if found.verdict is Verdict.NOT_GIVEN and agency:
                yield Suggestion(Fault.NOT_CARRIED_OUT, agency)
    plan = case.plan_of(held)
    sent = today if plan is None else plan.sent_on
    if held.report.need_remains and sent > rules.plan_deadline(held) and rules.plan_basis != "default":
        yield Suggestion(Fault.COOPERATION, case.plan_sender_agency_of(held))


def _absent(held: Meeting, own: str) -> Iterator[Suggestion]:
    attended = held.report.attended if held.report is not None else frozenset()
    for summons in held.live():
        if summons.obliged and summons.agency not in {own, *attended}:
            standing = summons.standing(held.round)
            if standing is Standing.UNDELIVERED:
                continue  # it never heard of the meeting
            answered = standing not in {Standing.SENT, Standing.RECEIVED}
            yield Suggestion(Fault.ABSENCE if answered else Fault.NOT_ANSWERED, summons.agency)
