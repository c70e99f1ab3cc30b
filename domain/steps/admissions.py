"""Inpatient care: the admission is told, decided on together, and followed to the discharge (R177-R180; LOS 4 kap.)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from domain.audience import in_scope
from domain.case import Case
from domain.directory import Directory, Staff
from domain.errors import WrongState
from domain.matters.admission import Admission, Choice, Compulsory
from domain.problem import Problem
from domain.responsibility import may_steer, works_at
from domain.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Telling:
    """What somebody has told of a stay in a hospital; `contact` is the permanent care contact, when one is named."""

    admitted_on: date
    contact: Staff | None = None
    leaves_on: date | None = None
    compulsory: Compulsory | None = None
    choice: Choice | None = None
    ready_at: datetime | None = None
    discharged: bool = False


def knows_of(admission: Admission, case: Case, staff: Staff, directory: Directory) -> bool:
    """Say whether somebody may read what is known of a stay, and change it (law 4C).

    Those who act for the case may, the unit that told it, and that of the permanent care contact. To all others it is
    health data that was not told to them: they may add to it.
    """
    own = staff.agency == admission.contact_agency or works_at(admission.told.by, staff.agency, directory)
    return own or may_steer(case, staff, directory)


def require_running(case: Case) -> None:
    """Raise `WrongState` where nothing is coordinated: only a case with a consent hears of an admission.

    One that has ended leads to a new one, and one that waits for the person's consent to that.
    """
    if case.closure is not None:
        raise WrongState("admission.closed", {"code": case.code})
    if case.is_open and case.consent is None:
        raise WrongState("admission.consent_first", {"code": case.code})
    if not case.is_open:
        raise WrongState("admission.not_running", {"code": case.code})


def problems_of_admission(case: Case, telling: Telling, now: datetime, today: date) -> tuple[Problem, ...]:
    """Return what is wrong, each at its field."""
    found = []
    if telling.admitted_on > today:
        found.append(Problem("admitted_on", "field.future_date"))
    elif case.admission is None and case.admissions and telling.admitted_on <= case.admissions[-1].admitted_on:
        # The stay that is over is told once more, not another one.
        found.append(Problem("admitted_on", "admission.known"))
    if telling.leaves_on is not None and telling.leaves_on < telling.admitted_on:
        found.append(Problem("leaves_on", "admission.leaves_first"))
    if telling.ready_at is not None and telling.ready_at > now:
        found.append(Problem("ready_at", "admission.ready_later"))
    contact = telling.contact
    if contact is not None and contact.agency != case.responsible_agency and not in_scope(case, contact.agency):
        found.append(Problem("contact", "admission.contact_outside", {"code": case.code}))
    return tuple(found)


def add_to_admission(case: Case, telling: Telling) -> Case:
    """Return the case with what somebody adds who does not know what is known of the stay: that stays as it is."""
    known, contact = case.admission, telling.contact
    if known is None:
        raise WrongState("admission.not_running", {"code": case.code})
    added = replace(
        known,
        contact=contact.id if contact is not None else known.contact,
        contact_agency=contact.agency if contact is not None else known.contact_agency,
        leaves_on=telling.leaves_on or known.leaves_on,
        compulsory=telling.compulsory or known.compulsory,
    )
    return replace(case, admissions=(*case.admissions[:-1], added))


def tell_admission(case: Case, telling: Telling, stamp: Stamp) -> Case:
    """Return the case with a stay in a hospital, or with what is known of the one that goes on now.

    `telling` has passed `problems_of_admission`.
    """
    known, contact = case.admission, telling.contact
    base = known if known is not None else Admission(telling.admitted_on, stamp)
    decided = telling.choice is not None and telling.choice is not base.choice
    fresh = replace(
        base,
        admitted_on=telling.admitted_on,
        contact=contact.id if contact is not None else "",
        contact_agency=contact.agency if contact is not None else "",
        leaves_on=telling.leaves_on,
        compulsory=telling.compulsory,
        choice=telling.choice,
        chosen=stamp if decided else base.chosen,
        ready_at=telling.ready_at,
        discharged=stamp if telling.discharged else None,
    )
    others = case.admissions if known is None else case.admissions[:-1]
    return replace(case, admissions=(*others, fresh))
