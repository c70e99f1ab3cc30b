"""Those who stand by the person, as roles without names (R23, R24, R42, R57, R82, R83; law 4D)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the person."""

    RELATED = "related"
    SUPPORTER = "supporter"  # whom the person has named for the whole process (R23)
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"
    ATTORNEY = "attorney"
    TRUSTEE = "trustee"


class Does(StrEnum):
    """What somebody takes part in."""

    ATTENDS = "attends"
    PLAN = "plan"  # gets the plan (R83)
    INSTEAD = "instead"  # comes in the person's place (R82)


# Who acts for the person in law needs no leave of the consent's to come; who is only close does (R42, R83).
LAWFUL = frozenset({Role.GUARDIAN, Role.REPRESENTATIVE, Role.ATTORNEY, Role.TRUSTEE})


@dataclass(frozen=True, slots=True)
class Companion:
    """One of them: "närstående 1". Who that is stands in the agency's own record system alone (law 4D.1)."""

    role: Role
    number: int
    does: frozenset[Does]

    @property
    def key(self) -> str:
        """Who they are among the recipients of a plan: "related:1". No agency's id has a colon."""
        return f"{self.role.value}:{self.number}"

    @property
    def comes(self) -> bool:
        """Say whether they come to the meeting."""
        return bool(self.does & {Does.ATTENDS, Does.INSTEAD})
