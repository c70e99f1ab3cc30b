"""The measures of a plan (R139, R152-R156, R159), told by category, bearer and dates alone.

What is to be done, and why, stands in the plan in the agencies' own systems; the number leads there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.stamp import Stamp


class Bearer(StrEnum):
    """Who answers for a measure (R153-R156)."""

    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE = "state"
    OTHER = "other"
    PERSON = "person"  # what the person does (R155)
    RELATIVE = "relative"  # what those close to the person do (R156)


class Sort(StrEnum):
    """What a measure is about; none of these tells of a diagnosis (law 4D)."""

    CONTACT = "contact"
    EVERYDAY = "everyday"
    SCHOOL = "school"
    WORK = "work"
    HOUSING = "housing"
    ASSESSMENT = "assessment"
    CARE = "care"
    COORDINATION = "coordination"
    OTHER = "other"


class Progress(StrEnum):
    """How far a measure has come (process 7B)."""

    PLANNED = "planned"
    ONGOING = "ongoing"
    DONE = "done"
    NOT_DONE = "not_done"
    DROPPED = "dropped"  # no longer part of the plan


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    `agency` answers for it, "" when no agency does. `starts` and `ends` are local days; `reports_on` is the day by
    which it is told how it goes. `noted` is who wrote it down, `changed` who last changed it.
    """

    number: int
    sort: Sort
    bearer: Bearer
    noted: Stamp
    agency: str = ""
    starts: date | None = None
    ends: date | None = None
    reports_on: date | None = None
    progress: Progress = Progress.PLANNED
    changed: Stamp | None = None

    @property
    def is_open(self) -> bool:
        """Say whether something of it is still to be done."""
        return self.progress in {Progress.PLANNED, Progress.ONGOING}
