"""The database was put back from a copy: what calendars hold of a meeting may be newer than what is held here."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.case import Case

#: More changes than anybody makes to one meeting between two backups.
LEAP: Final = 1000


def above_calendars(case: Case) -> Case:
    """Return the case with each open meeting's SEQUENCE above all that can have been sent of it since the copy.

    A calendar passes over what has a lower SEQUENCE than it holds (RFC 5546 2.1.5), so without this it would keep a
    meeting that was moved since until it had been moved here as often again. Nobody is asked anew by it.
    """
    raised = (replace(one, sequence=one.sequence + LEAP) if one.is_open else one for one in case.meetings)
    return replace(case, meetings=tuple(raised))
