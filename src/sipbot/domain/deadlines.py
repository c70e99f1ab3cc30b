"""What is due when, and who is reminded: one pure function of the case (process 7D, days 5B).

A `Due` is one moment at which somebody is to hear of something that is still open. When the thing is done, the case no
longer yields the `Due`, and a reminder that has gone out is taken away. Nothing here is stored except the keys that fired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice

from sipbot.domain.case import Case, Closure, Ground, State
from sipbot.domain.days import WorkCalendar, meeting_due, plan_due
from sipbot.domain.meeting import Meeting, Standing, Summons
from sipbot.domain.profile import NagPlan, Profile


class To(StrEnum):
    """Whom a reminder is for; who that is now is looked up when it fires."""

    PERSON = "person"  # `Due.who` names the staff id
    UNIT = "unit"  # the agency's own channel
    MAILBOX = "mailbox"  # the agency's function mailbox
    MANAGER = "manager"  # the agency's manager
    ATTENDEES = "attendees"  # everybody named


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder.

    `key` is unique for the case, thing, time round, receiver and step, and never used again. `group` joins the steps of one
    ladder: of several that are due at once only the newest goes out. `text` is the message key; `until` the instant after
    which it is pointless. `day` is the deadline it is about.
    """

    nag: str
    group: str
    step: str
    to: To
    at: datetime
    text: str
    who: str = ""
    agency: str = ""
    until: datetime | None = None
    day: date | None = None
    repeats: bool = False

    @property
    def key(self) -> str:
        """The unique name of this step."""
        return f"{self.group}:{self.step}"


T6_TIME = time(9)
T7_TIME = time(16)
T7_MORNING = time(9)
T8_MORNING = time(9)
T8_AFTERNOON = time(15)


@dataclass(frozen=True, slots=True)
class Rules:
    """The profile and the calendar, with the few date sums that all reminders share."""

    profile: Profile
    calendar: WorkCalendar

    def morning(self, day: date) -> datetime:
        """Return the opening time of the working day on or after `day`."""
        return self.calendar.at(self.calendar.on_or_after(day), self.profile.opens)

    def morning_before(self, day: date) -> datetime:
        """Return the opening time of the working day on or before `day`, for reminders ahead of a deadline."""
        return self.calendar.at(self.calendar.on_or_before(day), self.profile.opens)

    def working_days_after(self, day: date, count: int) -> date:
        """Return the working day `count` after `day`."""
        return self.calendar.add_working_days(day, count)

    def working_days_before(self, day: date, count: int) -> date:
        """Return the working day `count` before `day`."""
        return self.calendar.subtract_working_days(day, count)

    def plan(self, nag: str) -> NagPlan:
        """Return the profile's plan of a reminder."""
        return self.profile.nag(nag)


def meeting_deadline(case: Case, profile: Profile, calendar: WorkCalendar) -> date:
    """Return the day by which the first meeting is to be held: 30 days from the notice, or the person's own wish (R90, R91)."""
    if case.meeting_by is not None:
        return case.meeting_by
    return meeting_due(case.noticed_on, profile.days_to_meeting.value, profile.meeting_roll, calendar)


def plan_deadline(meeting: Meeting, profile: Profile, calendar: WorkCalendar) -> date:
    """Return the day by which the plan is to be sent: four working days after the meeting (R161)."""
    return plan_due(meeting.day, profile.plan_working_days.value, calendar)


def deadlines(case: Case, rules: Rules, now: datetime) -> tuple[Due, ...]:
    """Return every reminder that the case as it is now would send, fired or not, in order of time.

    Reminders that repeat without end are listed up to the first one after `now`.
    """
    dues = [due for ladder in _ladders(case, rules) for due in _until_after(now, ladder)]
    return tuple(sorted(_snoozed(case, dues, rules), key=lambda due: (due.at, due.key)))


def next_due(case: Case, dues: tuple[Due, ...]) -> datetime | None:
    """Return the instant of the earliest reminder that has not fired."""
    return next((due.at for due in dues if due.key not in case.fired), None)


def _ladders(case: Case, rules: Rules) -> Iterator[Iterator[Due]]:
    if case.closure is not None:
        yield _undelivered(case, case.closure, rules)
        yield _unconfirmed(case, case.closure, rules)
        return
    if not case.is_open:
        return
    yield _thirty_days(case, rules)
    yield from _thirty_days_over(case, rules)
    yield _consent_expiry(case, rules)
    coming, held = case.coming_meeting, case.last_held
    if coming is not None:
        yield _receipts(case, coming, rules)
        yield _names(coming, rules)
        yield _tomorrow(coming, rules)
        yield _report(case, coming, rules)
    if held is not None:
        yield _plan(case, held, rules)
        yield _plan_over(case, held, rules)
        yield _open_points(case, held, rules)
        if coming is None:
            yield _follow_up(case, held, rules)


# No ladder is longer than this, so that a clock gone wrong by years cannot fill the database.
LONGEST_LADDER = 60


def _until_after(now: datetime, ladder: Iterator[Due]) -> Iterator[Due]:
    """Cut an endless ladder behind its first step after `now`; ladders that end by themselves are taken whole."""
    for due in islice(ladder, LONGEST_LADDER):
        yield due
        if due.repeats and due.at > now:
            return


def _snoozed(case: Case, dues: list[Due], rules: Rules) -> Iterator[Due]:
    """Leave out what somebody asked not to hear until a day, and ask again on that day. Escalations are other groups."""
    again: dict[str, Due] = {}
    for due in dues:
        snooze = case.snoozes.get(due.group)
        if snooze is None:
            yield due
            continue
        wakes = rules.morning(snooze.until)
        if due.at > wakes:
            yield due
        else:
            again[due.group] = replace(due, step=f"snoozed-{snooze.until.isoformat()}", at=wakes)
    yield from again.values()


def _thirty_days(case: Case, rules: Rules) -> Iterator[Due]:
    """T2: the first meeting within 30 days (R90)."""
    if case.last_held is not None:
        return
    deadline = meeting_deadline(case, rules.profile, rules.calendar)
    group = f"T2:{deadline.isoformat()}"
    coming = case.coming_meeting
    plan = rules.plan("T2")

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        agency = case.agency if to is To.MANAGER else ""
        return Due("T2", f"{group}:{to.value}", step, to, at, text, who=case.coordinator, agency=agency, day=deadline)

    if plan.steps and case.meeting_by is None:
        consent_day, summons_day, *later = plan.steps
        if case.state is State.ASSESSED:
            yield due(
                str(consent_day),
                rules.morning_before(case.noticed_on + timedelta(consent_day)),
                "nag.T2.consent",
            )
        if coming is None:
            yield due(
                str(summons_day),
                rules.morning_before(case.noticed_on + timedelta(summons_day)),
                "nag.T2.summon",
            )
    else:
        later = list(plan.steps[2:])
    if coming is not None and coming.day <= deadline:
        return
    text = "nag.T2.book" if coming is None else "nag.T2.late_booking"
    for step in later:
        left = rules.profile.days_to_meeting.value - step
        yield due(str(step), rules.morning_before(deadline - timedelta(left)), text)


def _thirty_days_over(case: Case, rules: Rules) -> Iterator[Iterator[Due]]:
    """T2, overdue: from day 31 every week, to the coordinator and to the manager."""
    plan = rules.plan("T2")
    if case.last_held is not None or plan.manager is None:
        return
    deadline = meeting_deadline(case, rules.profile, rules.calendar)
    if case.coming_meeting is not None and case.coming_meeting.day <= deadline:
        return

    def weekly(to: To, text: str, agency: str = "") -> Iterator[Due]:
        for week in count():
            at = rules.morning(deadline + timedelta(days=1, weeks=week))
            group = f"T2:{deadline.isoformat()}:{to.value}"
            yield Due(
                "T2",
                group,
                f"over{week}",
                to,
                at,
                text,
                who=case.coordinator,
                agency=agency,
                day=deadline,
                repeats=True,
            )

    yield weekly(To.PERSON, "nag.T2.overdue")
    yield weekly(To.MANAGER, "nag.T2.overdue_manager", case.agency)


def _receipts(case: Case, meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T3: confirm that the summons has come (R125)."""
    plan = rules.plan("T3")
    for summons in meeting.live():
        if summons.standing(meeting.round) is not Standing.SENT:
            continue
        sent = rules.calendar.local_date(summons.sent_at)
        base = f"T3:{meeting.number}.{meeting.round}:{summons.agency}:{summons.revision}"

        def due(
            step: int,
            to: To,
            text: str,
            *,
            who: str = "",
            base: str = base,
            sent: date = sent,
            summons: Summons = summons,
        ) -> Due:
            at = rules.morning(rules.working_days_after(sent, step))
            return Due(
                "T3",
                f"{base}:{to.value}",
                str(step),
                to,
                at,
                text,
                who=who,
                agency=summons.agency,
                until=meeting.start,
                day=meeting.day,
            )

        for step in plan.steps:
            yield due(step, To.UNIT, "nag.T3.unit")
        if plan.mailbox is not None:
            yield due(plan.mailbox, To.MAILBOX, "nag.T3.mailbox")
        if plan.manager is not None:
            yield due(plan.manager, To.MANAGER, "nag.T3.manager")
            yield due(plan.manager, To.PERSON, "nag.T3.phone", who=case.responsible)


def _names(meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T4: tell who comes, counted backwards from the meeting (R128)."""
    plan = rules.plan("T4")
    for summons in meeting.missing():
        base = f"T4:{meeting.number}.{meeting.round}:{summons.agency}"
        sent = rules.calendar.local_date(summons.sent_at)
        ladder = [(step, To.UNIT, "nag.T4.unit") for step in plan.steps]
        if plan.manager is not None:
            ladder.append((plan.manager, To.MANAGER, "nag.T4.manager"))
        for step, to, text in ladder:
            day = rules.working_days_before(meeting.day, step)
            if day > sent:
                yield Due(
                    "T4",
                    f"{base}:{to.value}",
                    f"-{step}",
                    to,
                    rules.morning(day),
                    text,
                    agency=summons.agency,
                    until=meeting.start,
                    day=meeting.day,
                )


def _tomorrow(meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T6: the meeting is on the next working day."""
    if not rules.plan("T6").steps or not meeting.attendees():
        return
    day = rules.working_days_before(meeting.day, rules.plan("T6").steps[0])
    if day > rules.calendar.local_date(meeting.called.at):
        at = rules.calendar.at(day, T6_TIME)
        yield Due(
            "T6",
            f"T6:{meeting.number}.{meeting.round}",
            "1",
            To.ATTENDEES,
            at,
            "nag.T6",
            until=meeting.start,
            day=meeting.day,
        )


def _report(case: Case, meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T7: tell whether the meeting was held; the chair, then the manager of the responsible unit."""
    plan = rules.plan("T7")
    if not plan.steps:
        return
    base = f"T7:{meeting.number}.{meeting.round}"

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        agency = case.agency if to is To.MANAGER else ""
        return Due("T7", f"{base}:{to.value}", step, to, at, text, who=meeting.chair, agency=agency, day=meeting.day)

    same_day = rules.calendar.at(meeting.day, T7_TIME)
    if rules.calendar.is_working_day(meeting.day) and meeting.end <= same_day:
        yield due("0", same_day, "nag.T7")
    for step in plan.steps:
        yield due(str(step), rules.calendar.at(rules.working_days_after(meeting.day, step), T7_MORNING), "nag.T7")
    if plan.manager is not None:
        yield due(
            str(plan.manager),
            rules.morning(rules.working_days_after(meeting.day, plan.manager)),
            "nag.T7.manager",
            To.MANAGER,
        )


def _plan(case: Case, meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T8: the plan is sent within four working days (R161)."""
    if case.plan_of(meeting) is not None or case.state is State.CLOSING:
        return
    plan = rules.plan("T8")
    deadline = plan_deadline(meeting, rules.profile, rules.calendar)
    base = f"T8:{meeting.number}"

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        agency = case.agency if to is To.MANAGER else ""
        return Due(
            "T8",
            f"{base}:{to.value}",
            step,
            to,
            at,
            text,
            who=case.plan_sender_of(meeting),
            agency=agency,
            day=deadline,
        )

    for step in plan.steps:
        day = rules.working_days_after(meeting.day, step)
        if day < deadline:
            yield due(str(step), rules.morning(day), "nag.T8")
    yield due("last", rules.calendar.at(deadline, T8_MORNING), "nag.T8.last_day")
    yield due("last_pm", rules.calendar.at(deadline, T8_AFTERNOON), "nag.T8.last_day")
    if plan.manager is not None:
        at = rules.morning(rules.working_days_after(deadline, plan.manager))
        yield due("over", at, "nag.T8.overdue_manager", To.MANAGER)


def _plan_over(case: Case, meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T8, overdue: every working day to the one who is to send it."""
    if case.plan_of(meeting) is not None or case.state is State.CLOSING:
        return
    deadline = plan_deadline(meeting, rules.profile, rules.calendar)
    day = deadline
    for late in count(1):
        day = rules.calendar.next_working_day(day)
        yield Due(
            "T8",
            f"T8:{meeting.number}:person",
            f"over{late}",
            To.PERSON,
            rules.morning(day),
            "nag.T8.overdue",
            who=case.plan_sender_of(meeting),
            day=deadline,
            repeats=True,
        )


def _open_points(case: Case, meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T9: no huvudansvarig or no follow-up date after the meeting (R140, R142)."""
    protocol = meeting.protocol
    plan = rules.plan("T9")
    if protocol is None or not protocol.need_remains or not plan.steps:
        return
    missing = [
        point for point, is_open in (("lead", not case.lead), ("follow_up", protocol.follow_up_on is None)) if is_open
    ]
    if not missing:
        return
    recorded = rules.calendar.local_date(protocol.recorded.at)
    base = f"T9:{meeting.number}:{'+'.join(missing)}"
    text = f"nag.T9.{'both' if len(missing) > 1 else missing[0]}"
    if plan.manager is not None:
        at = rules.morning(rules.working_days_after(recorded, plan.manager))
        yield Due(
            "T9",
            f"{base}:manager",
            "1",
            To.MANAGER,
            at,
            "nag.T9.manager",
            agency=case.agency,
            day=meeting.day,
        )
    day = recorded
    for step in count(1):
        day = rules.calendar.next_working_day(day)
        at = rules.morning(day)
        yield Due(
            "T9",
            f"{base}:person",
            str(step),
            To.PERSON,
            at,
            text,
            who=case.responsible,
            day=meeting.day,
            repeats=True,
        )


def _follow_up(case: Case, meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T10: the follow-up is prepared, summoned and held (R142, R166-R168)."""
    protocol = meeting.protocol
    plan = rules.plan("T10")
    if protocol is None or protocol.follow_up_on is None or not plan.steps or not protocol.need_remains:
        return
    day = protocol.follow_up_on
    known = rules.calendar.local_date(protocol.recorded.at)
    base = f"T10:{meeting.number}:{day.isoformat()}"

    def due(step: str, at: datetime, text: str, to: To = To.PERSON, agency: str = "") -> Due:
        return Due("T10", f"{base}:{to.value}", step, to, at, text, who=case.responsible, agency=agency, day=day)

    for step, text in zip(plan.steps, ("nag.T10.prepare", "nag.T10.dialogue", "nag.T10.summon"), strict=False):
        at = rules.morning_before(day - timedelta(step))
        if rules.calendar.local_date(at) > known:
            yield due(f"-{step}", at, text)
    if plan.repeat is not None:
        for before in range(plan.steps[-1] - plan.repeat, 0, -plan.repeat):
            at = rules.morning_before(day - timedelta(before))
            if rules.calendar.local_date(at) > known:
                yield due(f"-{before}", at, "nag.T10.summon")
    yield due("+1", rules.morning(rules.working_days_after(day, 1)), "nag.T10.passed")
    if plan.manager is not None:
        at = rules.morning(rules.working_days_after(day, plan.manager))
        yield due(f"+{plan.manager}", at, "nag.T10.manager", To.MANAGER, agency=case.agency)


def _consent_expiry(case: Case, rules: Rules) -> Iterator[Due]:
    """T11: the consent runs out (R64, R72)."""
    consent = case.consent
    plan = rules.plan("T11")
    if consent is None or consent.valid_until is None or not plan.steps:
        return
    last = consent.valid_until
    recorded = rules.calendar.local_date(consent.recorded_at)
    base = f"T11:{last.isoformat()}"
    for step in plan.steps:
        at = rules.morning_before(last - timedelta(step))
        if rules.calendar.local_date(at) > recorded:
            yield Due("T11", base, f"-{step}", To.PERSON, at, "nag.T11", who=case.responsible, day=last)
    at = rules.morning(last + timedelta(1))
    yield Due("T11", base, "expired", To.PERSON, at, "nag.T11.expired", who=case.responsible, day=last)


def _undelivered(case: Case, closure: Closure, rules: Rules) -> Iterator[Due]:
    """T14: a withdrawal that has not reached an agency is phoned, at any hour (R77)."""
    plan = rules.plan("T14")
    if closure.ground is not Ground.WITHDRAWN:
        return
    since = closure.closed.at
    for notice in closure.notices:
        if notice.delivered_at is not None or notice.confirmed is not None:
            continue
        base = f"T14:{notice.agency}"
        for minutes in plan.steps:
            at = since + timedelta(minutes=minutes)
            yield Due(
                "T14",
                f"{base}:person",
                str(minutes),
                To.PERSON,
                at,
                "nag.T14.phone",
                who=case.responsible,
                agency=notice.agency,
            )
        if plan.manager is not None:
            at = since + timedelta(minutes=plan.manager)
            yield Due(
                "T14",
                f"{base}:manager",
                str(plan.manager),
                To.MANAGER,
                at,
                "nag.T14.manager",
                agency=case.agency,
            )


def _unconfirmed(case: Case, closure: Closure, rules: Rules) -> Iterator[Due]:
    """T16: notices of the end that nobody has confirmed (R174)."""
    closed_on = rules.calendar.local_date(closure.closed.at)
    for notice in closure.notices:
        if notice.confirmed is not None:
            continue
        base = f"T16:{notice.agency}"
        for step in rules.plan("T16").steps:
            at = rules.morning(rules.working_days_after(closed_on, step))
            yield Due("T16", f"{base}:unit", str(step), To.UNIT, at, "nag.T16.unit", agency=notice.agency)
            yield Due(
                "T16",
                f"{base}:person",
                str(step),
                To.PERSON,
                at,
                "nag.T16.person",
                who=case.responsible,
                agency=notice.agency,
            )
