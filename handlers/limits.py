"""How much one person may set going in an hour: more than anybody does, and so little that nobody waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from domain.errors import WrongState
from handlers.request import Request

SPAN: Final = timedelta(hours=1)
# Lines of the journal by one person in that time. A summons is a line for each agency, a move is one for all of them.
MOST: Final[Mapping[str, int]] = {"case.opened": 30, "summons.sent": 120, "meeting.moved": 60}
# What is counted as the same: a case is one more case whatever was decided on it, and whoever is called hears of a new
# time as of a place that was put right.
_ALIKE: Final[Mapping[str, tuple[str, ...]]] = {
    "case.opened": ("case.opened", "case.noticed", "case.declined", "case.denied"),
    "meeting.moved": ("meeting.moved", "meeting.corrected"),
}


def require_room(request: Request, action: str) -> None:
    """Return when this person may do this once more, under whichever of their identities they act.

    Raises:
        WrongState: they have done it too often within the hour (`limit.reached`).
    """
    journal, since = request.tx.journal, request.now - SPAN
    done = sum(journal.count_of(request.staff.id, alike, since) for alike in _ALIKE.get(action, (action,)))
    if done >= MOST[action]:
        raise WrongState("limit.reached")
