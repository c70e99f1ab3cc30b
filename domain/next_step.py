"""What comes next in a case, and by when: for boards, lists and the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.case import Case, State
from domain.rules import Rules, meeting_deadline, plan_deadline
from domain.steps.deliver_summons import undelivered
from domain.steps.report_meeting import lacks
from domain.summons import Standing


class Step(StrEnum):
    """The next thing that somebody does; most are named after the command that does it."""

    ASSESS = "assess"
    CONSENT = "consent"
    SUMMON = "summon"
    WAIT = "wait"  # the agencies answer
    REACH = "reach"  # a summons did not come
    MISDIRECTED = "misdirected"  # the wrong unit was asked, so another one is
    PROPOSED = "proposed"  # another time is proposed, and answered
    DECLINED = "declined"  # an agency that is to attend has said no
    MEET = "meet"  # everybody has answered, the meeting comes
    REPORT = "held"
    COMPLETE = "complete"  # lead or follow-up date is missing
    PLAN = "plan"
    FOLLOW_UP = "follow_up"  # active, the next meeting is not called yet
    CLOSE = "close"
    CONFIRM = "confirm"  # closed, some agencies have not confirmed
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Next:
    """The next step and its last day, when it has one."""

    step: Step
    by: date | None = None


# What an agency says that is not waited for: whoever summoned acts on it (R114, R119, R126). The first comes first.
_ACTED_ON = {
    Standing.MISDIRECTED: Step.MISDIRECTED,
    Standing.PROPOSED: Step.PROPOSED,
    Standing.DECLINED: Step.DECLINED,
}

SUMMONED = frozenset({State.SUMMONED, State.READY, State.FOLLOWUP_SUMMONED, State.FOLLOWUP_READY})


def next_step(case: Case, rules: Rules, now: datetime) -> Next:
    """Return what comes next."""
    state = case.state
    if state is State.NOTICED:
        return Next(Step.ASSESS, meeting_deadline(case, rules.profile, rules.calendar))
    if state in SUMMONED:
        return _around_meeting(case, rules.local_date(now), now)
    if state in {State.ASSESSED, State.PREPARING}:
        step = Step.CONSENT if state is State.ASSESSED else Step.SUMMON
        return Next(step, meeting_deadline(case, rules.profile, rules.calendar))
    if state in {State.PLAN_DRAFT, State.ACTIVE}:
        return _after_meeting(case, rules)
    if state is State.CLOSING:
        return Next(Step.CLOSE)
    if case.closure is not None and any(notice.confirmed is None for notice in case.closure.notices):
        return Next(Step.CONFIRM)
    return Next(Step.NOTHING)


def _around_meeting(case: Case, today: date, now: datetime) -> Next:
    meeting = case.coming_meeting
    if meeting is None:
        return Next(Step.NOTHING)
    if meeting.end <= now:
        return Next(Step.REPORT, meeting.day)
    held_back = any(s.standing(meeting.round) is Standing.HELD_BACK for s in meeting.summonses)
    if not meeting.live() and not held_back:
        # All summonses have been recalled, so others are summoned, or the meeting is called off.
        return Next(Step.SUMMON, meeting.day)
    if undelivered(case):
        return Next(Step.REACH, meeting.day)
    owing = case.owing(meeting)
    if case.consent is not None and case.consent.holds_on(today):
        # After its last day nobody is talked to (R64).
        said = {summons.standing(meeting.round) for summons in owing}
        acted_on = next((step for standing, step in _ACTED_ON.items() if standing in said), None)
        if acted_on is not None:
            return Next(acted_on, meeting.day)
    return Next(Step.WAIT if held_back or owing else Step.MEET, meeting.day)


def _after_meeting(case: Case, rules: Rules) -> Next:
    held = case.last_held
    if held is None or held.report is None:
        return Next(Step.NOTHING)
    if case.plan_of(held) is None:
        return Next(Step.PLAN, plan_deadline(held, rules.profile, rules.calendar))
    if lacks(case, held):
        return Next(Step.COMPLETE)
    return Next(Step.FOLLOW_UP, held.report.follow_up_on)
