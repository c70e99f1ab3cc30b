"""Deviations (avvikelser): what went wrong between the agencies, and the written answer to it (R181-R183)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.stamp import Stamp


class Fault(StrEnum):
    """The seven kinds (R182); the last is misconditions that the person experiences."""

    NOT_STARTED = "not_started"
    NOT_ANSWERED = "not_answered"
    ABSENCE = "absence"
    TREATMENT = "treatment"
    COOPERATION = "cooperation"
    NOT_CARRIED_OUT = "not_carried_out"
    MISCONDITION = "miscondition"


class Remedy(StrEnum):
    """What the unit concerned does about it; categories, since prose would be about the person."""

    ROUTINE = "routine"
    STAFF_INFORMED = "staff_informed"
    CARRIED_OUT = "carried_out"
    AGREED = "agreed"  # agreed on with the agency that reported
    HANDED_ON = "handed_on"  # goes on in the unit's own system
    NO_FAULT = "no_fault"  # the unit sees it otherwise


@dataclass(frozen=True, slots=True)
class Answer:
    """The written answer of the unit concerned: what it does, from which day, who answered."""

    remedy: Remedy
    on: date
    given: Stamp


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation: `agency` is the unit it concerns, `by_agency` that of the one who reported it."""

    number: int
    fault: Fault
    agency: str
    by_agency: str
    reported: Stamp
    answer: Answer | None = None
