"""Whether an agency may be told, asked at the moment of telling: the consent is the ground of every disclosure.

And what may stand on which platform: words about purpose and questions only where the operator lets them (law 4D).
"""

from __future__ import annotations

from domain.case import Case
from domain.responsibility import units_at_work
from handlers.services import Services
from handlers.view import View


def covers(view: View, case: Case, agency: str) -> bool:
    """Say whether the consent as it is today covers an agency (R61, R62, R64)."""
    today = view.services.rules.calendar.local_date(view.now)
    return case.consent is not None and case.consent.allows_exchange(agency, today)


def may_hear(view: View, case: Case, agency: str) -> bool:
    """Say whether an agency may hear of the case: within the consent, or as a unit that has to act for it."""
    return agency in units_at_work(case) or covers(view, case, agency)


def may_be_worded(services: Services, place: str) -> bool:
    """Say whether purpose and questions may stand in words at an address, or be asked of an identity (law 4D)."""
    return place.partition(":")[0] in services.worded
