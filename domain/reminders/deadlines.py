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
from domain.reminders.consent_expiry import within_consent
from domain.reminders.due import Due
from domain.reminders.kinds import KINDS
from domain.rules import Rules


def deadlines(case: Case, rules: Rules, now: datetime) -> tuple[Due, ...]:
    """Return every reminder that the case as it is now would send, fired or not, in order of time.

    Of reminders that repeat without end, these are the newest before `now` and the first after it.
    """
    found = (due for kind in KINDS for due in kind.dues(case, rules, now))
    dues = list(within_consent(case, found, rules.local_date(now)))
    if case.snoozes:
        dues = list(_snoozed(case, dues, rules))
    dues.sort(key=attrgetter("at"))
    return tuple(dues)


def next_due(case: Case, dues: tuple[Due, ...]) -> datetime | None:
    """Return the instant of the earliest reminder that has not fired."""
    return next((due.at for due in dues if due.key not in case.fired), None)


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
