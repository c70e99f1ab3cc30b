"""How much one person may set going in an hour: more than anybody does, and so little that nobody waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.errors import WrongState
from handlers.request import Request

SPAN: Final = timedelta(hours=1)
# Lines of the journal by one person in that time. A summons is a line for each agency.
MOST: Final[Mapping[str, int]] = {"case.opened": 30, "summons.sent": 120}


def require_room(request: Request, action: str) -> None:
    """Return when this person may do this once more.

    Raises:
        WrongState: they have done it too often within the hour (`limit.reached`).
    """
    if request.tx.journal.count_of(request.staff.id, action, request.now - SPAN) >= MOST[action]:
        raise WrongState("limit.reached")
