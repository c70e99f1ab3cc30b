"""Those who run the coming meeting get it in their calendars, and lose it when they no longer do (R30, R55)."""

from __future__ import annotations

from domain.attendee import Attendee
from domain.audience import Occasion, audience
from domain.case import Case
from domain.directory import Staff
from domain.steps.hosts import with_hosts
from handlers import enqueue
from handlers.request import Request
from handlers.steps import invites
from storage.outbox.outbox import Letter


def hosted(request: Request, case: Case) -> tuple[Case, list[Letter]]:
    """Return the case with the hosts of its coming meeting as they are now, and the mails to those who are new."""
    before, after = case.coming_meeting, with_hosts(case, request.directory, lambda staff: _fresh(request, staff))
    meeting = after.coming_meeting
    if before is None or meeting is None or meeting == before:
        return case, []
    known = {host.who.key for host in before.hosts}
    letters = [
        letter
        for host in meeting.hosts
        if host.who.key not in known
        for letter in invites.invited(request, after, meeting, host.agency, (host.who,))
    ]
    return after, [*letters, *invites.cancelled(request, after, before, meeting)]


def _fresh(request: Request, staff: Staff) -> Attendee:
    ids = request.services.ids
    return Attendee(ids.token(), ids.token(), staff.name, staff.title, staff.email, staff.id, bounce=ids.token())


def cards_of_the_meeting(request: Request, case: Case) -> list[Letter]:
    """Return the agencies' summonses, which show who runs the meeting."""
    return enqueue.summonses(case, case.coming_meeting, request.directory, request.now)


def words_of_lead(request: Request, before: Case, after: Case) -> list[Letter]:
    """Return the word to the agencies that somebody else is huvudansvarig (R44); before there is one nobody waits."""
    if (after.lead, after.lead_outside) == (before.lead, before.lead_outside):
        return []
    told = audience(after, Occasion.LEAD_CHANGE)
    return [enqueue.lead_changed(after, agency, request.directory, request.now) for agency in told]
