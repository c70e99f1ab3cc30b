"""T1: a need that was noticed waits for its assessment (R88)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.case import Case, State
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.repeating import daily
from domain.rules import Rules


def unassessed(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T1, to the coordinator: working days after the need was noticed, then every working day; its manager once."""
    plan = rules.plan(ReminderKind.ASSESS)
    if case.state is not State.NOTICED or not plan.steps:
        return
    noticed, opened = case.noticed_on, rules.local_date(case.opened_at)
    base = f"{ReminderKind.ASSESS}:{noticed.isoformat()}"

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        about = case.agency if to is To.MANAGER else ""
        who = case.coordinator
        return Due(
            ReminderKind.ASSESS, f"{base}:{to.value}", step, to, at, text, who, about, case.agency, None, noticed
        )

    first = max(rules.working_days_after(noticed, plan.steps[0]), rules.working_days_after(opened, 1))
    yield due(first.isoformat(), rules.morning(first), "reminder.assess")
    for day, at in daily(first, first, now, rules):
        yield due(day.isoformat(), at, "reminder.assess")
    if plan.manager is not None:
        told = max(rules.working_days_after(noticed, plan.manager), first)
        yield due(
            str(plan.manager),
            rules.morning_after(told, 1) if told == first else rules.morning(told),
            "reminder.assess.manager",
            To.MANAGER,
        )
