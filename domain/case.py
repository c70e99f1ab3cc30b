"""The case (ärende): everything that is held about one person's coordination, without the person.

A case is one frozen value. Every step of the process returns a new one; what can be derived is derived.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import takewhile

from domain.consent import Consent, Decision, Extra, OwnConsent
from domain.matters.admission import Admission
from domain.matters.closure import Closure
from domain.matters.companion import LAWFUL, Companion, Does
from domain.matters.deviation import Deviation
from domain.matters.evaluation import Evaluation
from domain.matters.measure import Measure
from domain.matters.need import Denial, Finding, Fossam, NoticedBy, Reason, WishReason
from domain.matters.plan import PlanSent, agencies_of
from domain.matters.preparation import NOTHING_PREPARED, Preparation
from domain.matters.promise import Promise
from domain.matters.review import Review
from domain.meeting import Meeting
from domain.snooze import Snooze
from domain.stamp import Stamp
from domain.summons import Standing, Summons


class AgeBand(StrEnum):
    """0-17, 18-64, 65 and over (R188)."""

    CHILD = "child"
    ADULT = "adult"
    OLDER = "older"


class Flag(StrEnum):
    """What changes how a case is handled: acute (R89), protected identity (R109), interpreter or aids (R105)."""

    ACUTE = "acute"
    PROTECTED = "protected"
    INTERPRETER = "interpreter"


class State(StrEnum):
    """Where the case stands (process 7A)."""

    NOTICED = "noticed"  # waits for the assessment
    DENIED = "denied"
    ASSESSED = "assessed"  # waits for consent
    REFUSED = "refused"
    PREPARING = "preparing"
    SUMMONED = "summoned"
    READY = "ready"
    PLAN_DRAFT = "plan_draft"
    ACTIVE = "active"
    FOLLOWUP_SUMMONED = "followup_summoned"
    FOLLOWUP_READY = "followup_ready"
    CLOSING = "closing"  # the last meeting found that no need remains
    CLOSED = "closed"


@dataclass(frozen=True)
class Case:
    """One case.

    `coordinator` is samordningsansvarig, `lead` huvudansvarig (staff ids); `agency` and `lead_agency` are the units
    they were of when they took it on, which answer for the process when somebody leaves (R40). `profile` names the
    region's rules. `fired` holds the keys of reminders that have gone out and still concern something open; `snoozes`
    by reminder group. `version` counts saved changes.
    `lead_outside` is a huvudansvarig whom the directory does not know, as "Name, title, agency"; the coordinator is
    asked in their place. `unassessed`: a need has been noticed, and whether to start is judged later (R88);
    `assessed` tells who judged it last, "not noted" in cases of version 0.1. `meeting_by` is the person's own last day
    for the first meeting, for `meeting_by_reason` (R91). `vacant_since` is the instant since which the responsible one
    works at the unit no longer (R40). `own_consents` are those that agencies have to what they disclose themselves, the
    newest of each. `counted` says by which way of counting it stands in the figures, 0 where it does not yet.
    What is derived from it again and again is remembered with the value, which is why it has no slots.
    """

    code: str
    profile: str
    opened_at: datetime
    coordinator: str
    agency: str
    noticed_on: date
    noticed_by: NoticedBy
    age_band: AgeBand
    ongoing: bool
    agencies: tuple[str, ...]
    flags: frozenset[Flag] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    meeting_by: date | None = None
    record_ref: str = ""
    denial: Denial | None = None
    consents: tuple[Consent, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    plans: tuple[PlanSent, ...] = ()
    lead: str = ""
    lead_agency: str = ""
    lead_since: datetime | None = None
    lead_outside: str = ""
    closure: Closure | None = None
    fired: frozenset[str] = frozenset()
    snoozes: dict[str, Snooze] = field(default_factory=dict)
    version: int = 0
    fossam: Fossam | None = None
    manual: str = ""  # the manual and its version by which it was opened (R208)
    profile_version: str = ""  # what the profile's rules were then, "" where that was not noted
    findings: frozenset[Finding] = frozenset()
    unassessed: bool = False
    assessed: Stamp | None = None
    earlier_denials: tuple[Denial, ...] = ()
    meeting_by_reason: WishReason | None = None
    measures: tuple[Measure, ...] = ()
    promises: tuple[Promise, ...] = ()
    reviews: tuple[Review, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    admissions: tuple[Admission, ...] = ()
    vacant_since: datetime | None = None
    own_consents: tuple[OwnConsent, ...] = ()
    preparation: Preparation = NOTHING_PREPARED
    companions: tuple[Companion, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    counted: int = 0

    @property
    def protected(self) -> bool:
        """Say whether the person's identity is protected (skyddade personuppgifter)."""
        return Flag.PROTECTED in self.flags

    @property
    def consent(self) -> Consent | None:
        """The latest recorded decision; earlier ones are history."""
        return self.consents[-1] if self.consents else None

    @property
    def consented_at(self) -> datetime | None:
        """When the person said yes, after the last no if there was one. Renewals and widenings since do not count."""
        since_no = takewhile(lambda each: each.decision is not Decision.REFUSED, reversed(self.consents))
        given = [each.recorded_at for each in since_no]
        return given[-1] if given else None

    @property
    def meeting(self) -> Meeting | None:
        """The latest meeting, coming or past."""
        return self.meetings[-1] if self.meetings else None

    @property
    def coming_meeting(self) -> Meeting | None:
        """The meeting that is called and not yet reported on, if there is one. A closed case has none (R78)."""
        if self.closure is not None or self.meeting is None:
            return None
        return self.meeting if self.meeting.is_open else None

    @property
    def admission(self) -> Admission | None:
        """The stay in a hospital that goes on now, if there is one."""
        last = self.admissions[-1] if self.admissions else None
        return last if last is not None and last.is_open else None

    @property
    def last_held(self) -> Meeting | None:
        """The latest meeting that took place."""
        return next((meeting for meeting in reversed(self.meetings) if meeting.was_held), None)

    @property
    def is_open(self) -> bool:
        """Say whether the case still runs."""
        ended = self.closure is not None or self.denial is not None
        return not ended and (self.consent is None or self.consent.decision is Decision.GIVEN)

    @property
    def ended_at(self) -> datetime | None:
        """Since when the case runs no longer: closed, not begun, or not consented to; none while it runs."""
        if self.is_open:
            return None
        ends = (
            self.closure.closed.at if self.closure is not None else None,
            self.denial.decided.at if self.denial is not None else None,
            self.consent.recorded_at if self.consent is not None else None,
        )
        return next(at for at in ends if at is not None)

    @property
    def responsible(self) -> str:
        """The one who answers for the case now: huvudansvarig once there is one, else samordningsansvarig (R35)."""
        return self.lead or self.coordinator

    @property
    def responsible_agency(self) -> str:
        """The unit of the one who answers for the case now, as it was when they took it on (R40); "" if not noted."""
        return self.lead_agency if self.lead else self.agency

    def may_take_part(self, companion: Companion) -> bool:
        """Say whether somebody close may come and have the plan: the consent says so, or the law (R24, R42, R83)."""
        given = self.consent is not None and Extra.RELATIVES in self.consent.extras
        return companion.role in LAWFUL or given

    def to_get_plan(self) -> tuple[Companion, ...]:
        """Return those who stand by the person and are to have the plan, as far as the consent goes (R47, R83)."""
        return tuple(each for each in self.companions if Does.PLAN in each.does and self.may_take_part(each))

    def own_consent_of(self, agency: str) -> OwnConsent | None:
        """Return an agency's consent to what it discloses itself, if it has noted one."""
        return next((own for own in self.own_consents if own.agency == agency), None)

    def plan_of(self, meeting: Meeting) -> PlanSent | None:
        """Return the plan sent after this meeting, if any."""
        return next((plan for plan in self.plans if plan.meeting == meeting.number), None)

    def plan_sender_of(self, meeting: Meeting) -> str:
        """Return who sends the plan: samordningsansvarig after the first meeting, huvudansvarig after that (R194)."""
        return self.coordinator if self.is_first_held(meeting) else self.responsible

    def plan_sender_agency_of(self, meeting: Meeting) -> str:
        """Return the unit of the one who sends the plan."""
        return self.agency if self.is_first_held(meeting) else self.responsible_agency

    def unit_of(self, meeting: Meeting) -> str:
        """Return the unit that called a meeting: it takes part without being summoned, and it asked for the consent."""
        if meeting.unit:
            return meeting.unit
        return self.agency if self.is_first_held(meeting) else self.responsible_agency

    def unit_at(self, meeting: Meeting) -> str:
        """Return the unit that answered for the process at a meeting: it comes without being asked (R26, R35).

        That is the unit of whoever became responsible before it, although another unit had called it.
        """
        since = self.lead_since
        return self.responsible_agency if since is None or since <= meeting.start else self.unit_of(meeting)

    def owing(self, meeting: Meeting) -> tuple[Summons, ...]:
        """Return the summonses that still owe an answer (R128); the unit that answers for the process owes none."""
        own = self.unit_at(meeting)
        return tuple(summons for summons in meeting.missing() if summons.agency != own)

    def is_first_held(self, meeting: Meeting) -> bool:
        """Say whether no meeting took place before this one, so that it makes the plan and does not follow it up."""
        return not any(earlier.was_held and earlier.number < meeting.number for earlier in self.meetings)

    @cached_property
    def state(self) -> State:
        """Derive where the case stands from what has happened."""
        if self.closure is not None:
            return State.CLOSED
        if self.denial is not None:
            return State.DENIED
        if self.unassessed:
            return State.NOTICED
        if self.consent is None:
            return State.ASSESSED
        if self.consent.decision is Decision.REFUSED:
            return State.REFUSED
        return self._state_of_meetings()

    def _state_of_meetings(self) -> State:
        coming, held = self.coming_meeting, self.last_held
        if coming is not None:
            return self._state_of_summons(coming, followup=held is not None)
        if held is None or held.report is None:
            return State.PREPARING
        if not held.report.need_remains:
            return State.CLOSING
        return State.ACTIVE if self.plan_of(held) is not None else State.PLAN_DRAFT

    def _state_of_summons(self, meeting: Meeting, *, followup: bool) -> State:
        # Ready is a meeting to which somebody is summoned and every obliged agency has named who comes (process 7C).
        # One whose summons is held back has not been asked yet.
        held_back = any(s.obliged and s.standing(meeting.round) is Standing.HELD_BACK for s in meeting.summonses)
        waits = held_back or not meeting.live() or any(s.obliged for s in self.owing(meeting))
        if followup:
            return State.FOLLOWUP_SUMMONED if waits else State.FOLLOWUP_READY
        return State.SUMMONED if waits else State.READY

    def with_plan(self, changed: PlanSent) -> Case:
        """Return the case with the plan of this version replaced."""
        return replace(self, plans=tuple(changed if p.version == changed.version else p for p in self.plans))

    def with_meeting(self, changed: Meeting) -> Case:
        """Return the case with the meeting of this number replaced where it stands, or a new one added last."""
        if all(meeting.number != changed.number for meeting in self.meetings):
            return replace(self, meetings=(*self.meetings, changed))
        return replace(self, meetings=tuple(changed if m.number == changed.number else m for m in self.meetings))

    def parties(self) -> tuple[str, ...]:
        """Return every agency that has been told of the case: summoned at some time, or the coordinator's own."""
        return tuple(dict.fromkeys((self.agency, *self.told())))

    def told(self) -> tuple[str, ...]:
        """Return every agency that was told of the case.

        It has heard of a summons, also when that was recalled or forwarded afterwards, or the plan was sent to it.
        """
        summoned = (s.agency for meeting in self.meetings for s in meeting.summonses if s.told)
        planned = (who for plan in self.plans for who in sorted(agencies_of(plan.recipients) - {self.agency}))
        return tuple(dict.fromkeys((*summoned, *planned)))
