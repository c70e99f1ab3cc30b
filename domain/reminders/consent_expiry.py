"""T11: the consent runs out (R64, R72)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.case import Case
from domain.reminders.due import Due, ReminderKind, To
from domain.rules import Rules


def consent_expiry(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T11: before the last day, and the working morning after it.

    While a meeting is ahead, those who are called to it hear then that nothing more may be exchanged, and the one who
    is responsible is asked once more on the working day before it.
    """
    consent, plan = case.consent, rules.plan(ReminderKind.CONSENT_EXPIRY)
    if not case.is_open or consent is None or consent.valid_until is None or not plan.steps:
        return
    last, recorded = consent.valid_until, rules.local_date(consent.recorded_at)
    group = f"{ReminderKind.CONSENT_EXPIRY}:{last.isoformat()}"
    rungs = [(f"-{step}", rules.on_or_before(last - timedelta(step)), "reminder.consent_expiry") for step in plan.steps]
    after, meeting = rules.on_or_after(last + timedelta(1)), case.coming_meeting
    ahead = meeting is not None and meeting.day > last
    expired = "reminder.consent_expiry.meeting" if ahead else "reminder.consent_expiry.expired"
    rungs.append(("expired", after, expired))
    if meeting is not None and ahead:
        eve = rules.working_days_after(meeting.day, -1)
        if eve > after:
            rungs.append((f"eve-{meeting.number}.{meeting.round}", eve, expired))
    who, unit = case.responsible, case.responsible_agency
    for step, day, text in rungs:
        if day > recorded:
            yield Due(
                ReminderKind.CONSENT_EXPIRY, group, step, To.PERSON, rules.morning(day), text, who, "", unit, None, last
            )
