"""T5: chair, secretary, interpreter, room and link, before the meeting (R30, R55, R105)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.case import Case, Flag
from domain.matters.preparation import Task
from domain.meeting import Meeting, Mode
from domain.reminders.due import Due, ReminderKind, To
from domain.rules import Rules


def unready(case: Case, rules: Rules, _now: datetime) -> Iterator[Due]:
    """T5, to the one who is responsible, while something of it is not done."""
    plan, meeting = rules.plan(ReminderKind.READY_MEETING), case.coming_meeting
    if not case.is_open or meeting is None or not is_unready(case, meeting):
        return
    set_on, group = rules.local_date(meeting.set_at), f"{ReminderKind.READY_MEETING}:{meeting.number}.{meeting.round}"
    for step in plan.steps:
        day = rules.working_days_after(meeting.day, -step)
        if day > set_on:
            yield Due(
                ReminderKind.READY_MEETING,
                group,
                f"-{step}",
                To.PERSON,
                rules.morning(day),
                "reminder.ready_meeting",
                case.responsible,
                "",
                case.responsible_agency,
                meeting.start,
                meeting.day,
            )


def is_unready(case: Case, meeting: Meeting) -> bool:
    """Say whether something is missing: a secretary, an interpreter who is needed, a room or a link."""
    done = case.preparation.done
    no_room = meeting.mode is not Mode.PHONE and not (meeting.place or meeting.link) and Task.ROOM not in done
    return not meeting.secretary or (Flag.INTERPRETER in case.flags and Task.AIDS not in done) or no_room
