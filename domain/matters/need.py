"""The need (behov) behind a case: who noticed it, what speaks for a plan, what its assessment found.

Categories alone: the story stays in the agencies' records.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.stamp import Stamp


class NoticedBy(StrEnum):
    """Who raised the need (R25, R93)."""

    PERSON = "person"
    GUARDIAN = "guardian"
    RELATIVE = "relative"
    TRUSTEE = "trustee"
    STAFF = "staff"
    AUTHORITY = "authority"
    OTHER = "other"


class Reason(StrEnum):
    """Indicators that a plan is needed (R98)."""

    COORDINATION = "coordination"
    NOT_ALONE = "not_alone"
    COMPETENCE = "competence"
    UNCLEAR_RESPONSIBILITY = "unclear_responsibility"
    SIMULTANEOUS = "simultaneous"
    SENT_AROUND = "sent_around"
    AFTER_DISCHARGE = "after_discharge"
    PLACEMENT = "placement"
    ASKED_FOR = "asked_for"
    FEWER_MEETINGS = "fewer_meetings"


class Finding(StrEnum):
    """What an assessment found: the answers to its questions (R4, R97)."""

    COORDINATE = "coordinate"
    FURTHER = "further"
    ASKED = "asked"
    NEEDED = "needed"


class WishReason(StrEnum):
    """Why the person wishes another last day for the first meeting (R91, R198); categories, as all reasons."""

    LATER = "later"
    SOONER = "sooner"
    PEOPLE = "people"
    PRACTICAL = "practical"
    OTHER = "other"


class Fossam(StrEnum):
    """Whether Fossam has been asked for support in the assessment of a child without ongoing measures (R101)."""

    CONTACTED = "contacted"
    OVER_16 = "over_16"


@dataclass(frozen=True, slots=True)
class Denial:
    """A no to start (R96): the reason and who decided."""

    reason: str
    decided: Stamp
