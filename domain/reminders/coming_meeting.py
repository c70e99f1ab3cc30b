"""T3, T4, T6 and T7: the summonses to a meeting, the day before it, and how it went (R125, R128)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from domain.case import Case, Flag
from domain.meeting import Meeting
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.repeating import weekly
from domain.rules import WEEK, Rules
from domain.summons import UNHEARD, Standing, Summons

SAME_DAY_TIME = time(16)

# After a summons at short notice: the unit is asked once more, then whoever summoned is told to phone.
SHORT_NOTICE = (timedelta(hours=2), timedelta(hours=4))
UNDELIVERED = "reminder.confirm_receipt.undelivered"
HURRIED = ("reminder.confirm_receipt.unit", "reminder.confirm_receipt.phone")

OWING = frozenset({Standing.SENT, Standing.RECEIVED})


# An agency that is only invited owes nobody an answer (R117): it is asked again in its own channel, and left at that.
ESCALATIONS = frozenset({To.MAILBOX, To.MANAGER})


class Rung(NamedTuple):
    """One step of a ladder that all agencies share: the day, the instant, and what of the `Due` is the same for all."""

    day: date
    at: datetime
    step: str
    to: To
    text: str


def _coming(case: Case) -> Meeting | None:
    """Return the meeting to come of a case that goes on."""
    return case.coming_meeting if case.is_open else None


def receipts(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T3: confirm that the summons has come (R125); at last the one who summoned is told to phone."""
    meeting = _coming(case)
    if meeting is None:
        return
    start, day, number, meeting_round = meeting.start, meeting.day, meeting.number, meeting.round
    ladders: dict[datetime, list[Rung]] = {}
    for summons in case.owing(meeting):
        standing = summons.standing(meeting_round)
        if standing not in UNHEARD:
            continue
        agency, sent_at = summons.agency, summons.sent_at
        base = f"{ReminderKind.CONFIRM_RECEIPT}:{number}.{meeting_round}:{agency}:{summons.revision}:"
        if standing is Standing.UNDELIVERED and summons.undelivered_at is not None:
            ladder = _undelivered_ladder(summons.undelivered_at, rules)
        elif sent_at in ladders:
            ladder = ladders[sent_at]
        else:
            ladder = ladders[sent_at] = _receipt_ladder(case, sent_at, meeting, rules)
        for _, at, step, to, text in ladder:
            if to in ESCALATIONS and not summons.obliged and text != UNDELIVERED:
                continue
            if to is To.PERSON:
                who, unit = case.responsible, case.responsible_agency
            else:
                who, unit = "", agency
            yield Due(ReminderKind.CONFIRM_RECEIPT, base + to, step, to, at, text, who, agency, unit, start, day)


def _receipt_ladder(case: Case, sent_at: datetime, meeting: Meeting, rules: Rules) -> list[Rung]:
    plan, sent = rules.plan(ReminderKind.CONFIRM_RECEIPT), rules.local_date(sent_at)
    if plan.steps and meeting.day <= rules.working_days_after(sent, plan.steps[0]):
        # The days of the ladder would come too late, so it is counted in hours (R89, R191).
        hurried = list(_hurried_ladder(sent_at, rules))
        too_late = hurried[-1].at >= meeting.start
        return list(_clock_ladder(sent_at, rules)) if too_late and Flag.ACUTE in case.flags else hurried
    steps = [(step, To.UNIT, "reminder.confirm_receipt.unit") for step in plan.steps]
    if plan.mailbox is not None:
        steps.append((plan.mailbox, To.MAILBOX, "reminder.confirm_receipt.mailbox"))
    if plan.manager is not None:
        steps.append((plan.manager, To.MANAGER, "reminder.confirm_receipt.manager"))
        steps.append((plan.manager, To.PERSON, "reminder.confirm_receipt.phone"))
    days = [(rules.working_days_after(sent, step), step, to, text) for step, to, text in steps]
    return [Rung(day, rules.morning(day), str(step), to, text) for day, step, to, text in days]


def _undelivered_ladder(since: datetime, rules: Rules) -> list[Rung]:
    """Ask whoever summoned, and nobody else: an agency is not silent about what it never heard (R125)."""
    plan, day = rules.plan(ReminderKind.CONFIRM_RECEIPT), rules.local_date(since)
    days = [rules.working_days_after(day, count) for count in sorted({1, *plan.steps[:1]})]
    # By their own days, so that what is lost once more has other keys.
    return [Rung(each, rules.morning(each), each.isoformat(), To.PERSON, UNDELIVERED) for each in days]


def _hurried_ladder(sent_at: datetime, rules: Rules) -> Iterator[Rung]:
    """Count working hours from one rung to the next: nobody is there at night, and each gets the time to act."""
    at, before = sent_at, timedelta()
    for after, to, text in zip(SHORT_NOTICE, (To.UNIT, To.PERSON), HURRIED, strict=True):
        at, before = rules.opening(at + after - before), after
        yield Rung(rules.local_date(sent_at), at, f"+{after.seconds // 3600}h", to, text)


def _clock_ladder(sent_at: datetime, rules: Rules) -> Iterator[Rung]:
    """Count hours of the clock: an acute case does not wait for work to begin after its meeting (R89, days 5B.6)."""
    for after, to, text in zip(SHORT_NOTICE, (To.UNIT, To.PERSON), HURRIED, strict=True):
        yield Rung(rules.local_date(sent_at), sent_at + after, f"+{after.seconds // 3600}h", to, text)


def names(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T4: tell who comes, counted backwards from the meeting (R128)."""
    meeting = _coming(case)
    missing = () if meeting is None else case.owing(meeting)
    if meeting is None or not missing:
        return
    ladder, start, meeting_day = _names_ladder(meeting.day, rules), meeting.start, meeting.day
    for summons in missing:
        standing = summons.standing(meeting.round)
        if standing is Standing.UNDELIVERED:
            continue  # it has not been asked yet
        if standing is Standing.MISDIRECTED and summons.answered is not None:
            yield _wrong_unit(case, meeting, summons, summons.answered.at, rules)
            continue
        since, agency = rules.local_date(_asked_at(summons, meeting)), summons.agency
        base = f"{ReminderKind.NAME_ATTENDEES}:{meeting.number}.{meeting.round}:{agency}:"
        if case.protected:
            # Counted from the asking, so asking again makes other reminders, with keys of their own.
            ladder, base = _names_ladder_from(since, rules), f"{base}{since.isoformat()}:"
        for day, at, step, to, text in ladder:
            if day > since and (summons.obliged or to not in ESCALATIONS):
                yield Due(
                    ReminderKind.NAME_ATTENDEES, base + to, step, to, at, text, "", agency, agency, start, meeting_day
                )


def _wrong_unit(case: Case, meeting: Meeting, summons: Summons, said_at: datetime, rules: Rules) -> Due:
    """Ask whoever summoned for the right unit, until another is asked: the agency has said its own (R126)."""
    said = rules.local_date(said_at)
    return Due(
        ReminderKind.NAME_ATTENDEES,
        f"{ReminderKind.NAME_ATTENDEES}:{meeting.number}.{meeting.round}:{summons.agency}:{summons.revision}:person",
        "+1",
        To.PERSON,
        rules.morning_after(said, 1),
        "reminder.name_attendees.misdirected",
        case.responsible,
        summons.agency,
        case.responsible_agency,
        meeting.start,
        meeting.day,
    )


def _names_ladder(meeting_day: date, rules: Rules) -> list[Rung]:
    plan = rules.plan(ReminderKind.NAME_ATTENDEES)
    steps = [(step, To.UNIT, "reminder.name_attendees.unit") for step in plan.steps]
    if plan.manager is not None:
        steps.append((plan.manager, To.MANAGER, "reminder.name_attendees.manager"))
    days = [(rules.working_days_after(meeting_day, -step), step, to, text) for step, to, text in steps]
    return [Rung(day, rules.morning(day), f"-{step}", to, text) for day, step, to, text in days]


def _names_ladder_from(asked: date, rules: Rules) -> list[Rung]:
    """Count from when it was asked: a rhythm that is counted from a protected meeting tells its day (law 4D.4)."""
    steps = sorted(rules.plan(ReminderKind.NAME_ATTENDEES).steps)
    days = [(rules.working_days_after(asked, step), step) for step in steps]
    return [Rung(day, rules.morning(day), f"+{step}", To.UNIT, "reminder.name_attendees.unit") for day, step in days]


def _asked_at(summons: Summons, meeting: Meeting) -> datetime:
    """Return since when the agency owes names: since it was asked, or since it took back those it had given."""
    answered, naming = summons.answered, summons.naming
    if naming is not None and naming.round == meeting.round and naming.deserted_at is not None:
        return max(summons.sent_at, naming.deserted_at)
    if answered is None or summons.standing(meeting.round) in OWING:
        return summons.sent_at
    return max(summons.sent_at, answered.at)


def day_before(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T6: the meeting is on the next working day; to everybody named before that."""
    steps, meeting = rules.plan(ReminderKind.DAY_BEFORE).steps, _coming(case)
    if meeting is None:
        return
    named = [s.answered.at for s in meeting.live() if s.naming is not None and s.answered is not None]
    if not steps or not named:
        return
    day = rules.working_days_after(meeting.day, -steps[0])
    at = rules.morning(day)
    if at > min(named) and day > rules.local_date(meeting.set_at):
        group = f"{ReminderKind.DAY_BEFORE}:{meeting.number}.{meeting.round}"
        yield Due(
            ReminderKind.DAY_BEFORE,
            group,
            str(steps[0]),
            To.ATTENDEES,
            at,
            "reminder.day_before",
            until=meeting.start,
            day=meeting.day,
        )


def report(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    """T7: tell whether the meeting was held; the chair, then the manager, then the chair every week."""
    plan, meeting = rules.plan(ReminderKind.REPORT_MEETING), _coming(case)
    if meeting is None or not plan.steps:
        return
    day = meeting.day
    base = f"{ReminderKind.REPORT_MEETING}:{meeting.number}.{meeting.round}"
    unit = case.responsible_agency

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        about = unit if to is To.MANAGER else ""
        return Due(
            ReminderKind.REPORT_MEETING, f"{base}:{to.value}", step, to, at, text, meeting.chair, about, unit, None, day
        )

    same_day = rules.at(day, SAME_DAY_TIME)
    if rules.is_open_at(day, SAME_DAY_TIME) and meeting.end <= same_day:
        yield due("0", same_day, "reminder.report_meeting")
    last = day
    for step in plan.steps:
        last = rules.working_days_after(day, step)
        yield due(str(step), rules.morning(last), "reminder.report_meeting")
    if plan.manager is not None:
        yield due(
            str(plan.manager), rules.morning_after(day, plan.manager), "reminder.report_meeting.manager", To.MANAGER
        )
    for late, at in weekly(last + WEEK, last, now, rules):
        yield due(f"over-{late.isoformat()}", at, "reminder.report_meeting")
