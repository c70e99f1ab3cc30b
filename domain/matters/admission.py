"""Inpatient care (R56, R177-R180; LOS 4 kap.): the admission, the joint choice, the notice that care is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.stamp import Stamp


class Choice(StrEnum):
    """What permanent care contact, huvudansvarig and person have decided together (R178)."""

    REVISE = "revise"
    KEEP = "keep"


class Compulsory(StrEnum):
    """Open compulsory care, in which another law's plan stands in for this one (LOS 4 kap. 1 § second paragraph)."""

    PSYCHIATRIC = "psychiatric"  # LPT 7 a §
    FORENSIC = "forensic"  # LRV 12 a §


@dataclass(frozen=True, slots=True)
class Admission:
    """One stay in a hospital.

    `admitted_on` and `leaves_on` are local days. `contact` is the staff id of the permanent care contact in open care
    (fast vårdkontakt), `contact_agency` their unit, both "" while nobody is named. `ready_at` is the instant of the
    notice that inpatient care is no longer needed (utskrivningsklar), to the minute: the clocks of LOS run from it.
    """

    admitted_on: date
    told: Stamp
    contact: str = ""
    contact_agency: str = ""
    leaves_on: date | None = None
    compulsory: Compulsory | None = None
    choice: Choice | None = None
    chosen: Stamp | None = None
    ready_at: datetime | None = None
    discharged: Stamp | None = None

    @property
    def is_open(self) -> bool:
        """Say whether the person is still in hospital."""
        return self.discharged is None
