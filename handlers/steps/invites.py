"""Who is to have the meeting in the calendar now: invited, told of a change, or taken off again (R123, RFC 5546).

What is written here is looked at once more when it is sent (`letters/invitations.py`): the consent may be another by
then.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.attendee import Attendee
from domain.case import Case
from domain.meeting import Meeting
from handlers import mails
from handlers.request import Request
from storage.outbox.outbox import Letter


def _may_mail(request: Request, case: Case) -> bool:
    """Say whether there are calendar mails at all: a protected case has none (R109, law 4D)."""
    return bool(request.services.mail_from) and not case.protected


def invited(request: Request, case: Case, meeting: Meeting, agency: str, people: Iterable[Attendee]) -> list[Letter]:
    """Return an invite to these attendees of an agency. Who has the same one already is not mailed again."""
    if not _may_mail(request, case):
        return []
    return [
        mails.invite(case, meeting, agency, attendee, "REQUEST", request.now, again=case.version)
        for attendee in people
        if attendee.email
    ]


def updated(request: Request, case: Case, meeting: Meeting) -> list[Letter]:
    """Return the meeting as it is now to every calendar that is to have it."""
    return [
        letter
        for agency, attendee in meeting.invitees()
        for letter in invited(request, case, meeting, agency, (attendee,))
    ]


def cancelled(request: Request, case: Case, before: Meeting, after: Meeting) -> list[Letter]:
    """Return a cancellation to everybody who has been un-invited by a change."""
    if not _may_mail(request, case):
        return []
    known = {attendee.key for attendee in before.uninvited}
    return [
        mails.invite(case, after, "", attendee, "CANCEL", request.now)
        for attendee in after.uninvited
        if attendee.key not in known and attendee.email
    ]


def released(request: Request, case: Case, meeting: Meeting, agency: str) -> list[Letter]:
    """Return what was held back of an agency that has named who comes, now that the consent covers it (R62, R75)."""
    summons = meeting.summons_of(agency)
    if summons is None or summons.naming is None or summons.decline is not None:
        return []
    file = mails.calendar_file(case, meeting, agency, request.directory, request.now, again=case.version)
    return [file, *invited(request, case, meeting, agency, summons.naming.attendees)]
