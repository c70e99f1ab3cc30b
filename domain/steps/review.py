"""The plan is followed up, measure by measure (R166, R169): what was found changes how far each has come."""

from __future__ import annotations

from dataclasses import replace

from domain.case import Case
from domain.errors import WrongState
from domain.matters.measure import Measure, Progress
from domain.matters.review import Extent, Found, Review, Verdict
from domain.meeting import Meeting
from domain.stamp import Stamp

PROGRESS_OF = {
    Verdict.HELPS: Progress.ONGOING,
    Verdict.CHANGE: Progress.ONGOING,
    Verdict.PARTLY: Progress.ONGOING,
    Verdict.NOT_GIVEN: Progress.NOT_DONE,
    Verdict.DONE: Progress.DONE,
}


def meeting_to_review(case: Case) -> Meeting:
    """Return the meeting at which the plan is followed up: the coming one, or the last one that was held.

    Raises:
        WrongState: no plan was made yet, or the case has ended.
    """
    if not case.is_open or not case.plans:
        raise WrongState("review.too_early", {"code": case.code})
    meeting = case.coming_meeting or case.last_held
    if meeting is None:
        raise WrongState("review.too_early", {"code": case.code})
    return meeting


def to_review(case: Case) -> tuple[Measure, ...]:
    """Return the measures that are asked about: those of the newest plan that are not done and not dropped."""
    planned = {measure.number for measure in case.plans[-1].measures} if case.plans else set()
    again = {Progress.PLANNED, Progress.ONGOING, Progress.NOT_DONE}
    return tuple(m for m in case.measures if m.number in planned and m.progress in again)


def review_of(case: Case, meeting: Meeting) -> Review | None:
    """Return what was answered at a meeting, if it was."""
    return next((review for review in case.reviews if review.meeting == meeting.number), None)


def review(
    case: Case, meeting: Meeting, extents: tuple[Extent, Extent, bool], found: tuple[Found, ...], stamp: Stamp
) -> Case:
    """Return the case with the six questions answered; answered again at the same meeting, the later answer holds.

    `extents` is whether goals are met, whether way and order were right, and whether goals or needs have changed.
    """
    goals_met, order, needs_changed = extents
    kept = tuple(review for review in case.reviews if review.meeting != meeting.number)
    fresh = Review(meeting.number, goals_met, order, needs_changed, found, stamp)
    verdicts = {each.measure: each.verdict for each in found}
    measures = tuple(_judged(measure, verdicts.get(measure.number), stamp) for measure in case.measures)
    return replace(case, reviews=(*kept, fresh), measures=measures)


def _judged(measure: Measure, verdict: Verdict | None, stamp: Stamp) -> Measure:
    if verdict is None or PROGRESS_OF[verdict] is measure.progress:
        return measure
    return replace(measure, progress=PROGRESS_OF[verdict], changed=stamp)
