"""Who is asked whether a unit has had its notice: of the plan (R161), and of the end (R174)."""

from __future__ import annotations

from domain.case import Case
from domain.reminders.due import To


def asked_to_confirm(case: Case, agency: str) -> tuple[tuple[To, str, str], ...]:
    """Return whom to ask, their staff id or "", and their unit: the unit itself, and who answers for the case.

    Nobody is told to phone their own unit; it is asked where it is.
    """
    unit = (To.UNIT, "", agency)
    own = case.responsible_agency
    return (unit,) if agency == own else (unit, (To.PERSON, case.responsible, own))
