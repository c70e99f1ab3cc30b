"""Responsibility goes on to somebody else between meetings (R26, R35, R36, R40).

A case is handed over within the unit that answers for it; another huvudansvarig may come from another agency.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

from domain.case import Case
from domain.directory import AgencyKind, Directory, Staff
from domain.errors import WrongState
from domain.problem import Problem
from domain.stamp import Stamp
from domain.summons import UNHEARD


class LeadReason(StrEnum):
    """Why another huvudansvarig is named."""

    PERSON_WISH = "person_wish"
    CHANGED_WORK = "changed_work"
    CHANGED_NEEDS = "changed_needs"
    OTHER = "other"


def require_open(case: Case) -> None:
    """Raise `WrongState` for a case that has ended: nobody takes it over."""
    if not case.is_open:
        raise WrongState("hand_over.ended", {"code": case.code})


def problems_of_hand_over(case: Case, to: Staff | None, directory: Directory) -> tuple[Problem, ...]:
    """Say whether this person can take the case over: a colleague of the unit that answers for it (R40).

    Before the first meeting that is a coordinator or the unit's manager.
    """
    if to is None:
        return (Problem("to", "field.unknown_person"),)
    if to.id == case.responsible:
        return (Problem("to", "hand_over.has_it", {"name": to.name}),)
    if to.agency != case.responsible_agency:
        return (Problem("to", "hand_over.other_unit", {"name": to.name}),)
    manager = directory.manager_of(to.agency)
    if not case.lead and not to.coordinator and (manager is None or manager.id != to.id):
        return (Problem("to", "hand_over.no_coordinator", {"name": to.name}),)
    return ()


def hand_over(case: Case, to: Staff, stamp: Stamp) -> Case:
    """Return the case with `to` responsible for it, in the role that the one before had."""
    if case.lead:
        return replace(case, lead=to.id, lead_agency=to.agency, lead_since=stamp.at, vacant_since=None)
    return replace(case, coordinator=to.id, agency=to.agency, vacant_since=None)


def require_held(case: Case) -> None:
    """Raise `WrongState` before the first meeting: until then samordningsansvarig answers for the case (R35)."""
    require_open(case)
    if case.last_held is None:
        raise WrongState("change_lead.too_early", {"code": case.code})


def problems_of_lead(case: Case, lead: Staff | None, outside: str, today: date) -> tuple[Problem, ...]:
    """Say whether this can be huvudansvarig: one person, whose agency the consent covers when the bot is to tell them.

    That the agency's kind is unusual (R36) is the handler's to warn of, not a reason to refuse.
    """
    if lead is None:
        return () if outside else (Problem("lead", "change_lead.nobody"),)
    if outside:
        return (Problem("lead_outside", "change_lead.both"),)
    if lead.id == case.lead:
        return (Problem("lead", "hand_over.has_it", {"name": lead.name}),)
    covered = case.consent is not None and case.consent.allows_exchange(lead.agency, today)
    if not covered and lead.agency != case.responsible_agency:
        return (Problem("lead", "change_lead.not_covered", {"name": lead.name}),)
    return ()


def is_unusual(kind: AgencyKind) -> bool:
    """Say whether a lead from such an agency is unusual: the main principle names the three (R36)."""
    return kind is AgencyKind.OTHER


def change_lead(case: Case, lead: Staff | None, outside: str, stamp: Stamp) -> Case:
    """Return the case with another huvudansvarig; for one outside the directory the coordinator goes on being asked."""
    case = _asking_the_one_before(case, stamp)
    if lead is None:
        return replace(case, lead="", lead_agency="", lead_since=stamp.at, lead_outside=outside, vacant_since=None)
    unit = lead.agency
    return replace(case, lead=lead.id, lead_agency=unit, lead_since=stamp.at, lead_outside="", vacant_since=None)


def _asking_the_one_before(case: Case, stamp: Stamp) -> Case:
    """Return the case in which the unit that had it owes an answer to its summons from now on, and not for long since.

    As long as it answered for the case it owed none.
    """
    meeting = case.coming_meeting
    summons = None if meeting is None else meeting.summons_of(case.unit_at(meeting))
    if meeting is None or summons is None or summons.standing(meeting.round) not in UNHEARD:
        return case
    return case.with_meeting(meeting.with_summons(replace(summons, sent_at=stamp.at)))
