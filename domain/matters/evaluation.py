"""The evaluation of a meeting: that somebody has answered, and how the person felt about taking part (R19, R146, R147).

What was answered is added up with other answers at once and stands on no case, so that nobody is held to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.stamp import Stamp


class Felt(StrEnum):
    """How far the person felt that they had a part in it, which is more than being there (R19)."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Answer(StrEnum):
    """How far a statement holds, in five steps."""

    FULLY = "5"
    MOSTLY = "4"
    HALF = "3"
    HARDLY = "2"
    NOT_AT_ALL = "1"

    @property
    def points(self) -> int:
        """What it adds to the sum: 1 to 5."""
        return int(self.value)


# Statements of this product's own, after R146, R147 and what user audits have looked at; no other tool's questions.
PERSON_ASKED: Final = (
    "person.understood",
    "person.could_say",
    "person.listened",
    "person.who_does_what",
    "person.knows_lead",
    "person.knows_next",
)
STAFF_ASKED: Final = (
    "staff.clear_purpose",
    "staff.right_agencies",
    "staff.mandate",
    "staff.person_first",
    "staff.divided",
    "staff.follow_up",
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is kept of one meeting's evaluation: the staff ids of those who have answered, and the person's part.

    `person` is who wrote down what the person said, and when.
    """

    meeting: int
    by: frozenset[str] = frozenset()
    felt: Felt | None = None
    person: Stamp | None = None
