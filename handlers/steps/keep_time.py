"""A proposed time is answered with no: the booked one stands, and whoever proposed another hears so (R119)."""

from __future__ import annotations

from domain.steps.answer_summons import find_summons, keep_time
from domain.summons import Standing
from handlers import enqueue
from handlers.request import Request
from handlers.ui.actions import OneSummons
from handlers.ui.responses import Response


def keep(request: Request, token: OneSummons) -> Response:
    """Keep the booked time. Once the proposal has been answered another way, that is what is said."""
    case = request.case_to_steer(token.code)
    asked = find_summons(case, token.meeting, token.agency, request.now)
    name = request.agency_name(token.agency)
    if asked.summons.standing(asked.meeting.round) is not Standing.PROPOSED:
        return request.say("proposal.answered_already", code=case.code, agency=name)
    after = keep_time(asked)
    meeting = after.meetings[-1]
    entry = request.entry("summons.kept", {"meeting": meeting.number}, agency=token.agency)
    letters = [
        enqueue.summons(after, meeting, token.agency, request.directory, request.now),
        enqueue.summons_notice(after, meeting, token.agency, "kept", request.directory, request.now),
    ]
    request.save(case, after, [entry], letters)
    return request.say("proposal.kept", code=case.code, agency=name)
