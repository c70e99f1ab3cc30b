"""Step 4: the meeting has been held, or not; responsibility passes on (R31, R35, R135, R140-R142)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.audience import in_scope
from domain.case import Case
from domain.directory import AgencyKind, Directory
from domain.errors import WrongState
from domain.meeting import Meeting
from domain.problem import Problem
from domain.report import NoFollowUp, NoLead, Outcome, Report, TookPart
from domain.stamp import Stamp
from domain.steps.summon import call_off


@dataclass(frozen=True, slots=True)
class Reporting:
    """What the one who reports on a meeting has told. `lead_agency` is the unit of the lead, when one is named.

    `lead_outside` is a lead whom the directory does not know, as "Name, title, agency" (R140); `follow_up_with` the
    agencies that are to come to the follow-up (R142).
    """

    outcome: Outcome
    attended: frozenset[str] = frozenset()
    consent_confirmed: bool = False
    lead: str = ""
    lead_agency: str = ""
    no_lead: NoLead | None = None
    follow_up_on: date | None = None
    follow_up_place: str = ""
    no_follow_up: NoFollowUp | None = None
    need_remains: bool | None = None
    lead_outside: str = ""
    person: TookPart | None = None
    follow_up_with: frozenset[str] = frozenset()


def reportable_meeting(case: Case) -> Meeting:
    """Return the meeting that can be reported on.

    That is the coming one, or the last held one that lacks a lead or a follow-up date (R140, R142).
    """
    if case.closure is None and case.coming_meeting is not None:
        return case.coming_meeting
    if case.closure is None and case.last_held is not None and lacks(case, case.last_held):
        return case.last_held
    raise WrongState("held.no_meeting", {"code": case.code})


def lacks(case: Case, meeting: Meeting) -> tuple[str, ...]:
    """Return what a held meeting left open: "lead", "follow_up"."""
    report = meeting.report
    if report is None or report.outcome is not Outcome.HELD or not report.need_remains:
        return ()
    open_points = []
    if not case.lead and not case.lead_outside:
        open_points.append("lead")
    if report.follow_up_on is None:
        open_points.append("follow_up")
    return tuple(open_points)


def problems_of_report(
    case: Case, meeting: Meeting, reporting: Reporting, directory: Directory, now: datetime, today: date
) -> tuple[Problem, ...]:
    """Return what is wrong, each at its field."""
    if reporting.outcome is Outcome.NOT_HELD:
        # What has been reported as held is completed, not taken back: plans and people rest on it.
        return () if meeting.is_open else (Problem("outcome", "held.already_held"),)
    found = []
    if now < meeting.start:
        found.append(Problem("outcome", "held.not_started"))
    if not reporting.consent_confirmed:
        found.append(Problem("consent_confirmed", "held.confirm_consent"))
    if not reporting.attended:
        found.append(Problem("attended", "held.attended_needed"))
    if reporting.need_remains is None:
        # What follows from the answer is asked once it is there.
        return (*found, Problem("need_remains", "field.required"))
    found += _problems_of_lead(case, meeting, reporting, directory)
    if reporting.need_remains:
        found += _problems_of_follow_up(meeting, reporting, today)
    return tuple(found)


def _problems_of_lead(case: Case, meeting: Meeting, reporting: Reporting, directory: Directory) -> list[Problem]:
    if reporting.lead and reporting.lead_outside:
        return [Problem("lead_outside", "change_lead.both")]
    if not reporting.lead:
        excused = reporting.no_lead is not None or reporting.need_remains is False or reporting.lead_outside
        return [] if excused else [Problem("lead", "held.lead_or_reason")]
    staff = directory.staff.get(reporting.lead)
    if staff is None:
        return [Problem("lead", "field.unknown_person")]
    if staff.agency != case.unit_of(meeting) and not in_scope(case, staff.agency):
        # The lead gets to see all of the case, so only somebody of an agency that the consent covers (R62).
        return [Problem("lead", "held.lead_outside_consent", {"code": case.code})]
    return []


def warnings_of_lead(case: Case, meeting: Meeting, directory: Directory) -> tuple[str, ...]:
    """Return what speaks against the lead who was named at a meeting; the person's choice counts for more (R36, R197).

    The main principle names an actor of social services, school or health care, of those who have most to do.
    """
    report = meeting.report
    staff = directory.staff.get(report.lead) if report is not None else None
    if report is None or staff is None:
        return ()
    found = []
    if directory.agency(staff.agency).kind is AgencyKind.OTHER:
        found.append("held.warn_lead_kind")
    if staff.agency not in report.attended and staff.agency != case.unit_of(meeting):
        found.append("held.warn_lead_absent")
    if case.preparation.lead_wish not in {"", report.lead}:
        found.append("held.warn_lead_wish")
    return tuple(found)


def _problems_of_follow_up(meeting: Meeting, reporting: Reporting, today: date) -> list[Problem]:
    if reporting.follow_up_on is None:
        return [] if reporting.no_follow_up is not None else [Problem("follow_up_on", "held.follow_up_or_reason")]
    if reporting.follow_up_on <= meeting.day or reporting.follow_up_on < today:
        return [Problem("follow_up_on", "held.follow_up_past")]
    return []


def report_meeting(case: Case, meeting: Meeting, reporting: Reporting, *, stamp: Stamp) -> Case:
    """Return the case with the meeting reported on; a lead named there takes over now (R35, R39).

    `report` has passed `problems_of_report`.
    """
    if reporting.outcome is Outcome.NOT_HELD:
        # Called off beforehand: the agencies and the calendars are told.
        told = call_off(meeting) if stamp.at < meeting.start else meeting
        return case.with_meeting(replace(told, report=Report(Outcome.NOT_HELD, stamp)))
    case = case.with_meeting(replace(meeting, report=_report(meeting, reporting, stamp)))
    if reporting.lead_outside:
        # Nobody here can be asked in their name, so the coordinator goes on being asked (R35, R140).
        outside = reporting.lead_outside
        return replace(case, lead="", lead_agency="", lead_since=stamp.at, lead_outside=outside, vacant_since=None)
    if not reporting.lead or reporting.lead == case.lead:
        return case
    lead, unit = reporting.lead, reporting.lead_agency
    return replace(case, lead=lead, lead_agency=unit, lead_since=stamp.at, lead_outside="", vacant_since=None)


def _report(meeting: Meeting, reporting: Reporting, stamp: Stamp) -> Report:
    before = meeting.report
    remains = reporting.need_remains is not False
    return Report(
        outcome=Outcome.HELD,
        recorded=stamp if before is None else before.recorded,
        completed=None if before is None else stamp,
        attended=reporting.attended,
        lead=reporting.lead,
        no_lead=None if reporting.lead or reporting.lead_outside else reporting.no_lead,
        follow_up_on=reporting.follow_up_on if remains else None,
        follow_up_place=reporting.follow_up_place if remains else "",
        no_follow_up=None if reporting.follow_up_on else reporting.no_follow_up,
        need_remains=remains,
        person=reporting.person,
        follow_up_with=reporting.follow_up_with if remains else frozenset(),
    )
