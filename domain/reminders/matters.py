"""T12, T13, T15 and T17: promised answers, a vacancy, a discharge, deviations (R40, R145, R183; LOS 4 kap. 3 §)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Final

from domain.case import Case
from domain.days import los_summons_due
from domain.matters.admission import Admission
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.repeating import daily
from domain.rules import Rules

_OF_PROMISE: Final = {To.UNIT: "reminder.promised_answer.unit", To.PERSON: "reminder.promised_answer.person"}
_OF_MEASURE: Final = {To.UNIT: "reminder.measure_report.unit", To.PERSON: "reminder.measure_report.person"}

LAST_MORNING = time(9)
LAST_AFTERNOON = time(14)


def promised_answers(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T12: an answer that an agency has promised: before its day, on it, and when it has passed (R145).

    Beside promises of the person's answer that is how a measure goes, where its agency is to tell by a day.
    """
    plan = rules.plan(ReminderKind.PROMISED_ANSWER)
    if not case.is_open or not plan.steps:
        return
    for subject, texts, agency, day, promised in _promised(case):
        told = rules.local_date(promised)
        base = f"{ReminderKind.PROMISED_ANSWER}:{subject}"
        ahead = [(-step, rules.working_days_after(day, -step)) for step in plan.steps]
        rungs = [(str(step), when, To.UNIT) for step, when in (*ahead, (0, rules.on_or_before(day)))]
        if plan.manager is not None:
            late = rules.working_days_after(day, plan.manager)
            rungs += [(f"+{plan.manager}", late, to) for to in (To.UNIT, To.PERSON)]
        for step, when, to in rungs:
            if when > told:
                own = (agency, "") if to is To.UNIT else (case.responsible_agency, case.responsible)
                yield Due(
                    ReminderKind.PROMISED_ANSWER,
                    f"{base}:{to.value}",
                    step,
                    to,
                    rules.morning(when),
                    texts[to],
                    own[1],
                    agency,
                    own[0],
                    None,
                    day,
                )


def _promised(case: Case) -> Iterator[tuple[str, Mapping[To, str], str, date, datetime]]:
    """Yield what is awaited: its name in keys, the words about it, the agency, its day, and since when."""
    for promise in case.promises:
        if promise.answered is None:
            at = promise.promised.at
            yield str(promise.number), _OF_PROMISE, promise.agency, promise.by, at
    for measure in case.measures:
        if measure.is_open and measure.agency and measure.reports_on is not None:
            at = (measure.changed or measure.noted).at
            subject = f"{measure.number}:measure:{measure.reports_on.isoformat()}"
            yield subject, _OF_MEASURE, measure.agency, measure.reports_on, at


def vacancy(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T13: whoever was responsible has left the unit, which is to name somebody else (R40).

    The reminder is for the one who left, so that it goes to whoever stands in for them: the unit's manager. After some
    days the whole unit hears of it.
    """
    plan, since = rules.plan(ReminderKind.VACANCY), case.vacant_since
    if since is None or not case.is_open or not plan.steps:
        return
    unit, first = case.responsible_agency, rules.local_date(since)
    base = f"{ReminderKind.VACANCY}:{first.isoformat()}:{case.responsible}"

    def due(step: str, at: datetime, to: To) -> Due:
        who = case.responsible if to is To.PERSON else ""
        text = f"reminder.vacancy.{to.value}"
        return Due(ReminderKind.VACANCY, f"{base}:{to.value}", step, to, at, text, who, unit, unit)

    yield due("0", since, To.PERSON)
    for day, at in daily(first, first, now, rules):
        yield due(day.isoformat(), at, To.PERSON)
    if plan.manager is not None:
        yield due(f"+{plan.manager}", rules.morning_after(first, plan.manager), To.UNIT)


def is_summoned(case: Case, admission: Admission) -> bool:
    """Say whether a meeting has been called since the person was admitted, or is ahead anyway (LOS 4 kap. 3 §)."""
    coming = case.coming_meeting is not None
    return coming or any(meeting.called.at >= admission.told.at for meeting in case.meetings)


def discharge(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T15: at discharge the summons is sent within three days of the notice, by the permanent care contact."""
    plan, admission = rules.plan(ReminderKind.DISCHARGE), case.admission
    if admission is None or admission.ready_at is None or not case.is_open or not plan.steps:
        return
    if admission.compulsory is not None or is_summoned(case, admission):
        return
    noticed = rules.local_date(admission.ready_at)
    last = los_summons_due(noticed, rules.calendar)
    who, unit = admission.contact, admission.contact_agency
    if not who or not _covers(case, unit, rules.local_date(admission.ready_at)):
        who, unit = case.responsible, case.responsible_agency
    rungs = [("notice", admission.ready_at, "reminder.discharge")]
    morning = rules.morning_after(noticed, plan.steps[0])
    if rules.local_date(morning) < last:
        rungs.append(("morning", morning, "reminder.discharge"))
    rungs += [
        (step, rules.at(last, wall), "reminder.discharge.last_day")
        for step, wall in (("last", LAST_MORNING), ("last_pm", LAST_AFTERNOON))
    ]
    group = f"{ReminderKind.DISCHARGE}:{admission.ready_at:%Y-%m-%dT%H:%M}:{To.PERSON}"
    for step, at, text in rungs:
        yield Due(ReminderKind.DISCHARGE, group, step, To.PERSON, at, text, who, "", unit, None, last, timed=True)


def _covers(case: Case, unit: str, day: date) -> bool:
    return unit == case.responsible_agency or (case.consent is not None and case.consent.allows_exchange(unit, day))


def deviations(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T17: a deviation that the unit concerned has not answered in writing; at last its manager hears of it (R183)."""
    plan = rules.plan(ReminderKind.DEVIATION)
    if not case.is_open or not plan.steps:
        return
    for deviation in case.deviations:
        if deviation.answer is not None:
            continue
        base, agency = f"{ReminderKind.DEVIATION}:{deviation.number}", deviation.agency
        reported = rules.local_date(deviation.reported.at)
        rungs = [(step, To.UNIT) for step in plan.steps]
        if plan.manager is not None:
            rungs.append((plan.manager, To.MANAGER))
        for step, to in rungs:
            at, text = rules.morning_after(reported, step), f"reminder.deviation.{to.value}"
            yield Due(ReminderKind.DEVIATION, f"{base}:{to.value}", str(step), to, at, text, "", agency, agency)
