"""T11: the consent runs out (R64, R72)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.case import Case
from domain.reminders.due import Due, To
from domain.rules import Rules


def consent_expiry(case: Case, rules: Rules) -> Iterator[Due]:
    """T11: before the last day, and the working morning after it."""
    consent, plan = case.consent, rules.plan("T11")
    if consent is None or consent.valid_until is None or not plan.steps:
        return
    last, recorded = consent.valid_until, rules.local_date(consent.recorded_at)
    group = f"T11:{last.isoformat()}"
    rungs = [(f"-{step}", rules.on_or_before(last - timedelta(step)), "nag.T11") for step in plan.steps]
    rungs.append(("expired", rules.on_or_after(last + timedelta(1)), "nag.T11.expired"))
    who, unit = case.responsible, case.responsible_agency
    for step, day, text in rungs:
        if day > recorded:
            yield Due("T11", group, step, To.PERSON, rules.morning(day), text, who, "", unit, None, last)
