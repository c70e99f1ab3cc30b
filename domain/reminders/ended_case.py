"""T14 and T16: the notices of the end of a case, delivered and confirmed (R77, R174)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.case import Case
from domain.matters.closure import Ground
from domain.reminders.confirming import asked_to_confirm
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.repeating import SELDOM, seldom
from domain.rules import Rules


def undelivered(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T14: a withdrawal that has not reached an agency is phoned, at any hour (R77)."""
    closure = case.closure
    if closure is None or closure.ground is not Ground.WITHDRAWN:
        return
    plan, since = rules.plan(ReminderKind.PHONE_ENDING), closure.closed.at
    who, unit = case.responsible, case.responsible_agency
    rungs = [(minutes, To.PERSON, "reminder.phone_ending.phone") for minutes in plan.steps]
    if plan.manager is not None:
        rungs.append((plan.manager, To.MANAGER, "reminder.phone_ending.manager"))
    for notice in closure.notices:
        if notice.delivered_at is None and notice.confirmed is None:
            for minutes, to, text in rungs:
                group, at = (
                    f"{ReminderKind.PHONE_ENDING}:{notice.agency}:{to.value}",
                    since + timedelta(minutes=minutes),
                )
                yield Due(ReminderKind.PHONE_ENDING, group, str(minutes), to, at, text, who, notice.agency, unit)


def unconfirmed(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T16: notices of the end that nobody has confirmed (R174).

    The agency is asked as often as the profile says. Who answers for the case phones it in the end, and is asked
    every fourth week until somebody has written down that it knows.
    """
    closure = case.closure
    steps = rules.plan(ReminderKind.CONFIRM_ENDING).steps
    if closure is None or not steps:
        return
    closed_on = rules.local_date(closure.closed.at)
    last = rules.working_days_after(closed_on, max(steps))
    moments = [(str(step), rules.morning_after(closed_on, step)) for step in steps]
    later = [(f"over-{day.isoformat()}", at) for day, at in seldom(last + SELDOM, last, now, rules)]
    for notice in closure.notices:
        if notice.confirmed is not None:
            continue
        base, agency = f"{ReminderKind.CONFIRM_ENDING}:{notice.agency}", notice.agency
        for to, person, unit in asked_to_confirm(case, agency):
            for step, at in moments if to is To.UNIT else [*moments, *later]:
                text = f"reminder.confirm_ending.{to.value}"
                yield Due(ReminderKind.CONFIRM_ENDING, f"{base}:{to.value}", step, to, at, text, person, agency, unit)
