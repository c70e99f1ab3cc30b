"""Consent: who gives it, what it covers, how long it holds (R60-R75)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.consent import Consent, Decision, Expression, Extra, Giver, Part, Topic, problems_of_consent
from tests.domain.makers import ANNA, GOTLAND, consent, day, instant

TODAY = day("2026-03-03")
GUARDIANS_DECIDE = replace(GOTLAND, child_may_consent=False)

PERSON, CHILD = Giver.PERSON, Giver.CHILD
ONE, TWO = Giver.GUARDIAN_1, Giver.GUARDIAN_2
ATTORNEY, REPRESENTATIVE = Giver.ATTORNEY, Giver.REPRESENTATIVE


def keys(*, child: bool = False, profile: Any = GOTLAND, **told: Any) -> list[tuple[str, str]]:
    problems = problems_of_consent(consent(**told), child=child, profile=profile, today=TODAY)
    return [(problem.field, problem.key) for problem in problems]


# ---- who may give it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "givers, why",
    [
        ({PERSON}, ""),  # R60
        ({ATTORNEY}, ""),  # R68
        ({REPRESENTATIVE}, ""),  # R57, R60
        ({PERSON, ATTORNEY}, ""),
        ({PERSON, REPRESENTATIVE}, ""),
        ({ONE, TWO}, "consent.adult_by_guardian"),
        ({PERSON, ONE}, "consent.adult_by_guardian"),
        ({CHILD}, "consent.adult_by_guardian"),
        ({CHILD, REPRESENTATIVE}, "consent.adult_by_guardian"),
    ],
)
def test_r60_r68_an_adult_consents_or_somebody_who_lawfully_stands_in(givers: set[Giver], why: str) -> None:
    """R57."""
    found = keys(given_by=frozenset(givers))
    assert found == ([("given_by", why)] if why else [])


@pytest.mark.parametrize(
    "givers, judged, why",
    [
        ({ONE, TWO}, False, ""),  # R69
        ({ONE, TWO, CHILD}, False, ""),  # both guardians, and the child was asked too
        ({ONE}, False, "both_guardians"),
        ({TWO}, False, "both_guardians"),
        ({CHILD}, True, ""),  # R70
        ({CHILD, ONE}, True, ""),
        ({CHILD}, False, "judgement_needed"),
        ({CHILD, ONE}, False, "judgement_needed"),
        ({REPRESENTATIVE}, False, ""),  # R57: a lawful representative other than the guardians
        ({PERSON}, False, "both_guardians"),
        ({ATTORNEY}, False, "both_guardians"),  # R68 is for those who could once decide for themselves
        ({ATTORNEY, ONE}, False, "both_guardians"),
    ],
)
def test_r69_r70_r196_both_guardians_or_the_child_with_a_recorded_judgement(
    givers: set[Giver], why: str, *, judged: bool
) -> None:
    """R6."""
    field = {"both_guardians": "given_by", "judgement_needed": "child_judged"}
    found = keys(child=True, given_by=frozenset(givers), child_judged=judged)
    assert found == ([(field[why], f"consent.{why}")] if why else [])


def test_r70_some_regions_let_no_child_consent_alone() -> None:
    given_by = frozenset({CHILD})
    found = keys(child=True, profile=GUARDIANS_DECIDE, given_by=given_by, child_judged=True)
    assert found == [("given_by", "consent.both_guardians")]


def test_somebody_gave_it() -> None:
    assert keys(given_by=frozenset()) == [("given_by", "field.required")]


# ---- what a recorded consent says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "parts, why",
    [
        ({Part.EXCHANGE, Part.PLAN}, ""),
        ({Part.EXCHANGE}, ""),  # agencies may talk; that a plan is made can be said later
        ({Part.PLAN}, "consent.exchange_needed"),
        (set(), "consent.parts_needed"),
    ],
)
def test_r61_consent_has_two_parts(parts: set[Part], why: str) -> None:
    assert keys(parts=frozenset(parts)) == ([("parts", why)] if why else [])


def test_r62_r63_consent_names_agencies_and_questions() -> None:
    assert keys(agencies=frozenset()) == [("agencies", "consent.agencies_needed")]
    assert keys(topics=frozenset()) == [("topics", "consent.topics_needed")]


def test_r64_consent_cannot_end_in_the_past() -> None:
    assert keys(valid_until=day("2026-03-02")) == [("valid_until", "field.past_date")]
    assert keys(valid_until=TODAY) == []
    assert keys(valid_until=None) == []


@pytest.mark.parametrize("form", Expression)
def test_r66_r67_it_may_be_given_orally_in_writing_or_otherwise(form: Expression) -> None:
    assert keys(expression=form) == []


def test_every_mistake_is_told_at_once() -> None:
    found = keys(given_by=frozenset({ONE}), parts=frozenset(), agencies=frozenset(), topics=frozenset())
    assert {field for field, _ in found} == {"given_by", "parts", "agencies", "topics"}


@pytest.mark.parametrize("child", [False, True])
def test_r71_r80_a_refusal_is_recorded_whoever_of_them_said_no(*, child: bool) -> None:
    """R202."""
    no = Consent(Decision.REFUSED, frozenset({ONE}), Expression.ORAL, instant("2026-03-03 10:00"), ANNA)
    assert problems_of_consent(no, child=child, profile=GOTLAND, today=TODAY) == ()


def test_r65_limits_and_extras_are_marked_without_saying_what_they_are() -> None:
    """R83, R84."""
    given = consent(extras=frozenset(Extra))
    assert Extra.EXCLUSIONS in given.extras


# ---- what it allows ----------------------------------------------------------------------------------------


def test_r62_only_a_covered_agency_may_be_told_anything() -> None:
    given = consent(agencies=frozenset({"bup"}))
    assert given.allows_exchange("bup", TODAY)
    assert not given.allows_exchange("skola", TODAY)


def test_r64_it_holds_to_its_last_day_and_no_longer() -> None:
    given = consent(valid_until=day("2026-05-31"))
    assert given.allows_exchange("bup", day("2026-05-31"))
    assert given.allows_planning(day("2026-05-31"))
    assert not given.allows_exchange("bup", day("2026-06-01"))
    assert not given.allows_planning(day("2026-06-01"))


def test_r64_without_a_last_day_it_holds() -> None:
    assert consent(valid_until=None).allows_planning(day("2040-01-01"))


def test_r61_a_meeting_that_plans_needs_both_parts() -> None:
    exchange = consent(parts=frozenset({Part.EXCHANGE}))
    assert exchange.allows_exchange("bup", TODAY)
    assert not exchange.allows_planning(TODAY)


def test_r80_a_refusal_allows_nothing() -> None:
    no = replace(consent(), decision=Decision.REFUSED)
    assert not no.allows_exchange("bup", TODAY)
    assert not no.allows_planning(TODAY)


def test_r75_new_agencies_and_questions_need_a_widened_consent() -> None:
    given = consent(agencies=frozenset({"bup"}), topics=frozenset({Topic.NEEDS}))
    assert given.lacks(("bup", "fk", "vc"), (Topic.NEEDS, Topic.SCHOOL)) == (("fk", "vc"), (Topic.SCHOOL,))
    assert given.lacks(("bup",), (Topic.NEEDS,)) == ((), ())
