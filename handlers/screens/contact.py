"""Whom to turn to in a case: one answer for every card and mail (R26, R35, R40)."""

from __future__ import annotations

from domain.case import Case
from domain.responsibility import is_vacant, name_of, unit_of_responsible
from handlers.view import View


def who_answers(view: View, case: Case, reader: str) -> str:
    """Name whoever answers for the case now; while nobody at the unit does, the unit itself (R40).

    `reader` is the agency it is said to, "" for a mail, where a unit stands by its alias (law 4D.3).
    """
    if not is_vacant(case, view.directory):
        return name_of(case.responsible, view.directory)
    unit = unit_of_responsible(case, view.directory)
    return view.agency_for(reader, unit, case) if reader else view.alias(unit)
