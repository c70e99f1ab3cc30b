"""The end of a case, and the notices that go out because of it (R77, R174, R175)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from domain.matters.plan import Notice
from domain.stamp import Stamp


class Ground(StrEnum):
    """Why a case ends (R175)."""

    GOALS_MET = "goals_met"
    NO_NEED = "no_need"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Closure:
    """The end of the case, and the notices that go out because of it."""

    ground: Ground
    closed: Stamp
    notices: tuple[Notice, ...] = ()

    def notice_of(self, agency: str) -> Notice | None:
        """Return the agency's notice, if it gets one."""
        return next((notice for notice in self.notices if notice.agency == agency), None)

    def with_notice(self, changed: Notice) -> Closure:
        """Return the closure with one agency's notice replaced."""
        return replace(self, notices=tuple(changed if n.agency == changed.agency else n for n in self.notices))
