"""A summons that never came is sent again, once the agency's channel has been put right (R123, R125)."""

from __future__ import annotations

from domain.responsibility import place_of
from domain.steps.answer_summons import find_summons
from domain.summons import Standing
from handlers import enqueue
from handlers.request import Request
from handlers.ui.actions import OneSummons
from handlers.ui.responses import Response


def send(request: Request, token: OneSummons) -> Response:
    """Send it again; one that has come meanwhile, or has nowhere to go, is said to."""
    case = request.case_to_steer(token.code)
    asked = find_summons(case, token.meeting, token.agency, request.now)
    name = request.agency_name(token.agency)
    if asked.summons.standing(asked.meeting.round) is not Standing.UNDELIVERED:
        return request.say("send_again.came", code=case.code, agency=name)
    if not place_of(case, token.agency, request.directory):
        return request.say("note.nobody_named" if case.protected else "note.no_channel", code=case.code, agency=name)
    entry = request.entry("summons.sent_again", {"meeting": asked.meeting.number}, agency=token.agency)
    occasion = f"again:{request.now.isoformat()}"
    letter = enqueue.summons(case, asked.meeting, token.agency, request.directory, request.now, occasion=occasion)
    request.save(case, case, [entry], [letter])
    return request.say("send_again.done", code=case.code, agency=name)
