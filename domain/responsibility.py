"""Who may do what with a case (R26, R35, R40, R76, R122; law 4D.9).

Rights follow the unit and the role that somebody has now, in today's directory. Who has left a unit, or has handed a
case over, keeps none of the rights that came with it.
"""

from __future__ import annotations

from domain.audience import Occasion, hears, in_scope
from domain.case import Case
from domain.directory import Directory, Staff
from domain.errors import NotAllowed
from domain.meeting import Meeting


def works_at(staff_id: str, unit: str, directory: Directory) -> bool:
    """Say whether somebody works at a unit today. Where an old case noted no unit, whichever they are of will do."""
    staff = directory.staff.get(staff_id)
    return staff is not None and unit in {"", staff.agency}


def may_steer(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may act for the case.

    That is the one who is responsible, and, since the unit answers for the process when somebody is away or has left
    (R40), the coordinators and the manager of the responsible unit. A protected case is for the first alone, and for
    the manager once the responsible one works there no longer.
    """
    return _acts_for(case, staff, directory, who=case.responsible, unit=unit_of_responsible(case, directory))


def may_send_plan(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may record that the plan was sent.

    After the first meeting that is still for the unit that called it, although the case has passed on (R194).
    """
    if may_steer(case, staff, directory):
        return True
    held = case.last_held
    if held is None or case.closure is not None or case.plan_of(held) is not None:
        return False
    who, unit = case.plan_sender_of(held), case.plan_sender_agency_of(held)
    return _acts_for(case, staff, directory, who=who, unit=unit)


def _acts_for(case: Case, staff: Staff, directory: Directory, *, who: str, unit: str) -> bool:
    if staff.id == who and staff.agency == unit:
        # Huvudansvarig may be anybody of the unit; to coordinate before that is a role (R26, R36).
        return staff.coordinator or who == case.lead
    manager = directory.manager_of(unit) if unit in directory.agencies else None
    absent = directory.staff.get(who)
    if absent is not None and absent.agency == unit and stands_in(case, staff, who, directory):
        return absent.coordinator or who == case.lead
    if manager is not None and manager.id == staff.id:
        return not case.protected or not works_at(who, unit, directory)
    return staff.coordinator and staff.agency == unit and not case.protected


def stand_in_of(case: Case, who: str, directory: Directory) -> Staff | None:
    """Return who stands in today in a case for somebody who is away, if anybody does.

    In a protected case that is a colleague whom the directory names as their deputy, and nobody else: a manager who
    sets somebody away gets nothing to see by that (law 4D.4, law 4D.9).
    """
    return directory.deputy_for(who) if case.protected else directory.stand_in_for(who)


def holder_of(case: Case, who: str, directory: Directory) -> str:
    """Return who has somebody's seat in a case today, by staff id: they themselves, or whoever stands in."""
    stand_in = stand_in_of(case, who, directory)
    return who if stand_in is None else stand_in.id


def stands_in(case: Case, staff: Staff, who: str, directory: Directory) -> bool:
    """Say whether this person stands in today in a case for somebody who is away, and may do as they may (law 4D.9)."""
    stand_in = stand_in_of(case, who, directory)
    return stand_in is not None and stand_in.id == staff.id


def reached_at(case: Case, who: str, directory: Directory) -> str:
    """Return the address at which somebody is told today of what waits for them in a case: theirs, or their deputy's.

    What is for one person goes there, whatever their seat is: who is responsible, chair, secretary, one who comes.
    """
    return directory.address_of(stand_in_of(case, who, directory) or who)


def keeps_seat(case: Case, who: str, directory: Directory) -> bool:
    """Say whether somebody may still run a meeting: they work at a unit that hears of the case (R62; law 4D.9)."""
    staff = directory.staff.get(who)
    return staff is not None and (in_scope(case, staff.agency) or staff.agency in units_at_work(case))


def unit_of_responsible(case: Case, directory: Directory) -> str:
    """Return the unit that answers for the process (R40): that of the responsible one when they took it on."""
    if case.responsible_agency:
        return case.responsible_agency
    responsible = directory.staff.get(case.responsible)
    return responsible.agency if responsible is not None else case.agency


def units_at_work(case: Case) -> frozenset[str]:
    """Return the units that have something to do in a case without being asked by a summons.

    The one that answers for it, and the one that still owes the plan of a meeting (R194). They need no consent to hear
    of the case; the unit that opened it and has handed it over does.
    """
    units, held = {case.responsible_agency or case.agency}, case.last_held
    if held is not None and case.closure is None and case.plan_of(held) is None:
        units.add(case.plan_sender_agency_of(held))
    return frozenset(units)


def is_vacant(case: Case, directory: Directory) -> bool:
    """Say whether whoever is responsible works at the unit no longer, so that it is to name somebody else (R40)."""
    return case.is_open and not works_at(case.responsible, case.responsible_agency, directory)


def receiver_of(case: Case, who: str, directory: Directory) -> str:
    """Return the address at which coordinator or lead is told of the case today, "" when nobody is left to tell.

    For somebody who is away their deputy stands in. For somebody who works at the unit no longer its manager does, or
    without one its first coordinator (R40).
    """
    unit = unit_of_responsible(case, directory) if who == case.responsible else case.agency
    if works_at(who, unit, directory):
        return reached_at(case, who, directory)
    for each in dict.fromkeys((unit, case.agency)):
        if each in directory.agencies:
            staff = () if case.protected else directory.staff_of(each)
            coordinators = (directory.address_of(person) for person in staff if person.coordinator)
            address = directory.address_of_manager(each) or next(coordinators, "")
            if address:
                return address
    return ""


def may_receive(case: Case, who: str, address: str, directory: Directory) -> bool:
    """Say whether a word to coordinator or lead may still be shown at the address that it was written to.

    Who goes away or comes back while a word waits loses none: it is shown where it was on its way to.
    """
    if address == receiver_of(case, who, directory):
        return True
    staff = directory.staff.get(who)
    unit = unit_of_responsible(case, directory) if who == case.responsible else case.agency
    if staff is None or not works_at(who, unit, directory):
        return False
    deputy = directory.by_identity(staff.deputy)
    known = (staff, *((deputy,) if deputy is not None and deputy.agency == staff.agency else ()))
    return address in {directory.address_of(person) for person in known}


def place_of(case: Case, agency: str, directory: Directory) -> str:
    """Return the address at which an agency is told of a case, "" when there is none in chat.

    That is its own channel. In a protected case it is one named person alone: of a unit that answers or has answered
    for the case whoever does or did; else the one who was chosen when the agency was summoned, or somebody it has named
    itself, while they work there; else its first coordinator (law 4D.4). For one who is away it is the deputy whom the
    directory names.
    """
    if agency not in directory.agencies:
        return ""
    if not case.protected:
        return directory.address_of_agency(agency)
    summonses = [s for meeting in reversed(case.meetings) if (s := meeting.summons_of(agency)) is not None]
    answers = {case.agency: case.coordinator, case.responsible_agency: case.responsible}.get(agency, "")
    chosen = (answers, *(who for s in summonses for who in (s.recipient, *(a.staff for a in s.named()))))
    coordinators = (person.id for person in directory.staff_of(agency) if person.coordinator)
    found = next((who for who in (*chosen, *coordinators) if works_at(who, agency, directory)), "")
    return reached_at(case, found, directory) if found else ""


def may_report(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may tell how the meeting went: those who steer the case, and its chair (R55).

    For a chair who is away it is their deputy.
    """
    meeting = case.coming_meeting
    if meeting is not None and runs_meeting(case, meeting, staff, directory):
        return True
    return may_steer(case, staff, directory)


def runs_meeting(case: Case, meeting: Meeting, staff: Staff, directory: Directory) -> bool:
    """Say whether this person is the chair, or stands in today for the chair, and may hear of the case."""
    chair = directory.staff.get(meeting.chair)
    if chair is None or not meeting.is_hosted_by(chair.id, chair.agency):
        return False
    is_chair = chair.id == staff.id or stands_in(case, staff, chair.id, directory)
    return is_chair and keeps_seat(case, chair.id, directory)


def require_steering(case: Case, staff: Staff, directory: Directory) -> None:
    """Raise `NotAllowed`, naming who can, when this person may not act for the case."""
    if not may_steer(case, staff, directory):
        raise NotAllowed("right.steering", {"name": name_of(case.responsible, directory)})


def may_see(case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether this person may look at the case: those who steer it, and staff of agencies that were told of it.

    An agency that has since left the consent's scope may no longer, until it is told that the case has ended (R62,
    R77). In a protected case: those who steer it, and those who got the summons or are named for its
    meetings, by the unit they work at.
    """
    if may_steer(case, staff, directory) or may_send_plan(case, staff, directory):
        return True
    if case.protected and case.closure is None and not in_scope(case, staff.agency):
        return False
    if case.protected:
        if staff.agency in case.told() and directory.address_of(staff) == place_of(case, staff.agency, directory):
            return True
        named = (found for meeting in case.meetings for found in meeting.invitees())
        return any(who.staff == staff.id and agency == staff.agency for agency, who in named)
    if staff.agency == case.agency:
        return True
    return (case.closure is not None or in_scope(case, staff.agency)) and staff.agency in case.told()


def require_withdrawing(case: Case, staff: Staff, directory: Directory) -> None:
    """Raise `NotAllowed` unless this person may record that the consent is withdrawn.

    That is anybody of an agency that would have to be told of it: the person may say it to whomever they meet (R76).
    In a protected case it is whoever is named there (law 4D.4).
    """
    if may_steer(case, staff, directory) or may_send_plan(case, staff, directory):
        return
    if not hears(case, Occasion.WITHDRAWAL, staff.agency) or not may_see(case, staff, directory):
        require_steering(case, staff, directory)


def require_answering(case: Case, meeting: Meeting, agency: str, staff: Staff, directory: Directory) -> None:
    """Raise `NotAllowed` unless the person works at the agency that was asked: only it may answer (R122).

    In a protected case that is for those who may see it (law 4D.4).
    """
    if staff.agency != agency or meeting.summons_of(agency) is None:
        raise NotAllowed("right.answering")
    if case.protected and not may_see(case, staff, directory):
        raise NotAllowed("right.answering")


def name_of(staff_id: str, directory: Directory) -> str:
    """Return a member of staff's name, or the bare word for one who has left the directory."""
    staff = directory.staff.get(staff_id)
    return staff.name if staff is not None else "–"
