"""What is due when, and who is reminded: one pure function of the case (process 7D, days 5B).

A `Due` is one moment at which somebody is to hear of something that is still open. When the thing is done, the case
no longer yields the `Due`, and a reminder that has gone out is taken away. Nothing here is stored except the keys that
fired.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter

from domain.case import Case
from domain.reminders import coming_meeting, held_meeting
from domain.reminders.consent_expiry import consent_expiry
from domain.reminders.due import Due
from domain.reminders.ended_case import unconfirmed, undelivered
from domain.reminders.first_meeting import first_meeting
from domain.rules import Rules


def deadlines(case: Case, rules: Rules, now: datetime) -> tuple[Due, ...]:
    """Return every reminder that the case as it is now would send, fired or not, in order of time.

    Of reminders that repeat without end, these are the newest before `now` and the first after it.
    """
    dues = list(_dues(case, rules, now))
    if case.snoozes:
        dues = list(_snoozed(case, dues, rules))
    dues.sort(key=attrgetter("at"))
    return tuple(dues)


def next_due(case: Case, dues: tuple[Due, ...]) -> datetime | None:
    """Return the instant of the earliest reminder that has not fired."""
    return next((due.at for due in dues if due.key not in case.fired), None)


def _dues(case: Case, rules: Rules, now: datetime) -> Iterator[Due]:
    if case.closure is not None:
        yield from undelivered(case, case.closure, rules)
        yield from unconfirmed(case, case.closure, rules)
        return
    if not case.is_open:
        return
    yield from first_meeting(case, rules, now)
    yield from consent_expiry(case, rules)
    coming, held = case.coming_meeting, case.last_held
    if coming is not None:
        yield from coming_meeting.receipts(case, coming, rules)
        yield from coming_meeting.names(coming, rules)
        yield from coming_meeting.day_before(coming, rules)
        yield from coming_meeting.report(case, coming, rules, now)
    if held is not None and held.report is not None:
        yield from held_meeting.plan_sent(case, held, held.report, rules, now)
        if coming is None:
            yield from held_meeting.open_points(case, held, held.report, rules, now)
            yield from held_meeting.follow_up(case, held.report, rules, now)


def _snoozed(case: Case, dues: list[Due], rules: Rules) -> Iterator[Due]:
    """Leave out what somebody asked not to hear until a day, and ask again then. Escalations are other groups."""
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
            again[due.group] = due._replace(step=f"snoozed-{snooze.until.isoformat()}", at=wakes)
    yield from again.values()
