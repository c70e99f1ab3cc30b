"""T3, T4, T6 and T7: the summonses to a meeting, the day before it, and how it went (R125, R128)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import NamedTuple

from domain.case import Case
from domain.meeting import Meeting, Standing, Summons
from domain.reminders.due import Due, To
from domain.reminders.repeating import weekly
from domain.rules import WEEK, Rules

T6_TIME = time(9)
T7_TIME = time(16)
T7_MORNING = time(9)

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


def receipts(case: Case, meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T3: confirm that the summons has come (R125); at last the one who summoned is told to phone."""
    start, day, number, meeting_round = meeting.start, meeting.day, meeting.number, meeting.round
    ladders: dict[datetime, list[Rung]] = {}
    for summons in meeting.summonses:
        if summons.standing(meeting_round) is not Standing.SENT:
            continue
        agency, sent_at = summons.agency, summons.sent_at
        if sent_at not in ladders:
            ladders[sent_at] = _receipt_ladder(rules.local_date(sent_at), rules)
        base = f"T3:{number}.{meeting_round}:{agency}:{summons.revision}:"
        for _, at, step, to, text in ladders[sent_at]:
            if to in ESCALATIONS and not summons.obliged:
                continue
            if to is To.PERSON:
                who, unit = case.responsible, case.responsible_agency
            else:
                who, unit = "", agency
            yield Due("T3", base + to, step, to, at, text, who, agency, unit, start, day)


def _receipt_ladder(sent: date, rules: Rules) -> list[Rung]:
    plan = rules.plan("T3")
    steps = [(step, To.UNIT, "nag.T3.unit") for step in plan.steps]
    if plan.mailbox is not None:
        steps.append((plan.mailbox, To.MAILBOX, "nag.T3.mailbox"))
    if plan.manager is not None:
        steps.append((plan.manager, To.MANAGER, "nag.T3.manager"))
        steps.append((plan.manager, To.PERSON, "nag.T3.phone"))
    days = [(rules.working_days_after(sent, step), step, to, text) for step, to, text in steps]
    return [Rung(day, rules.morning(day), str(step), to, text) for day, step, to, text in days]


def names(meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T4: tell who comes, counted backwards from the meeting (R128)."""
    missing = meeting.missing()
    if not missing:
        return
    ladder, start, meeting_day = _names_ladder(meeting.day, rules), meeting.start, meeting.day
    for summons in missing:
        since, agency = rules.local_date(_asked_at(summons, meeting)), summons.agency
        base = f"T4:{meeting.number}.{meeting.round}:{agency}:"
        for day, at, step, to, text in ladder:
            if day > since and (summons.obliged or to not in ESCALATIONS):
                yield Due("T4", base + to, step, to, at, text, "", agency, agency, start, meeting_day)


def _names_ladder(meeting_day: date, rules: Rules) -> list[Rung]:
    plan = rules.plan("T4")
    steps = [(step, To.UNIT, "nag.T4.unit") for step in plan.steps]
    if plan.manager is not None:
        steps.append((plan.manager, To.MANAGER, "nag.T4.manager"))
    days = [(rules.working_days_after(meeting_day, -step), step, to, text) for step, to, text in steps]
    return [Rung(day, rules.morning(day), f"-{step}", to, text) for day, step, to, text in days]


def _asked_at(summons: Summons, meeting: Meeting) -> datetime:
    """Return since when the agency owes names: since it was asked, or since it took back those it had given."""
    answered, naming = summons.answered, summons.naming
    if naming is not None and naming.round == meeting.round and naming.deserted_at is not None:
        return max(summons.sent_at, naming.deserted_at)
    if answered is None or summons.standing(meeting.round) in OWING:
        return summons.sent_at
    return max(summons.sent_at, answered.at)


def day_before(meeting: Meeting, rules: Rules) -> Iterator[Due]:
    """T6: the meeting is on the next working day; to everybody named before that."""
    steps = rules.plan("T6").steps
    named = [s.answered.at for s in meeting.live() if s.naming is not None and s.answered is not None]
    if not steps or not named:
        return
    day = rules.working_days_after(meeting.day, -steps[0])
    at = rules.at_or_opening(day, T6_TIME)
    if at > min(named) and day > rules.local_date(meeting.set_at):
        group = f"T6:{meeting.number}.{meeting.round}"
        yield Due("T6", group, str(steps[0]), To.ATTENDEES, at, "nag.T6", until=meeting.start, day=meeting.day)


def report(case: Case, meeting: Meeting, rules: Rules, now: datetime) -> Iterator[Due]:
    """T7: tell whether the meeting was held; the chair, then the manager, then the chair every week."""
    plan, day = rules.plan("T7"), meeting.day
    if not plan.steps:
        return
    base = f"T7:{meeting.number}.{meeting.round}"
    unit = case.responsible_agency

    def due(step: str, at: datetime, text: str, to: To = To.PERSON) -> Due:
        about = unit if to is To.MANAGER else ""
        return Due("T7", f"{base}:{to.value}", step, to, at, text, meeting.chair, about, unit, None, day)

    same_day = rules.at(day, T7_TIME)
    if rules.is_open_at(day, T7_TIME) and meeting.end <= same_day:
        yield due("0", same_day, "nag.T7")
    last = day
    for step in plan.steps:
        last = rules.working_days_after(day, step)
        yield due(str(step), rules.at_or_opening(last, T7_MORNING), "nag.T7")
    if plan.manager is not None:
        yield due(str(plan.manager), rules.morning_after(day, plan.manager), "nag.T7.manager", To.MANAGER)
    for late, at in weekly(last + WEEK, last, now, rules):
        yield due(f"over-{late.isoformat()}", at, "nag.T7")
