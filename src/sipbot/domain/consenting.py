"""Consent is recorded, widened, narrowed or withdrawn; what follows for summonses that are out (R75-R80)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sipbot.domain.case import Case, Closure, Ground, Notice, State
from sipbot.domain.consent import Consent
from sipbot.domain.errors import WrongState
from sipbot.domain.meeting import Meeting, Stamp, Standing
from sipbot.domain.summoning import recall

RECORDABLE = frozenset(State) - {State.CLOSED, State.DENIED}


def require_recordable(case: Case) -> None:
    """Raise `WrongState` when no consent can be recorded any more; a refusal may be asked about again (R81)."""
    if case.state not in RECORDABLE:
        raise WrongState(f"consent.state_{case.state.value}", {"code": case.code})


def record_consent(case: Case, consent: Consent, *, now: datetime, today: date) -> Case:
    """Add the decision. Agencies no longer covered are recalled, those held back and now covered are let through.

    A refusal while a meeting is coming is a withdrawal and is asked for as one, so it is not reached here.
    """
    changed = replace(case, consents=(*case.consents, consent))
    meeting = case.coming_meeting
    if meeting is None:
        return changed
    narrowed = recall(meeting, lambda s: not consent.allows_exchange(s.agency, today) and not s.held_back)
    return changed.with_meeting(_let_through(narrowed, consent, now, today))


def _let_through(meeting: Meeting, consent: Consent, now: datetime, today: date) -> Meeting:
    for summons in meeting.summonses:
        if summons.held_back and not summons.recalled and consent.allows_exchange(summons.agency, today):
            meeting = meeting.with_summons(replace(summons, held_back=False, sent_at=now))
    return meeting


def withdraw(case: Case, stamp: Stamp) -> Case:
    """Withdrawn: the case closes at once, from any state; summonses are recalled, everything written stays (R76-R79)."""
    if case.closure is not None:
        raise WrongState("withdraw.closed", {"code": case.code})
    concerned = concerned_agencies(case)
    meeting = case.coming_meeting
    if meeting is not None:
        case = case.with_meeting(recall(meeting, lambda _: True))
    notices = tuple(Notice(agency) for agency in concerned)
    return replace(case, closure=Closure(Ground.WITHDRAWN, stamp, notices))


def concerned_agencies(case: Case) -> tuple[str, ...]:
    """Return every agency that has been told of the case and must hear of its end; the closer's own unit knows."""
    told: list[str] = []
    for meeting in case.meetings:
        told += [s.agency for s in meeting.summonses if s.standing(meeting.round) is not Standing.HELD_BACK]
    return tuple(dict.fromkeys(agency for agency in told))
