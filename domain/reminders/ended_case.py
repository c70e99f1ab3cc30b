"""T14 and T16: the notices of the end of a case, delivered and confirmed (R77, R174)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.case import Case, Closure, Ground
from domain.reminders.due import Due, To
from domain.rules import Rules


def undelivered(case: Case, closure: Closure, rules: Rules) -> Iterator[Due]:
    """T14: a withdrawal that has not reached an agency is phoned, at any hour (R77)."""
    if closure.ground is not Ground.WITHDRAWN:
        return
    plan, since = rules.plan("T14"), closure.closed.at
    who, unit = case.responsible, case.responsible_agency
    rungs = [(minutes, To.PERSON, "nag.T14.phone") for minutes in plan.steps]
    if plan.manager is not None:
        rungs.append((plan.manager, To.MANAGER, "nag.T14.manager"))
    for notice in closure.notices:
        if notice.delivered_at is None and notice.confirmed is None:
            for minutes, to, text in rungs:
                group, at = f"T14:{notice.agency}:{to.value}", since + timedelta(minutes=minutes)
                yield Due("T14", group, str(minutes), to, at, text, who, notice.agency, unit)


def unconfirmed(case: Case, closure: Closure, rules: Rules) -> Iterator[Due]:
    """T16: notices of the end that nobody has confirmed (R174)."""
    closed_on = rules.local_date(closure.closed.at)
    who, own = case.responsible, case.responsible_agency
    for notice in closure.notices:
        if notice.confirmed is not None:
            continue
        base, agency = f"T16:{notice.agency}", notice.agency
        for step in rules.plan("T16").steps:
            at = rules.morning_after(closed_on, step)
            yield Due("T16", f"{base}:unit", str(step), To.UNIT, at, "nag.T16.unit", "", agency, agency)
            yield Due("T16", f"{base}:person", str(step), To.PERSON, at, "nag.T16.person", who, agency, own)
