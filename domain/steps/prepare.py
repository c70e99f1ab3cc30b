"""Step 2: the meeting is prepared with the person, and those who stand by them are noted (R23, R42, R103-R113)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.case import AgeBand, Case, Flag
from domain.consent import Decision, Extra
from domain.directory import Directory
from domain.errors import WrongState
from domain.matters.companion import LAWFUL, Companion, Does, Role
from domain.matters.preparation import Premeeting, Preparation, Task
from domain.problem import Problem


def require_preparable(case: Case) -> None:
    """Raise `WrongState` unless there is something to prepare: a case that goes on, with a consent (R104)."""
    if not case.is_open:
        raise WrongState("prepare.ended", {"code": case.code})
    if case.consent is None or case.consent.decision is not Decision.GIVEN:
        raise WrongState("prepare.consent_first", {"code": case.code})


def tasks_of(case: Case) -> tuple[Task, ...]:
    """Return what is to be done in this case: a child is heard, an interpreter booked where one is needed."""
    needed = {Task.CHILD_HEARD: case.age_band is AgeBand.CHILD, Task.AIDS: Flag.INTERPRETER in case.flags}
    return tuple(task for task in Task if needed.get(task, True))


def problems_of_preparation(
    case: Case, preparation: Preparation, directory: Directory, today: date
) -> tuple[Problem, ...]:
    """Return what is wrong: a pre-meeting without the person's leave (R84, R103), a wish for somebody outside."""
    found = []
    consent = case.consent
    asked = preparation.premeeting in {Premeeting.PLANNED, Premeeting.HELD}
    if asked and (consent is None or Extra.PREMEETING not in consent.extras):
        found.append(Problem("premeeting", "prepare.premeeting_consent", {"code": case.code}))
    for field, people in (("wanted", preparation.wanted), ("lead_wish", (preparation.lead_wish,))):
        for who in people:
            if who and (staff := directory.staff.get(who)) is None:
                found.append(Problem(field, "field.unknown_person"))
            elif who and staff is not None and not _covered(case, staff.agency, today):
                found.append(Problem(field, "prepare.outside_consent", {"name": staff.name, "code": case.code}))
    return tuple(found)


def _covered(case: Case, agency: str, today: date) -> bool:
    own = agency == case.responsible_agency
    return own or (case.consent is not None and case.consent.allows_exchange(agency, today))


def prepare(case: Case, preparation: Preparation) -> Case:
    """Return the case with this preparation; it has passed `problems_of_preparation`."""
    return replace(case, preparation=preparation)


def problems_of_companion(case: Case, role: Role, does: frozenset[Does]) -> tuple[Problem, ...]:
    """Return what is wrong: somebody close whom the consent keeps out (R42, R83), or who cannot stand in (R82)."""
    if not does:
        return (Problem("does", "field.required"),)
    given = case.consent is not None and Extra.RELATIVES in case.consent.extras
    if role not in LAWFUL and not given:
        return (Problem("role", "companion.consent_first", {"code": case.code}),)
    if Does.INSTEAD in does and role not in LAWFUL:
        return (Problem("does", "companion.cannot_stand_in"),)
    return ()


def add_companion(case: Case, role: Role, does: frozenset[Does]) -> Case:
    """Return the case with one more who stands by the person; numbers are never used twice."""
    number = max((each.number for each in case.companions if each.role is role), default=0) + 1
    return replace(case, companions=(*case.companions, Companion(role, number, does)))


def drop_companion(case: Case, companion: Companion) -> Case:
    """Return the case without somebody whom the person no longer wants beside them: their part in it has ended."""
    gone = tuple(replace(c, does=frozenset()) if c == companion else c for c in case.companions)
    return replace(case, companions=gone)
