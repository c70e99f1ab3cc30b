"""T2: the first meeting within 30 days (R90), or by the day the person wishes (R91)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from domain.case import Case
from domain.consent import Consent
from domain.meeting import Meeting
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.repeating import seldom, weekly
from domain.rules import Rules, need_from
from domain.summons import Standing


def first_meeting(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T2, to the coordinator: consent, summons, a meeting in time; when none is called and it is late, again.

    The manager hears of that too. While a meeting is called it is silent, but for the word that it comes late.
    """
    plan = rules.plan(ReminderKind.FIRST_MEETING)
    if not case.is_open or case.unassessed or case.last_held is not None or (not plan.steps and plan.manager is None):
        return
    deadline = rules.meeting_deadline(case)
    since, coming = _got_on(case, rules), case.coming_meeting
    if coming is not None and _is_called(coming):
        # Called: whether it was held is asked for after it (T7). That it comes late is said once, then seldom.
        if coming.day > deadline:
            for day, at in seldom(rules.working_days_after(since, 1), since, now, rules):
                if day < coming.day:
                    step = f"late-{coming.number}.{coming.round}-{day.isoformat()}"
                    yield _due(case, deadline, step, at, "reminder.first_meeting.late_booking")
        return
    for step, day, text in _ahead(case, rules, deadline):
        if day > since:
            yield _due(case, deadline, step, rules.morning(day), text)
    days = rules.profile.days_to_meeting.value
    first = deadline + timedelta(days=1 if plan.manager is None else max(1, plan.manager - days))
    for day, at in weekly(first, since, now, rules):
        yield _due(case, deadline, f"over-{day.isoformat()}", at, "reminder.first_meeting.overdue")
    if plan.manager is not None:
        for day, at in seldom(first, since, now, rules):
            step = f"over-{day.isoformat()}"
            yield _due(case, deadline, step, at, "reminder.first_meeting.overdue_manager", To.MANAGER)


def _due(case: Case, deadline: date, step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
    about = case.agency if to is To.MANAGER else ""
    group = f"{ReminderKind.FIRST_MEETING}:{deadline.isoformat()}:{to.value}"
    return Due(
        ReminderKind.FIRST_MEETING, group, step, to, at, text, case.coordinator, about, case.agency, None, deadline
    )


def _is_called(meeting: Meeting) -> bool:
    """Say whether anybody is called to it, or will be once the consent is widened; else it is as good as none."""
    held_back = any(s.standing(meeting.round) is Standing.HELD_BACK for s in meeting.summonses)
    return bool(meeting.live()) or held_back


def _got_on(case: Case, rules: Rules) -> date:
    """Return the day on which it last got on: opened, consented to, called, moved, called off or not held."""
    moments = [case.opened_at]
    if case.consented_at is not None:
        moments.append(case.consented_at)
    if case.meeting is not None:
        moments.append(case.meeting.set_at)
        if case.meeting.report is not None:
            moments.append(case.meeting.report.recorded.at)
    coming = case.coming_meeting
    if coming is not None and coming.live():
        # When all who were called had been recalled by a consent, and somebody has been called anew since. Those called
        # later otherwise, or once more, take the place of the first without the meeting having got on.
        called = min(summons.sent_at for summons in coming.live())
        if any(coming.set_at < each.recorded_at <= called and _recalls_all(each, coming) for each in case.consents):
            moments.append(called)
    elif coming is not None and case.consent is not None:
        # A narrower consent has recalled everybody, and somebody has just been at it.
        moments.append(case.consent.recorded_at)
    return rules.local_date(max(moments))


def _recalls_all(consent: Consent, meeting: Meeting) -> bool:
    """Say whether a consent covered none of those who had been called by then."""
    return not any(s.agency in consent.agencies for s in meeting.summonses if s.sent_at < consent.recorded_at)


def _ahead(case: Case, rules: Rules, deadline: date) -> Iterator[tuple[str, date, str]]:
    """Yield step, day and text of what comes before the deadline: for consent, for a summons, for a meeting."""
    steps, noticed = rules.plan(ReminderKind.FIRST_MEETING).steps, need_from(case, rules.calendar)
    if case.meeting_by is None:
        for step, text in zip(
            steps[:2], ("reminder.first_meeting.consent", "reminder.first_meeting.summon"), strict=False
        ):
            if text == "reminder.first_meeting.summon" or case.consent is None:
                yield str(step), rules.on_or_before(noticed + timedelta(step)), text
    text = "reminder.first_meeting.book"
    for step in steps[2:]:
        left = rules.profile.days_to_meeting.value - step
        if left >= 0:
            yield str(step), rules.on_or_before(deadline - timedelta(left)), text
