"""The measures of the plan are written down, changed, and followed from one version to the next (R139, R152-R156)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.case import Case
from domain.directory import Directory, Principal
from domain.errors import NotFound, WrongState
from domain.matters.measure import Bearer, Measure, Progress, Sort
from domain.matters.plan import PERSON, RELATIVE, PlanSent
from domain.problem import Problem
from domain.stamp import Stamp

# More than one plan holds, and what one form can ask about.
MOST_MEASURES: Final = 30

_BEARER_OF: Final[Mapping[Principal, Bearer]] = MappingProxyType(
    {
        Principal.MUNICIPALITY: Bearer.MUNICIPALITY,
        Principal.REGION: Bearer.REGION,
        Principal.STATE: Bearer.STATE,
    }
)


@dataclass(frozen=True, slots=True)
class Doing:
    """What somebody has told of a measure; `who` is an agency, "person", "relative" or "other"."""

    who: str
    sort: Sort
    starts: date | None = None
    ends: date | None = None
    reports_on: date | None = None
    progress: Progress = Progress.PLANNED


OTHERS: Final = "other"
"""Somebody who is no agency of the directory answers for a measure (R156)."""


def require_plan(case: Case) -> None:
    """Raise `WrongState` where there is no meeting yet at which measures could have been agreed on."""
    if case.last_held is None or not case.is_open:
        raise WrongState("measure.too_early", {"code": case.code})


def may_bear(case: Case) -> frozenset[str]:
    """Return the agencies that can answer for a measure: those whom the consent covers, and the one at work (R62)."""
    covered = case.consent.agencies if case.consent is not None else frozenset()
    return covered | {case.responsible_agency or case.agency}


def problems_of_measure(case: Case, doing: Doing, number: int | None) -> tuple[Problem, ...]:
    """Return what is wrong with a new measure, or with a change of the one with this number."""
    found = []
    if number is None and sum(m.progress is not Progress.DROPPED for m in case.measures) >= MOST_MEASURES:
        found.append(Problem("who", "measure.too_many"))
    if doing.starts is not None and doing.ends is not None and doing.ends < doing.starts:
        found.append(Problem("ends", "measure.ends_first"))
    return tuple(found)


def measure_of(case: Case, number: int) -> Measure:
    """Return the measure with this number.

    Raises:
        NotFound: there is none.
    """
    found = next((measure for measure in case.measures if measure.number == number), None)
    if found is None:
        raise NotFound("measure.no_such")
    return found


def keep_measure(case: Case, doing: Doing, number: int | None, directory: Directory, stamp: Stamp) -> Case:
    """Return the case with a new measure, or with the one of this number as it is told now."""
    agency = doing.who if doing.who in directory.agencies else ""
    told = {
        "sort": doing.sort,
        "bearer": _bearer(doing.who, directory),
        "agency": agency,
        "starts": doing.starts,
        "ends": doing.ends,
        "reports_on": doing.reports_on,
        "progress": doing.progress,
    }
    if number is None:
        fresh = Measure(number=len(case.measures) + 1, noted=stamp, **told)  # type: ignore[arg-type]
        return replace(case, measures=(*case.measures, fresh))
    kept = replace(measure_of(case, number), changed=stamp, **told)  # type: ignore[arg-type]
    return with_measure(case, kept)


def changes_plan(before: Case, after: Case, number: int) -> bool:
    """Say whether a measure now stands otherwise than in the plan that was sent, which is told (R44).

    How far a measure has come is no change of the plan, but that it was dropped is.
    """
    held = before.last_held
    if held is None or before.plan_of(held) is None:
        return False
    old = next((measure for measure in before.measures if measure.number == number), None)
    return old is None or _agreed(old) != _agreed(measure_of(after, number))


def _agreed(measure: Measure) -> tuple[object, ...]:
    dropped = measure.progress is Progress.DROPPED
    return (measure.sort, measure.bearer, measure.agency, measure.starts, measure.ends, measure.reports_on, dropped)


def tell_measure(case: Case, number: int, stamp: Stamp) -> Case:
    """Return the case with an agency having told how a measure goes: it is under way, and nothing more is awaited."""
    known = measure_of(case, number)
    return with_measure(case, replace(known, reports_on=None, progress=Progress.ONGOING, changed=stamp))


def with_measure(case: Case, changed: Measure) -> Case:
    """Return the case with the measure of this number replaced."""
    return replace(case, measures=tuple(changed if m.number == changed.number else m for m in case.measures))


def _bearer(who: str, directory: Directory) -> Bearer:
    if who == PERSON:
        return Bearer.PERSON
    if who == RELATIVE:
        return Bearer.RELATIVE
    known = directory.agencies.get(who)
    return Bearer.OTHER if known is None else _BEARER_OF.get(known.principal, Bearer.OTHER)


def who_of(measure: Measure) -> str:
    """Return who answers for a measure, as it is told: an agency, "person", "relative" or "other"."""
    if measure.agency:
        return measure.agency
    return {Bearer.PERSON: PERSON, Bearer.RELATIVE: RELATIVE}.get(measure.bearer, OTHERS)


class Change(StrEnum):
    """How a measure of one version stands to the version before."""

    NEW = "new"
    CHANGED = "changed"
    DROPPED = "dropped"


def changes(before: PlanSent, after: PlanSent) -> tuple[tuple[int, Change], ...]:
    """Return what differs between two versions of the plan, by the measures' numbers (R170)."""
    old = {measure.number: measure for measure in before.measures}
    new = {measure.number: measure for measure in after.measures}
    found = [(number, Change.NEW) for number in new if number not in old]
    found += [(number, Change.DROPPED) for number in old if number not in new]
    found += [(number, Change.CHANGED) for number in new if number in old and _differs(old[number], new[number])]
    return tuple(sorted(found))


def _differs(one: Measure, other: Measure) -> bool:
    return replace(one, changed=None) != replace(other, changed=None)


def measures_of_version(case: Case) -> tuple[Measure, ...]:
    """Return the measures that the next version of the plan holds: all but those that were dropped."""
    return tuple(measure for measure in case.measures if measure.progress is not Progress.DROPPED)
