"""What one case adds to the figures: derived from what is held on it, each thing in the quarter in which it began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from domain.case import AgeBand, Case
from domain.consent import Decision
from domain.figures.quarter import Quarter
from domain.figures.sums import NOTHING, Key, Sum, Sums, Tally, Track
from domain.matters.closure import Ground
from domain.matters.evaluation import Evaluation, Felt
from domain.meeting import Meeting
from domain.rules import Rules
from domain.summons import Summons

WAY: Final = 2
"""This way of counting. A case says by which way it stands in the figures, 0 where it does not stand in them yet.

By the first way the unit that answers for the process counted among those that were asked to its own meetings (R35). A
case that was counted by an earlier way goes over to this one when it is next saved: what that way counted is taken off,
so each way stays here as long as there are cases of it. Only a case of none is counted whole.
"""
_OWN_UNIT_NOT_ASKED: Final = 2

_HOUR = timedelta(hours=1)

# The fields of a case from which the figures are derived.
_COUNTED = (
    "agency",
    "noticed_on",
    "age_band",
    "meeting_by",
    "denial",
    "consents",
    "meetings",
    "plans",
    "deviations",
    "admissions",
    "evaluations",
    "closure",
    "lead",
    "lead_agency",
    "lead_since",
)
_CLOSED_BY = {Ground.GOALS_MET: Tally.GOALS_MET, Ground.NO_NEED: Tally.NO_NEED, Ground.WITHDRAWN: Tally.WITHDRAWN}


def track_of(case: Case) -> Track:
    """Return the track that a case belongs to: whoever leaves a hospital, children, and all others (R207)."""
    if case.admissions:
        return Track.DISCHARGE
    return Track.CHILD if case.age_band is AgeBand.CHILD else Track.ADULT


def counted(case: Case, rules: Rules) -> dict[Key, Sum]:
    """Return what a case adds to the figures, under the units that each thing concerns.

    A quarter goes on changing while what began in it is answered, sent or put right, until it is settled.
    """
    return _summed(_tracked(case, rules, WAY))


def grown(before: Case | None, after: Case, rules: Rules) -> Sums:
    """Return by how much the figures change when a case has become another.

    One that does not stand in them yet, since it is new or from before there were figures, comes in whole. What of this
    is of a settled quarter is left out where the figures grow (`open_on`). Since a quarter that has settled stays so,
    all later changes to it are left out as well: nothing is added that was there, nor taken off that never was.
    """
    if before is None or not before.counted:
        return counted(after, rules)
    # Most of what is saved touches nothing that is counted: what a step leaves alone is the very same object.
    if before.counted == WAY and all(getattr(before, name) is getattr(after, name) for name in _COUNTED):
        return {}
    # And of what it touches most is as it was, so what is the same in both is left out before it is summed.
    different = _tracked(after, rules, WAY)
    different.subtract(_tracked(before, rules, before.counted))
    return _summed(different)


def _tracked(case: Case, rules: Rules, way: int) -> Counter[tuple[Track, _Thing]]:
    track = track_of(case)
    return Counter((track, thing) for thing in _things(case, rules, way))


def _summed(things: Counter[tuple[Track, _Thing]]) -> dict[Key, Sum]:
    found: dict[Key, Sum] = {}
    for (track, (day, agency, name, total)), times in things.items():
        if times:
            key = Key(str(Quarter.of(day)), agency, track.value, name.value)
            found[key] = found.get(key, NOTHING) + Sum(times, times * total)
    return {key: one for key, one in found.items() if one != NOTHING}


_Thing: TypeAlias = tuple[date, str, Tally, int]


def _things(case: Case, rules: Rules, way: int) -> Iterator[_Thing]:
    yield case.noticed_on, case.agency, Tally.NOTICED, 0
    if case.denial is not None:
        yield case.noticed_on, case.agency, Tally.DENIED, 0
    if case.consent is not None and case.consent.decision is Decision.REFUSED:
        yield case.noticed_on, case.agency, Tally.REFUSED, 0
    for meeting in case.meetings:
        asked = _asked(case, meeting, way)
        for summons in asked:
            yield from _summoned(summons, rules)
        if meeting.was_held:
            yield from _held(case, meeting, asked, rules)
    for deviation in case.deviations:
        day = rules.local_date(deviation.reported.at)
        yield day, deviation.agency, Tally.DEVIATION, 0
        if deviation.answer is not None:
            yield day, deviation.agency, Tally.REMEDIED, 0
    for evaluation in case.evaluations:
        yield from _felt(case, evaluation)
    if case.closure is not None:
        agency = case.responsible_agency or case.agency
        yield rules.local_date(case.closure.closed.at), agency, _CLOSED_BY[case.closure.ground], 0


def _asked(case: Case, meeting: Meeting, way: int) -> tuple[Summons, ...]:
    """Return the summonses of those who owed an answer; who answers for the process comes without one (R26, R35)."""
    own = case.unit_at(meeting) if way >= _OWN_UNIT_NOT_ASKED else ""
    return tuple(summons for summons in meeting.live() if summons.agency != own)


def _summoned(summons: Summons, rules: Rules) -> Iterator[_Thing]:
    day, agency = rules.local_date(summons.sent_at), summons.agency
    yield day, agency, Tally.SUMMONED, 0
    if summons.received is not None:
        yield day, agency, Tally.CONFIRMED, _hours(summons.sent_at, summons.received.at)
    if summons.decline is not None:
        yield day, agency, Tally.DECLINED, 0
    elif summons.naming is not None:
        yield day, agency, Tally.NAMED, 0


def _held(case: Case, meeting: Meeting, asked: Iterable[Summons], rules: Rules) -> Iterator[_Thing]:
    day, unit, report = meeting.day, case.unit_of(meeting) or case.agency, meeting.report
    if report is None:
        return
    if case.is_first_held(meeting):
        yield day, unit, Tally.FIRST_HELD, max(0, (day - case.noticed_on).days)
        if day <= rules.meeting_deadline(case):
            yield day, unit, Tally.FIRST_IN_TIME, 0
    else:
        yield day, unit, Tally.FOLLOWED_UP, 0
    for summons in asked:
        if summons.obliged:
            yield day, summons.agency, Tally.EXPECTED, 0
            if summons.agency not in report.attended:
                yield day, summons.agency, Tally.ABSENT, 0
    if not report.need_remains:
        yield day, unit, Tally.FINISHED, 0
    else:
        yield day, unit, Tally.PLANNED, 0
        plan = case.plan_of(meeting)
        if plan is not None and plan.sent_on <= rules.plan_deadline(meeting):
            yield day, unit, Tally.PLAN_IN_TIME, 0
        if report.follow_up_on is not None:
            yield day, unit, Tally.BOOKED, 0


def _felt(case: Case, evaluation: Evaluation) -> Iterator[_Thing]:
    meeting = next((each for each in case.meetings if each.number == evaluation.meeting), None)
    if meeting is None or evaluation.felt is None:
        return
    unit = case.unit_of(meeting) or case.agency
    yield meeting.day, unit, Tally.ASKED_FELT, 0
    if evaluation.felt is Felt.YES:
        yield meeting.day, unit, Tally.FELT, 0


def _hours(start: datetime, end: datetime) -> int:
    return max(0, round((end - start) / _HOUR))
