"""Whose meetings a case holds: what one person's own calendar feed shows of it, time and code alone (law 4D)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.case import Case
from domain.meeting import Meeting
from domain.report import Outcome

LOOKS_BACK = timedelta(days=30)
"""How long a meeting that is over stays in a feed."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One meeting of one person. `cancelled`: it was called off, or this person was taken off it."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    cancelled: bool = False


def feed_entries(case: Case) -> dict[str, tuple[FeedEntry, ...]]:
    """Return the meetings of everybody in the directory who has some in this case, by staff id.

    Those are the people named, chair and secretary, and the one who is responsible. A protected case stands in no
    calendar at all (R109), and after a withdrawal nothing of a meeting that was still to come is left (R78).
    """
    if case.protected or case.denial is not None:
        return {}
    found: dict[str, tuple[FeedEntry, ...]] = {}
    for meeting in case.meetings:
        if case.closure is not None and meeting.is_open:
            continue
        for staff, entry in _of_meeting(case, meeting).items():
            found[staff] = (*found.get(staff, ()), entry)
    return found


def _of_meeting(case: Case, meeting: Meeting) -> dict[str, FeedEntry]:
    called_off = meeting.report is not None and meeting.report.outcome is Outcome.NOT_HELD
    coming = {who.staff for _, who in meeting.invitees()} | {case.responsible}
    # Who was taken off since they work elsewhere runs it no longer, whatever it says of chair and secretary.
    coming |= set() if meeting.hosts else {meeting.chair, meeting.secretary}
    taken_off = {who.staff for who in meeting.uninvited} - coming
    return {
        staff: FeedEntry(meeting.uid, meeting.sequence, meeting.start, meeting.end, called_off or staff in taken_off)
        for staff in (coming | taken_off)
        if staff
    }


def kept_until(found: tuple[FeedEntry, ...]) -> datetime:
    """Return the instant after which none of these meetings is shown any more."""
    return max(entry.end for entry in found) + LOOKS_BACK
