"""T11: the consent runs out (R64, R72), and what it does to all other reminders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from domain.case import Case
from domain.reminders.due import Due, ReminderKind, To
from domain.rules import Rules

# After the last day of the consent nobody may be called or told anything new (R64): whoever is asked to do so is asked
# to see to the consent first. None of it is left out: what is settled is not said again once the consent is renewed.
_AFTER_THE_LAST_DAY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reminder.first_meeting.summon": "reminder.first_meeting.renew",
        "reminder.first_meeting.book": "reminder.first_meeting.renew",
        "reminder.first_meeting.overdue": "reminder.first_meeting.renew",
        "reminder.follow_up.dialogue": "reminder.follow_up.renew",
        "reminder.follow_up.summon": "reminder.follow_up.renew",
        "reminder.follow_up.passed": "reminder.follow_up.renew",
        "reminder.discharge": "reminder.discharge.renew",
        "reminder.discharge.last_day": "reminder.discharge.renew",
        "reminder.confirm_receipt.phone": "reminder.confirm_receipt.renew",
        "reminder.confirm_receipt.undelivered": "reminder.confirm_receipt.renew",
        "reminder.name_attendees.misdirected": "reminder.name_attendees.renew",
    }
)


def within_consent(case: Case, dues: Iterable[Due], today: date) -> Iterator[Due]:
    """Yield reminders as they may be put today: after the last day of the consent none asks to call anybody (R64)."""
    last = None if case.consent is None else case.consent.valid_until
    if last is None or today <= last:
        yield from dues
        return
    for due in dues:
        text = _AFTER_THE_LAST_DAY.get(due.text)
        yield due if text is None else due._replace(text=text)


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
