"""Consent is recorded, widened, narrowed or withdrawn; what follows for summonses that are out (R75-R80)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from domain.audience import Occasion, audience
from domain.case import Case, State
from domain.consent import Consent, Decision, OwnConsent
from domain.errors import WrongState
from domain.matters.closure import Closure, Ground
from domain.matters.plan import Notice
from domain.meeting import Meeting
from domain.stamp import Stamp
from domain.steps.summon import call_off, recall
from domain.summons import Summons

RECORDABLE = frozenset(State) - {State.CLOSED, State.DENIED, State.NOTICED}


def require_recordable(case: Case) -> None:
    """Raise `WrongState` when no consent can be recorded any more; a refusal may be asked about again (R81)."""
    if case.state not in RECORDABLE:
        raise WrongState(f"consent.state_{case.state.value}", {"code": case.code})


def record_consent(case: Case, consent: Consent, *, now: datetime, today: date) -> Case:
    """Add the decision. Agencies no longer covered are recalled, those held back and now covered are let through.

    Questions no longer covered are dropped from the coming meeting; when none is left, or when the consent to make a
    plan has gone, there is nothing left to summon to (R61, R63).

    Raises:
        WrongState: no consent can be recorded any more, or a consent that holds is refused: that is a withdrawal, which
            tells everybody, and is asked for as one (R77).
    """
    require_recordable(case)
    if consent.decision is Decision.REFUSED and case.consent is not None and case.consent.decision is Decision.GIVEN:
        raise WrongState("consent.withdraw_instead", {"code": case.code})
    changed = replace(case, consents=(*case.consents, consent))
    meeting = case.coming_meeting
    if meeting is None:
        return changed
    return changed.with_meeting(_fitted(meeting, consent, now, today))


def note_own(case: Case, own: OwnConsent) -> Case:
    """Return the case with an agency's own consent, in place of one that it noted before."""
    others = (each for each in case.own_consents if each.agency != own.agency)
    return replace(case, own_consents=(*others, own))


def _fitted(meeting: Meeting, consent: Consent, now: datetime, today: date) -> Meeting:
    """Return the coming meeting as the new consent allows it."""
    purpose = tuple(topic for topic in meeting.purpose if topic in consent.topics)
    may_meet = bool(purpose) and consent.allows_planning(today)

    def covered(summons: Summons) -> bool:
        return may_meet and consent.allows_exchange(summons.agency, today)

    fitted = recall(replace(meeting, purpose=purpose or meeting.purpose), lambda s: s.is_live and not covered(s))
    if meeting.start <= now:
        return fitted  # nobody is summoned to a meeting that has begun
    for summons in fitted.summonses:
        if summons.held_back and not summons.recalled and covered(summons):
            fitted = fitted.with_summons(replace(summons, held_back=False, sent_at=now))
    return fitted


def require_withdrawable(case: Case) -> None:
    """Raise `WrongState` when there is no consent to withdraw; a no before any yes is a refusal (R71, R80)."""
    if case.closure is not None:
        raise WrongState("withdraw.closed", {"code": case.code})
    if case.denial is not None:
        raise WrongState("withdraw.denied", {"code": case.code})
    if case.consent is None or case.consent.decision is not Decision.GIVEN:
        raise WrongState("withdraw.no_consent", {"code": case.code})


def withdraw(case: Case, stamp: Stamp) -> Case:
    """Withdrawn: the case closes at once, from any state; summonses are recalled, everything written stays (R76-R79).

    Raises:
        WrongState: the case is closed already, was never started, or has no consent that could be withdrawn.
    """
    require_withdrawable(case)
    concerned = audience(case, Occasion.END)
    meeting = case.coming_meeting
    if meeting is not None:
        case = case.with_meeting(call_off(meeting))
    notices = tuple(Notice(agency) for agency in concerned)
    return replace(case, closure=Closure(Ground.WITHDRAWN, stamp, notices))
