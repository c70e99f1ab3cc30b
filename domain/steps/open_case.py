"""Step 1: a need is noticed and assessed (R25, R87-R101)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from domain.case import AgeBand, Case, Flag, State
from domain.consent import Consent, Decision, Expression
from domain.directory import AgencyKind, Directory, Staff
from domain.errors import WrongState
from domain.matters.need import Denial, Finding, Fossam, NoticedBy, Reason, WishReason
from domain.problem import Problem
from domain.profile import Profile
from domain.stamp import Stamp


class Assessment(StrEnum):
    """The outcome of the assessment."""

    START = "start"
    LATER = "later"  # the need is noted now and judged later (R88)
    DECLINED = "declined"  # a plan was offered, and the person does not want one (R202)
    DENY = "deny"


class Narrowness(StrEnum):
    """What all agencies of a case have in common, though a plan is for more than one of it."""

    ONE_ADMINISTRATION = "one_administration"
    ONE_PRINCIPAL = "one_principal"


@dataclass(frozen=True, slots=True)
class Opening:
    """What the one who opens a case has told."""

    noticed_on: date
    noticed_by: NoticedBy
    age_band: AgeBand
    ongoing: bool
    agencies: tuple[str, ...]
    assessment: Assessment
    reasons: frozenset[Reason] = frozenset()
    flags: frozenset[Flag] = frozenset()
    meeting_by: date | None = None
    denial_reason: str = ""
    denial_certain: bool = False
    record_ref: str = ""
    fossam: Fossam | None = None
    findings: frozenset[Finding] = frozenset()
    meeting_by_reason: WishReason | None = None


def asks_for_fossam(age_band: AgeBand, *, ongoing: bool, profile: Profile) -> bool:
    """Say whether Fossam is to be contacted before it is judged whether to start (R101).

    A child without ongoing measures, on Gotland.
    """
    return profile.fossam and age_band is AgeBand.CHILD and not ongoing


def problems_of_opening(opening: Opening, profile: Profile, today: date) -> tuple[Problem, ...]:
    """Return what is wrong, each at its field."""
    found = []
    if opening.noticed_on > today:
        found.append(Problem("noticed_on", "field.future_date"))
    if not opening.agencies:
        found.append(Problem("agencies", "open.agencies_needed"))
    if opening.meeting_by is not None and opening.meeting_by < today:
        found.append(Problem("meeting_by", "field.past_date"))
    if opening.assessment is Assessment.DENY:
        found += _problems_of_denial(opening)
    # The support is for judging whether to start, so a no needs it as much as a yes.
    if opening.assessment is Assessment.LATER:
        return tuple(found)
    if opening.fossam is None and asks_for_fossam(opening.age_band, ongoing=opening.ongoing, profile=profile):
        found.append(Problem("fossam", "open.fossam_first"))
    return tuple(found)


def narrowness_of(case: Case, directory: Directory, profile: Profile) -> Narrowness | None:
    """Return why too few may be thought of. It is a warning and does not block.

    A plan coordinates two administrations at least (R2, R99), an administration being one kind of work under one
    principal. The law speaks of two principals (R4); a region may have agreed on less (R5, R200).
    """
    known = [directory.agencies[agency] for agency in {case.agency, *case.agencies} if agency in directory.agencies]
    administrations = {(a.principal, a.id if a.kind is AgencyKind.OTHER else a.kind.value) for a in known}
    if len(administrations) == 1:
        return Narrowness.ONE_ADMINISTRATION
    if len({a.principal for a in known}) == 1 and not profile.allow_single_principal:
        return Narrowness.ONE_PRINCIPAL
    return None


def _problems_of_denial(opening: Opening) -> list[Problem]:
    found = []
    if not opening.denial_reason.strip():
        found.append(Problem("denial_reason", "open.denial_reason_needed"))
    if opening.noticed_by is NoticedBy.PERSON and not opening.denial_certain:
        # The person's own wish is as a rule followed, so a no takes one more thought (R95, R96).
        found.append(Problem("denial_certain", "open.denial_certain_needed"))
    return found


def open_case(opening: Opening, *, code: str, profile: Profile, staff: Staff, now: datetime) -> Case:
    """Make the case. The one who opens it becomes lead coordinator (samordningsansvarig) (R26)."""
    case = Case(
        code=code,
        profile=profile.name,
        manual=profile.manual,
        profile_version=profile.version(),
        opened_at=now,
        coordinator=staff.id,
        agency=staff.agency,
        noticed_on=opening.noticed_on,
        noticed_by=opening.noticed_by,
        age_band=opening.age_band,
        ongoing=opening.ongoing,
        agencies=opening.agencies,
        flags=opening.flags,
        reasons=opening.reasons,
        meeting_by=opening.meeting_by,
        meeting_by_reason=opening.meeting_by_reason,
        record_ref=opening.record_ref,
    )
    return judged(case, opening, Stamp(staff.id, now))


def require_assessable(case: Case) -> None:
    """Raise `WrongState` unless whether to start is still to be judged, or was answered with a no."""
    if case.state not in {State.NOTICED, State.DENIED}:
        raise WrongState("assess.done", {"code": case.code})


def assess(case: Case, opening: Opening, stamp: Stamp) -> Case:
    """Return the case judged, for the first time or anew: a denied one may be taken up again, and keeps its no (R96).

    Raises:
        WrongState: it has been judged, and the answer was not a no.
    """
    require_assessable(case)
    earlier = case.earlier_denials if case.denial is None else (*case.earlier_denials, case.denial)
    anew = replace(
        case,
        noticed_on=opening.noticed_on,
        noticed_by=opening.noticed_by,
        ongoing=opening.ongoing,
        reasons=opening.reasons,
        earlier_denials=earlier,
    )
    return judged(anew, opening, stamp)


def judged(case: Case, opening: Opening, stamp: Stamp) -> Case:
    """Return the case with the outcome of the assessment, and who made it."""
    outcome = opening.assessment
    if outcome is Assessment.LATER:
        return replace(case, unassessed=True)
    case = replace(
        case, unassessed=False, denial=None, assessed=stamp, findings=opening.findings, fossam=opening.fossam
    )
    if outcome is Assessment.DENY:
        return replace(case, denial=Denial(opening.denial_reason.strip(), stamp))
    if outcome is Assessment.DECLINED:
        # Who of them said no is not asked for here; it is documented like every no (R71, R202).
        no = Consent(Decision.REFUSED, frozenset(), Expression.ORAL, stamp.at, stamp.by)
        return replace(case, consents=(*case.consents, no))
    return case
