"""What whoever reported a meeting reads: what was settled, what to think of, what comes next (R31, R146, R197)."""

from __future__ import annotations

from datetime import date

from domain.case import Case
from domain.figures.quarter import Quarter
from domain.meeting import Meeting
from domain.report import Outcome
from domain.responsibility import may_send_plan, may_steer, name_of, works_at
from domain.rules import plan_deadline
from domain.steps.evaluate import is_remembered
from domain.steps.report_meeting import warnings_of_lead
from handlers.request import Request
from handlers.screens.contact import who_answers
from handlers.screens.figures import quarter_words
from handlers.ui.cards import Button, Card, Fact, Section, Tone


def told(request: Request, case: Case) -> Card:
    """Return what was settled, in words, with the buttons to what comes next."""
    words, meeting = request.words, case.meetings[-1]
    report = meeting.report
    if report is None or report.outcome is Outcome.NOT_HELD:
        title, text = words("held.not.title", code=case.code), words("held.not.text")
        return Card(title, f"{title}. {text}", (Section(text=text),), _next(request, case, "summon"))
    if not report.need_remains:
        title, text = words("held.no_need.title", code=case.code), words("held.no_need.text")
        buttons = (*_next(request, case, "close"), *_evaluate(request, case))
        return Card(title, f"{title}. {text}", (Section(text=text), *_counted_no_more(request, meeting)), buttons)
    rules = request.services.rules_of(case)
    due = plan_deadline(meeting, rules.profile, rules.calendar)
    facts = [
        Fact(words("fact.responsible"), who_answers(request.view, case, request.staff.agency)),
        Fact(words("fact.plan_by"), words(f"fact.deadline.{rules.plan_basis}", day=words.day(due))),
        Fact(words("fact.plan_sender"), _plan_sender(request, case, meeting)),
    ]
    if report.follow_up_on is not None:
        facts.append(Fact(words("fact.follow_up"), words.day(report.follow_up_on)))
    title, text = words("held.done.title", code=case.code), words("held.done.text")
    section = Section(text=text, facts=tuple(facts))
    warnings = [*warnings_in_words(request, case, meeting), *of_follow_up_day(request, case, report.follow_up_on)]
    buttons = (*_next(request, case, "plan"), *_beside(request, case), *_evaluate(request, case))
    return Card(
        title, f"{title}. {text}", (section, *map(_said, warnings), *_counted_no_more(request, meeting)), buttons
    )


def _said(text: str) -> Section:
    return Section(text=text)


def of_follow_up_day(request: Request, case: Case, day: date | None) -> list[str]:
    """Return what speaks against a day of the follow-up, in words: how often is free, and so is when (R172)."""
    words, found = request.words, list[str]()
    if day is None:
        return found
    if not request.services.rules_of(case).calendar.is_working_day(day):
        found.append(words("follow_up.day_off"))
    until = None if case.consent is None else case.consent.valid_until
    if until is not None and until < day:
        found.append(words("follow_up.beyond", until=words.day(until)))
    return found


def _plan_sender(request: Request, case: Case, meeting: Meeting) -> str:
    """Name who sends the plan (R194), or their unit when they work there no longer (R40)."""
    who, unit = case.plan_sender_of(meeting), case.plan_sender_agency_of(meeting)
    here = works_at(who, unit, request.directory)
    return name_of(who, request.directory) if here else request.view.agency_for(request.staff.agency, unit, case)


def warnings_in_words(request: Request, case: Case, meeting: Meeting) -> list[str]:
    """Return what speaks against the lead who was named, in words; it blocks nothing (R197)."""
    return [request.words(key) for key in warnings_of_lead(case, meeting, request.directory)]


def _beside(request: Request, case: Case) -> tuple[Button, ...]:
    """Return the buttons to what the meeting settled beside: measures, and decisions that have to wait (R139, R145)."""
    if not may_send_plan(case, request.staff, request.directory):
        return ()
    return tuple(request.view.to_step(case.code, step) for step in ("measure", "promise"))


def _evaluate(request: Request, case: Case) -> tuple[Button, ...]:
    """Return the button to the evaluation: every meeting is evaluated, and talked through with the person (R146)."""
    held = case.last_held
    return (request.view.to_step(case.code, "evaluate"),) if held and is_remembered(held, request.today) else ()


def _counted_no_more(request: Request, meeting: Meeting) -> tuple[Section, ...]:
    """Say of a meeting that is told of late that the figures of its quarter stay as they are (R207)."""
    quarter = Quarter.of(meeting.day)
    if not quarter.is_settled(request.today):
        return ()
    return (Section(text=request.words("statistics.settled", quarter=quarter_words(request.words, quarter))),)


def _next(request: Request, case: Case, step: str) -> tuple[Button, ...]:
    """Return the button to the next step, for those who may take it: a chair from elsewhere only reports."""
    if not may_steer(case, request.staff, request.directory):
        return ()
    return (request.view.to_step(case.code, step, tone=Tone.PRIMARY),)
