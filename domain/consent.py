"""Consent (samtycke): the gate of everything that is told to another agency (R60-R86)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.problem import Problem
from domain.profile import Profile


class Decision(StrEnum):
    """Given or refused; a refusal is documented too (R71)."""

    GIVEN = "given"
    REFUSED = "refused"


class Giver(StrEnum):
    """Who gave the consent (R57, R60, R68-R70)."""

    PERSON = "person"
    GUARDIAN_1 = "guardian_1"
    GUARDIAN_2 = "guardian_2"
    SOLE_GUARDIAN = "sole_guardian"
    CHILD = "child"
    ATTORNEY = "attorney"
    REPRESENTATIVE = "representative"


class Part(StrEnum):
    """The two parts of the consent (R61): exchange of information, and that a plan is made."""

    EXCHANGE = "exchange"
    PLAN = "plan"


class Expression(StrEnum):
    """How it was given or withdrawn (R66, R67)."""

    ORAL = "oral"
    WRITTEN = "written"
    OTHER = "other"


class Extra(StrEnum):
    """What else was said (R65, R83, R84).

    A pre-meeting may be held, relatives may attend, some things must not be raised.
    """

    PREMEETING = "premeeting"
    RELATIVES = "relatives"
    EXCLUSIONS = "exclusions"


class Function(StrEnum):
    """Whom of the agencies the consent covers, where it does not cover everybody whom they name (R62)."""

    SOCIAL_WORKER = "social_worker"
    NURSE = "nurse"
    DOCTOR = "doctor"
    PSYCHOLOGIST = "psychologist"
    COUNSELLOR = "counsellor"
    THERAPIST = "therapist"
    TEACHER = "teacher"
    PUPIL_HEALTH = "pupil_health"
    CASE_OFFICER = "case_officer"
    MANAGER = "manager"


class Topic(StrEnum):
    """Questions of a meeting as neutral categories; none of them tells of a diagnosis (law 4D)."""

    RESPONSIBILITY = "responsibility"
    NEEDS = "needs"
    MEASURES = "measures"
    CONTACTS = "contacts"
    PREVENTION = "prevention"
    TRANSITION = "transition"
    EVERYDAY = "everyday"
    SCHOOL = "school"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class Consent:
    """One recorded decision. Dates are local days; `valid_until` is the last day on which it holds (R64).

    `functions` are those whom it covers at the agencies; none named means everybody whom they send (R62).
    """

    decision: Decision
    given_by: frozenset[Giver]
    expression: Expression
    recorded_at: datetime
    recorded_by: str
    parts: frozenset[Part] = frozenset()
    agencies: frozenset[str] = frozenset()
    topics: frozenset[Topic] = frozenset()
    valid_until: date | None = None
    extras: frozenset[Extra] = frozenset()
    child_judged: bool = False
    functions: frozenset[Function] = frozenset()

    def holds_on(self, day: date) -> bool:
        """Say whether it is given and not expired on `day`."""
        return self.decision is Decision.GIVEN and (self.valid_until is None or day <= self.valid_until)

    def allows_exchange(self, agency: str, day: date) -> bool:
        """Say whether anything about the case may be told to `agency` on `day` (R61a, R62, R64)."""
        return self.holds_on(day) and Part.EXCHANGE in self.parts and agency in self.agencies

    def allows_planning(self, day: date) -> bool:
        """Say whether both parts are given, as a meeting that makes a plan needs (R61)."""
        return self.holds_on(day) and self.parts == frozenset(Part)

    def reaches_less_than(self, before: Consent) -> bool:
        """Say whether those who stay covered may exchange less, or for a shorter time, than before (R75, R76)."""
        fewer = bool(self.functions) and not self.functions >= (before.functions or frozenset(Function))
        shorter = self.valid_until is not None and (before.valid_until is None or self.valid_until < before.valid_until)
        limited = Extra.EXCLUSIONS in self.extras and Extra.EXCLUSIONS not in before.extras
        return fewer or shorter or limited or not self.topics >= before.topics or not self.parts >= before.parts

    def lacks(self, agencies: Iterable[str], topics: Iterable[Topic]) -> tuple[tuple[str, ...], tuple[Topic, ...]]:
        """Return the agencies and topics for which a widened consent is needed first (R75)."""
        return (
            tuple(agency for agency in agencies if agency not in self.agencies),
            tuple(topic for topic in topics if topic not in self.topics),
        )


GUARDIANS = frozenset({Giver.GUARDIAN_1, Giver.GUARDIAN_2})


@dataclass(frozen=True, slots=True)
class OwnConsent:
    """That an agency has the person's consent to what it discloses itself (OSL 12 kap. 2 §; law 4C)."""

    agency: str
    expression: Expression
    valid_until: date
    recorded_at: datetime
    recorded_by: str


def problems_of_giver(
    given_by: frozenset[Giver], *, child: bool, judged: bool, profile: Profile
) -> tuple[Problem, ...]:
    """Check who gave it.

    For a child both guardians, the only one where there is one, or the child itself with a recorded judgement (R69,
    R70, R196); adults for themselves.
    A lawful representative may stand in (R57, R60), and for an adult the holder of a power of attorney (R68).
    """
    if not child:
        if given_by & (GUARDIANS | {Giver.CHILD, Giver.SOLE_GUARDIAN}):
            return (Problem("given_by", "consent.adult_by_guardian"),)
        return ()
    if given_by & {Giver.REPRESENTATIVE, Giver.SOLE_GUARDIAN} or given_by >= GUARDIANS:
        return ()
    if Giver.CHILD in given_by and profile.child_may_consent:
        return () if judged else (Problem("child_judged", "consent.judgement_needed"),)
    return (Problem("given_by", "consent.both_guardians"),)


def problems_of_consent(consent: Consent, *, child: bool, profile: Profile, today: date) -> tuple[Problem, ...]:
    """Return what is wrong with a consent about to be recorded, each at its field."""
    if not consent.given_by:
        return (Problem("given_by", "field.required"),)
    if consent.decision is Decision.REFUSED:
        return ()
    found = list(problems_of_giver(consent.given_by, child=child, judged=consent.child_judged, profile=profile))
    if not consent.parts:
        found.append(Problem("parts", "consent.parts_needed"))
    elif Part.EXCHANGE not in consent.parts:
        found.append(Problem("parts", "consent.exchange_needed"))
    if not consent.agencies:
        found.append(Problem("agencies", "consent.agencies_needed"))
    if not consent.topics:
        found.append(Problem("topics", "consent.topics_needed"))
    if consent.valid_until is not None and consent.valid_until < today:
        found.append(Problem("valid_until", "field.past_date"))
    return tuple(found)
