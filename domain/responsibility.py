"""Who may do what with a case (R26, R35, R40, R122)."""

from __future__ import annotations

from domain.case import Case
from domain.directory import Directory, Staff
from domain.errors import NotAllowed
from domain.meeting import Meeting


def may_steer(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may act for the case.

    That is samordningsansvarig, huvudansvarig, and, since the unit answers for the process when somebody is away or has
    left (R40), the coordinators and the manager of the responsible person's unit. A protected case is for the first two
    alone, and for the manager once the responsible one is no longer in the directory.
    """
    if staff.id in {case.coordinator, case.lead}:
        return True
    unit = unit_of_responsible(case, directory)
    manager = directory.manager_of(unit) if unit in directory.agencies else None
    if manager is not None and manager.id == staff.id:
        return not case.protected or case.responsible not in directory.staff
    return staff.coordinator and staff.agency == unit and not case.protected


def unit_of_responsible(case: Case, directory: Directory) -> str:
    """Return the unit that answers for the process (R40): that of the responsible one when they took it on."""
    if case.responsible_agency:
        return case.responsible_agency
    responsible = directory.staff.get(case.responsible)
    return responsible.agency if responsible is not None else case.agency


def may_report(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may tell how the meeting went: those who steer the case, and its chair (R55)."""
    meeting = case.coming_meeting
    return (meeting is not None and meeting.chair == staff.id) or may_steer(case, staff, directory)


def require_steering(case: Case, staff: Staff, directory: Directory) -> None:
    """Raise `NotAllowed`, naming who can, when this person may not act for the case."""
    if not may_steer(case, staff, directory):
        raise NotAllowed("right.steering", {"name": name_of(case.responsible, directory)})


def may_see(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may look at the case: those who steer it, and staff of agencies that were told of it.

    An agency that has since left the consent's scope may no longer, until it is told that the case has ended (R62,
    R77). In a protected case: those who steer it, and those named for its meetings.
    """
    if may_steer(case, staff, directory):
        return True
    if case.protected:
        return any(attendee.staff == staff.id for meeting in case.meetings for _, attendee in meeting.attendees())
    if staff.agency == case.agency:
        return True
    in_scope = case.closure is not None or (case.consent is not None and staff.agency in case.consent.agencies)
    return in_scope and staff.agency in case.told()


def require_answering(meeting: Meeting, agency: str, staff: Staff) -> None:
    """Raise `NotAllowed` unless the person works at the agency that was asked: only it may answer (R122)."""
    if staff.agency != agency or meeting.summons_of(agency) is None:
        raise NotAllowed("right.answering")


def name_of(staff_id: str, directory: Directory) -> str:
    """Return a member of staff's name, or the bare word for one who has left the directory."""
    staff = directory.staff.get(staff_id)
    return staff.name if staff is not None else "–"
