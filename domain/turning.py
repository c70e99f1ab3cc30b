"""When what is shown of a case turns by itself, without anybody doing anything: cards are drawn anew then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from domain.case import Case
from domain.rules import Rules
from domain.steps.deviations import unanswered_from
from domain.steps.evaluate import LAST_DAY


def turns(case: Case, rules: Rules) -> Iterator[datetime]:
    """Yield the instants at which a board or a card says something else than the moment before.

    Nobody can answer a summons once the meeting has begun; after its end the next step is to tell how it went; after
    the last day of the consent nothing may be exchanged (R64); a plan that is late may be a deviation, and so may a
    summons that is not answered shortly before the meeting (R182); a day by which a meeting was to be held has passed
    (R90, R142).
    """
    meeting, consent, held = case.coming_meeting, case.consent, case.last_held
    if case.is_open and held is not None and case.plan_of(held) is None:
        yield rules.at(rules.plan_deadline(held) + timedelta(days=1), time(0))
    if case.is_open and meeting is None:
        yield from _passing(case, rules)
    if meeting is not None:
        yield meeting.start
        yield meeting.end
        yield from (rules.at(day, time(0)) for _, day in unanswered_from(case, rules))
    if case.is_open and consent is not None and consent.valid_until is not None:
        yield rules.at(consent.valid_until + timedelta(days=1), time(0))


def evaluation_over(case: Case, rules: Rules) -> datetime | None:
    """Return when the last meeting that was held can be evaluated no longer, also in a case that has ended (R147).

    Its summonses offer it until then. The board does not, and in a case that has ended it may be taken away by then.
    """
    held = case.last_held
    return None if held is None else rules.at(held.day + LAST_DAY + timedelta(days=1), time(0))


def _passing(case: Case, rules: Rules) -> Iterator[datetime]:
    """Yield when the day by which a meeting was to be held has passed, and none is booked."""
    held, by = case.last_held, None
    if held is None:
        by = rules.meeting_deadline(case)
    elif held.report is not None:
        by = held.report.follow_up_on
    if by is not None:
        yield rules.at(by + timedelta(days=1), time(0))


def next_turn(case: Case, rules: Rules, now: datetime) -> datetime | None:
    """Return the first of these instants after `now`."""
    over = evaluation_over(case, rules)
    return min((at for at in (*turns(case, rules), over) if at is not None and at > now), default=None)
