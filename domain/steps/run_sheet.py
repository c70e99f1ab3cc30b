"""The run sheet of the coming meeting is ticked off while it is held (R135-R137)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain.case import Case
from domain.errors import NotFound, WrongState
from domain.matters.run_sheet import Point, Tick
from domain.meeting import Meeting
from domain.stamp import Stamp

# Somebody may begin before the time, and the chair opens the sheet while people sit down.
EARLIEST: Final = timedelta(hours=1)


def meeting_to_run(case: Case) -> Meeting:
    """Return the meeting whose run sheet is used.

    Raises:
        WrongState: no meeting is called.
    """
    meeting = case.coming_meeting
    if meeting is None:
        raise WrongState("sheet.no_meeting", {"code": case.code})
    return meeting


def require_begun(case: Case, meeting: Meeting, now: datetime) -> None:
    """Raise `WrongState` before anybody can be there: what is ticked off stands in the report as done (R135)."""
    if now < meeting.start - EARLIEST:
        raise WrongState("sheet.too_early", {"code": case.code})


def require_point(meeting: Meeting, point: Point) -> None:
    """Raise `NotFound` for a point that does not stand on this meeting's sheet."""
    if point not in meeting.points():
        raise NotFound("sheet.no_point")


def tick(case: Case, meeting: Meeting, point: Point, stamp: Stamp) -> Case:
    """Return the case with a point ticked off, or with the tick taken away when there was one."""
    others = tuple(tick for tick in meeting.ticks if tick.point is not point)
    ticks = others if len(others) < len(meeting.ticks) else (*others, Tick(point, stamp))
    return case.with_meeting(replace(meeting, ticks=ticks))
