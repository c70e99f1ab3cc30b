"""What was settled at a meeting (R135, R140-R142)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.stamp import Stamp


class Outcome(StrEnum):
    """Whether the meeting took place."""

    HELD = "held"
    NOT_HELD = "not_held"


class NoLead(StrEnum):
    """Why no huvudansvarig was named at the meeting (R140)."""

    PERSON_UNDECIDED = "person_undecided"
    AGENCIES_DISAGREE = "agencies_disagree"
    NOT_PRESENT = "not_present"


class NoFollowUp(StrEnum):
    """Why no follow-up date was set at the meeting (R142)."""

    PERSON_UNDECIDED = "person_undecided"
    WAITING_FOR_DECISION = "waiting_for_decision"
    CALENDARS = "calendars"


class TookPart(StrEnum):
    """How the person took part, which is more than being there (R19, R20)."""

    PRESENT = "present"
    IN_PART = "in_part"
    PHONE = "phone"
    SCREEN = "screen"
    PREPARED = "prepared"  # by a letter, a picture or a film that was made before
    THROUGH = "through"  # somebody spoke for the person
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Report:
    """What was settled at the meeting (R135, R140-R142).

    `recorded` is who first told of it and when; `completed` who later added what had been left open.
    `person` is how the person took part, None where nobody has said; `follow_up_with` the agencies that are to come to
    the follow-up, empty where those who attended are meant.
    """

    outcome: Outcome
    recorded: Stamp
    attended: frozenset[str] = frozenset()
    lead: str = ""
    no_lead: NoLead | None = None
    follow_up_on: date | None = None
    follow_up_place: str = ""
    no_follow_up: NoFollowUp | None = None
    need_remains: bool = True
    completed: Stamp | None = None
    person: TookPart | None = None
    follow_up_with: frozenset[str] = frozenset()

    @property
    def settled_at(self) -> datetime:
        """The instant at which it came to say what it says now."""
        return self.recorded.at if self.completed is None else self.completed.at
