"""T8, T9 and T10: what follows a meeting: the plan, what was left open, the follow-up (R140, R142, R161, R166-R168)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from domain.case import Case
from domain.meeting import Meeting
from domain.reminders.confirming import asked_to_confirm
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.repeating import daily, weekly
from domain.report import Report
from domain.rules import WEEK, Rules
from domain.steps.report_meeting import lacks

LAST_AFTERNOON = time(15)
LAST_AFTERNOON_STEP = "last_pm"
FOLLOW_UP_TEXTS = ("reminder.follow_up.prepare", "reminder.follow_up.dialogue", "reminder.follow_up.summon")


def _held(case: Case) -> tuple[Meeting, Report] | None:
    """Return the last meeting that was held and its report, of a case that goes on."""
    held = case.last_held
    return None if held is None or held.report is None or not case.is_open else (held, held.report)


def plan_sent(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T8: the plan is sent within four working days (R161); when it is late, every working day, later seldom."""
    plan, held = rules.plan(ReminderKind.SEND_PLAN), _held(case)
    if held is None:
        return
    meeting, report = held
    if not report.need_remains or case.plan_of(meeting) is not None or not plan.steps:
        return
    deadline, told = rules.plan_deadline(meeting), report.recorded.at
    sender, unit = case.plan_sender_of(meeting), case.plan_sender_agency_of(meeting)

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        about = unit if to is To.MANAGER else ""
        return Due(
            ReminderKind.SEND_PLAN,
            f"{ReminderKind.SEND_PLAN}:{meeting.number}:{to.value}",
            step,
            to,
            at,
            text,
            sender,
            about,
            unit,
            None,
            deadline,
            timed=step == LAST_AFTERNOON_STEP,
        )

    for step, at, text in _until_deadline(meeting, deadline, rules):
        if at > told:
            yield due(step, at, text)
    if plan.manager is not None:
        # Told of a meeting so late that this has passed: the manager hears of it the next working morning.
        at = max(rules.morning_after(deadline, plan.manager), rules.morning_after(rules.local_date(told), 1))
        yield due("over", at, "reminder.send_plan.overdue_manager", To.MANAGER)
    for day, at in daily(deadline, rules.local_date(told), now, rules):
        yield due(f"over-{day.isoformat()}", at, "reminder.send_plan.overdue")


def _until_deadline(meeting: Meeting, deadline: date, rules: Rules) -> Iterator[tuple[str, datetime, str]]:
    for step in rules.plan(ReminderKind.SEND_PLAN).steps:
        day = rules.working_days_after(meeting.day, step)
        if day < deadline:
            yield str(step), rules.morning(day), "reminder.send_plan"
    yield "last", rules.morning(deadline), "reminder.send_plan.last_day"
    if rules.is_open_at(deadline, LAST_AFTERNOON):
        yield LAST_AFTERNOON_STEP, rules.at(deadline, LAST_AFTERNOON), "reminder.send_plan.last_day"


def plan_unconfirmed(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T18: who has not confirmed that the newest plan has come, like the notices of the end (R161)."""
    if not case.is_open or not case.plans:
        return
    plan = case.plans[-1]
    sent = rules.local_date(plan.recorded.at)
    for notice in plan.notices:
        if notice.confirmed is not None:
            continue
        base, agency = f"{ReminderKind.CONFIRM_PLAN}:{plan.version}:{notice.agency}", notice.agency
        for step in rules.plan(ReminderKind.CONFIRM_PLAN).steps:
            for to, person, unit in asked_to_confirm(case, agency):
                at, text = rules.morning_after(sent, step), f"reminder.confirm_plan.{to.value}"
                due = Due(
                    ReminderKind.CONFIRM_PLAN, f"{base}:{to.value}", str(step), to, at, text, person, agency, unit
                )
                yield _from_the_handover(case, due, rules) if to is To.PERSON else due


def _from_the_handover(case: Case, due: Due, rules: Rules) -> Due:
    """Return it due on the first morning of whoever has taken over, where it was not due to the one before.

    These were not told to phone their own unit. So that unit is phoned by the next from then on, not at once for the
    days that have passed.
    """
    since = case.lead_since
    if since is None or due.at > since or due.key in case.fired:
        return due
    day = rules.local_date(since)
    return due._replace(step=f"{due.step}-since-{day.isoformat()}", at=rules.morning_after(day, 1))


def open_points(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T9: what the meeting left open, every working day: no huvudansvarig, no follow-up date (R140, R142).

    Once the next meeting is called, both are settled there. Where no need remains, what is open is the closing (R174).
    """
    plan, held = rules.plan(ReminderKind.OPEN_POINTS), _held(case)
    if held is None or case.coming_meeting is not None:
        return
    meeting, report = held
    missing = lacks(case, meeting) if report.need_remains else ("close",)
    if not missing or not plan.steps:
        return
    # A follow-up that was called and not held opens the matter anew, with keys of its own.
    last = case.meetings[-1]
    told = rules.local_date(report.recorded.at if last.report is None else last.report.recorded.at)
    since = _open_since(case, report, rules)
    base = f"{ReminderKind.OPEN_POINTS}:{last.number}:{'+'.join(missing)}"
    unit = case.responsible_agency

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        about = unit if to is To.MANAGER else ""
        return Due(
            ReminderKind.OPEN_POINTS,
            f"{base}:{to.value}",
            step,
            to,
            at,
            text,
            case.responsible,
            about,
            unit,
            None,
            meeting.day,
        )

    if plan.manager is not None:
        at = max(rules.morning_after(told, plan.manager), rules.morning_after(since, 1))
        told_manager = "reminder.open_points.manager" if report.need_remains else "reminder.open_points.close_manager"
        yield due(str(plan.manager), at, told_manager, To.MANAGER)
    text = f"reminder.open_points.{'both' if len(missing) > 1 else missing[0]}"
    for day, at in daily(since, since, now, rules):
        yield due(day.isoformat(), at, text)


def _open_since(case: Case, report: Report, rules: Rules) -> date:
    """Return the day since which nothing more has come of it: since it was told, or since a later meeting fell away."""
    last = case.meetings[-1].report
    moments = [report.settled_at] if last is None else [report.settled_at, last.recorded.at]
    return rules.local_date(max(moments))


def follow_up(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T10: the follow-up is prepared and summoned (R142, R166-R168); when its day has passed, every week."""
    plan, held = rules.plan(ReminderKind.FOLLOW_UP), _held(case)
    if held is None or case.coming_meeting is not None:
        return
    _, report = held
    day = report.follow_up_on
    if day is None or not plan.steps or not report.need_remains:
        return
    known, last = _open_since(case, report, rules), case.meetings[-1]
    # A follow-up that was called and not held is still to come, with keys of its own.
    base, unit = f"{ReminderKind.FOLLOW_UP}:{last.number}:{day.isoformat()}", case.responsible_agency

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        about = unit if to is To.MANAGER else ""
        return Due(
            ReminderKind.FOLLOW_UP, f"{base}:{to.value}", step, to, at, text, case.responsible, about, unit, None, day
        )

    for before, text in _before(rules):
        ahead = rules.on_or_before(day - timedelta(before))
        if ahead > known:
            yield due(f"-{before}", rules.morning(ahead), text)
    passed = rules.working_days_after(max(day, known), 1)
    yield due("+1", rules.morning(passed), "reminder.follow_up.passed")
    if plan.manager is not None:
        at = rules.morning_after(max(day, known), plan.manager)
        yield due(f"+{plan.manager}", at, "reminder.follow_up.manager", To.MANAGER)
    for late, at in weekly(passed + WEEK, passed, now, rules):
        yield due(f"over-{late.isoformat()}", at, "reminder.follow_up.passed")


def _before(rules: Rules) -> Iterator[tuple[int, str]]:
    """Yield days before the follow-up and text: prepare, talk and check the consent, summon, and that again."""
    plan = rules.plan(ReminderKind.FOLLOW_UP)
    yield from zip(plan.steps, FOLLOW_UP_TEXTS, strict=False)
    if plan.repeat is not None:
        for before in range(plan.steps[-1] - plan.repeat, 0, -plan.repeat):
            yield before, FOLLOW_UP_TEXTS[-1]
