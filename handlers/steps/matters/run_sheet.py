"""`/sip möte`: the run sheet, which the chair ticks off in place while the meeting is held (R135-R137, R149)."""

from __future__ import annotations

from domain.case import Case
from domain.errors import WrongState
from domain.meeting import Meeting
from domain.responsibility import stand_in_of
from domain.steps.run_sheet import meeting_to_run, require_begun, require_point, tick
from handlers import notices
from handlers.request import Request
from handlers.save import put_letters
from handlers.ui.actions import OnePoint
from handlers.ui.responses import Response
from storage.outbox.outbox import Letter


def show(request: Request, code: str) -> Response:
    """Put the run sheet into the direct messages of the one who asks."""
    case = request.case_to_report(code)
    meeting = meeting_to_run(case)
    letter = notices.run_sheet(case, meeting, request.staff.id, request.directory, request.now, first=True)
    put_letters(request.tx, [letter])
    return request.say("sheet.shown", code=case.code)


def press(request: Request, token: OnePoint) -> Response:
    """Tick a point off, or take the tick away again."""
    case = request.case_to_report(token.code)
    meeting = meeting_to_run(case)
    if meeting.number != token.meeting:
        raise WrongState("sheet.over_already")
    require_begun(case, meeting, request.now)
    require_point(meeting, token.point)
    after = tick(case, meeting, token.point, request.stamp)
    found = after.coming_meeting
    done = found is not None and found.tick_of(token.point) is not None
    details: dict[str, str | int] = {"meeting": meeting.number, "point": token.point.value, "done": int(done)}
    saved = request.save(
        case, after, [request.entry("sheet.ticked", details)], sheets(request, after, meeting, request.staff.id)
    )
    return request.say("sheet.ticked" if done else "sheet.unticked", code=saved.code)


def sheets(request: Request, case: Case, meeting: Meeting, *also: str) -> list[Letter]:
    """Return the run sheets of all who may have one before them, as the meeting is now."""
    seats = (meeting.chair, case.coordinator, case.responsible)
    deputies = (stand_in_of(case, who, request.directory) for who in seats)
    people = dict.fromkeys((*also, *seats, *(one.id for one in deputies if one is not None)))
    return [
        notices.run_sheet(case, meeting, who, request.directory, request.now)
        for who in people
        if who in request.directory.staff
    ]
