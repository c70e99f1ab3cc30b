"""The two buttons on what a manager is told: "I know" and "I take it" (process 7D).

Either way it is the manager's question from now on. It comes back to them, and rests meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from domain.case import Case
from domain.reminders.deadlines import deadlines
from domain.reminders.due import Due, To
from domain.snooze import Snooze
from handlers import enqueue
from handlers.reminders import ManagerAnswer
from handlers.request import Request
from handlers.ui.responses import Response
from storage.outbox.outbox import Letter

# When it is asked again: of what a manager knows, and sooner of what they have taken on.
KNOWN_FOR: Final = timedelta(weeks=4)
TAKEN_FOR: Final = timedelta(weeks=2)


def known(request: Request, case: Case, due: Due) -> Response:
    """The manager knows of it and leaves it where it is."""
    until = request.today + KNOWN_FOR
    entry = request.entry("reminder.known", {"reminder": due.key, "until": until.isoformat()})
    request.save(case, _resting(case, [due.group], until, ManagerAnswer.KNOWN), [entry])
    return request.say("reminders.known", code=case.code, day=request.words.day(until))


def take(request: Request, case: Case, due: Due) -> Response:
    """The manager sees to it: whoever was reminded is left alone meanwhile, and who answers for the case is told."""
    until = request.today + TAKEN_FOR
    others = {
        other.group
        for other in deadlines(case, request.services.rules_of(case), request.now)
        if other.kind is due.kind and other.to is not To.MANAGER and other.agency in {"", due.agency}
    }
    after = _resting(case, [due.group, *sorted(others)], until, ManagerAnswer.TAKEN)
    entry = request.entry("reminder.taken", {"reminder": due.key, "until": until.isoformat()})
    request.save(case, after, [entry], [] if case.responsible == request.staff.id else [_told(request, case, due)])
    return request.say("reminders.taken", code=case.code, day=request.words.day(until))


def _resting(case: Case, groups: Iterable[str], until: date, answer: ManagerAnswer) -> Case:
    return replace(case, snoozes={**case.snoozes, **dict.fromkeys(groups, Snooze(until, answer.value))})


def _told(request: Request, case: Case, due: Due) -> Letter:
    directory, name = request.directory, request.staff.name
    return enqueue.note(case, case.responsible, "note.taken", directory, request.now, agency=due.agency, name=name)
