"""Who may do what with a case (R26, R35, R40, R122)."""

from __future__ import annotations

from sipbot.domain.case import Case
from sipbot.domain.directory import Directory, Staff
from sipbot.domain.errors import NotAllowed
from sipbot.domain.meeting import Meeting


def may_steer(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may act for the case.

    That is samordningsansvarig, huvudansvarig, and, since the unit answers for the process when somebody is away (R40),
    a coordinator or the manager of the responsible person's unit. In a protected case only the first two.
    """
    if staff.id in {case.coordinator, case.lead}:
        return True
    if case.protected:
        return False
    responsible = directory.staff.get(case.responsible)
    if responsible is None or responsible.agency != staff.agency:
        return False
    manager = directory.manager_of(responsible.agency)
    return staff.coordinator or (manager is not None and manager.id == staff.id)


def require_steering(case: Case, staff: Staff, directory: Directory) -> None:
    """Raise `NotAllowed`, naming who can, when this person may not act for the case."""
    if not may_steer(case, staff, directory):
        raise NotAllowed("right.steering", {"name": name_of(case.responsible, directory)})


def may_see(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may look at the case: those who steer it, and staff of agencies that were told of it.

    In a protected case: those who steer it, and those named for its meetings.
    """
    if may_steer(case, staff, directory):
        return True
    if case.protected:
        return any(attendee.staff == staff.id for meeting in case.meetings for _, attendee in meeting.attendees())
    return staff.agency in case.parties()


def require_answering(meeting: Meeting, agency: str, staff: Staff) -> None:
    """Raise `NotAllowed` unless the person works at the agency that was asked: only it may answer (R122)."""
    if staff.agency != agency or meeting.summons_of(agency) is None:
        raise NotAllowed("right.answering")


def name_of(staff_id: str, directory: Directory) -> str:
    """Return a member of staff's name, or the bare word for one who has left the directory."""
    staff = directory.staff.get(staff_id)
    return staff.name if staff is not None else "–"
