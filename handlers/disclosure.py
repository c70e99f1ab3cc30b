"""Whether an agency may be told, asked at the moment of telling: the consent is the ground of every disclosure.

And what may stand on which platform: words about purpose and questions only where the operator lets them (law 4D).
"""

from __future__ import annotations

from domain.address import Address
from domain.case import Case
from domain.directory import Directory
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


def may_be_worded(services: Services, directory: Directory, place: str) -> bool:
    """Say whether purpose and questions may stand in words at an address, or be asked of an identity (law 4D).

    In an agency's room all count who belong there: none of them may be where words must not stand.
    """
    address = Address.parse(place)
    if address.kind.is_shared:
        readers = directory.identities_at([address])
    else:
        readers = frozenset({f"{address.platform}:{address.target}"})
    return bool(readers) and services.worded(readers)
