"""Step 1: a need is noticed and assessed (R25, R87-R101)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.profile_file import read_profile
from domain.case import AgeBand, State
from domain.directory import Agency, AgencyKind, Directory, Principal
from domain.matters.need import Fossam, NoticedBy
from domain.profile import Profile
from domain.stamp import Stamp
from domain.steps.open_case import Assessment, Narrowness, narrowness_of, open_case, problems_of_opening
from tests.domain.makers import ANNA, DIRECTORY, GOTLAND, JULIA, NATIONAL, day, instant, opening

TODAY = day("2026-03-02")


def keys(profile: Any = GOTLAND, **told: Any) -> list[tuple[str, str]]:
    return [(p.field, p.key) for p in problems_of_opening(opening(**told), profile, TODAY)]


def test_a_plain_opening_is_fine() -> None:
    assert keys() == []


@pytest.mark.parametrize("noticed_by", NoticedBy)
def test_r25_r93_anybody_may_have_noticed_the_need(noticed_by: NoticedBy) -> None:
    assert keys(noticed_by=noticed_by) == []


def test_r90_the_need_was_noticed_today_or_earlier() -> None:
    assert keys(noticed_on=TODAY) == []
    assert keys(noticed_on=day("2025-11-01")) == []
    assert keys(noticed_on=day("2026-03-03")) == [("noticed_on", "field.future_date")]


def test_r2_at_least_one_other_agency_is_thought_of() -> None:
    assert keys(agencies=()) == [("agencies", "open.agencies_needed")]


def warned(profile: Profile, agency: str, *others: str) -> Narrowness | None:
    """Return what is warned of when one agency opens a case and thinks of others."""
    kinds = {
        "soc": (AgencyKind.SOCIAL_SERVICES, Principal.MUNICIPALITY),
        "skola": (AgencyKind.SCHOOL, Principal.MUNICIPALITY),
        "bup": (AgencyKind.HEALTH_CARE, Principal.REGION),
        "vc": (AgencyKind.HEALTH_CARE, Principal.REGION),
        "fk": (AgencyKind.OTHER, Principal.STATE),
        "polis": (AgencyKind.OTHER, Principal.STATE),
    }
    agencies = {name: Agency(name, name, name, *kinds[name]) for name in kinds}
    case = open_case(
        opening(agencies=others),
        code="SIP-7K3QF-M",
        profile=profile,
        staff=replace(DIRECTORY.staff[ANNA], agency=agency),
        now=instant("2026-03-02 09:00"),
    )
    return narrowness_of(case, Directory(agencies, {}), profile)


@pytest.mark.parametrize("profile", [GOTLAND, NATIONAL], ids=["gotland", "national"])
def test_r2_r99_one_administration_alone_is_warned_of(profile: Profile) -> None:
    assert warned(profile, "bup", "vc") is Narrowness.ONE_ADMINISTRATION
    assert warned(profile, "bup", "bup") is Narrowness.ONE_ADMINISTRATION
    assert warned(profile, "bup", "vc", "soc") is None


def test_r5_r200_one_principal_alone_is_warned_of_unless_the_region_allows_it() -> None:
    """R2: on Gotland two administrations are enough. R4: the law wants both principals."""
    assert warned(GOTLAND, "soc", "skola") is None
    assert warned(read_profile("blekinge"), "soc", "skola") is None
    assert warned(NATIONAL, "soc", "skola") is Narrowness.ONE_PRINCIPAL
    assert warned(NATIONAL, "fk", "polis") is Narrowness.ONE_PRINCIPAL


def test_r91_the_persons_own_wish_lies_ahead() -> None:
    assert keys(meeting_by=TODAY) == []
    assert keys(meeting_by=day("2026-08-01")) == []
    assert keys(meeting_by=day("2026-03-01")) == [("meeting_by", "field.past_date")]


@pytest.mark.parametrize("reason", ["", "   "])
def test_r96_a_denial_needs_a_reason(reason: str) -> None:
    """R94."""
    assert keys(assessment=Assessment.DENY, denial_reason=reason) == [("denial_reason", "open.denial_reason_needed")]


def test_r95_r96_a_denial_of_the_persons_own_wish_needs_one_more_thought() -> None:
    told: dict[str, Any] = {"assessment": Assessment.DENY, "denial_reason": "Skäl", "noticed_by": NoticedBy.PERSON}
    assert keys(**told) == [("denial_certain", "open.denial_certain_needed")]
    assert keys(**told, denial_certain=True) == []
    assert keys(**{**told, "noticed_by": NoticedBy.OTHER}) == []


@pytest.mark.parametrize(
    "age_band, ongoing, fossam, asks",
    [
        (AgeBand.CHILD, False, None, True),
        (AgeBand.CHILD, False, Fossam.CONTACTED, False),
        (AgeBand.CHILD, False, Fossam.OVER_16, False),
        (AgeBand.CHILD, True, None, False),
        (AgeBand.ADULT, False, None, False),
        (AgeBand.OLDER, False, None, False),
    ],
)
def test_r101_on_gotland_fossam_comes_first_for_a_child_without_ongoing_measures(
    *, age_band: AgeBand, ongoing: bool, fossam: Fossam | None, asks: bool
) -> None:
    told: dict[str, Any] = {"age_band": age_band, "ongoing": ongoing, "fossam": fossam}
    assert keys(**told) == ([("fossam", "open.fossam_first")] if asks else [])
    assert keys(NATIONAL, **told) == []


def test_r101_the_support_is_for_judging_whether_so_a_denial_needs_it_too() -> None:
    told = {"age_band": AgeBand.CHILD, "ongoing": False, "assessment": Assessment.DENY, "denial_reason": "Skäl"}
    assert keys(**told) == [("fossam", "open.fossam_first")]
    assert keys(**told, fossam=Fossam.CONTACTED) == []


def test_r101_the_answer_is_kept() -> None:
    told = opening(age_band=AgeBand.CHILD, ongoing=False, fossam=Fossam.CONTACTED)
    now = instant("2026-03-02 10:00")
    case = open_case(told, code="SIP-7K3Q2-M", profile=GOTLAND, staff=DIRECTORY.staff[ANNA], now=now)
    assert case.fossam is Fossam.CONTACTED


@pytest.mark.parametrize("name", ["blekinge", "stockholm", "national"])
def test_r101_fossam_is_gotlands_own(name: str) -> None:
    assert keys(read_profile(name), age_band=AgeBand.CHILD, ongoing=False) == []


def test_r26_who_opens_a_case_is_its_coordinator_and_their_unit_answers_for_it() -> None:
    now = instant("2026-03-02 10:00")
    case = open_case(opening(), code="SIP-7K3Q2-M", profile=GOTLAND, staff=DIRECTORY.staff[JULIA], now=now)
    assert (case.coordinator, case.agency, case.opened_at) == (JULIA, "bup", now)
    assert (case.responsible, case.responsible_agency, case.lead) == (JULIA, "bup", "")
    assert case.profile == "gotland"
    assert case.state is State.ASSESSED
    assert case.is_open


def test_r96_a_denied_case_keeps_reason_name_and_time_and_is_over() -> None:
    now = instant("2026-03-02 10:00")
    told = opening(assessment=Assessment.DENY, denial_reason="  En enda verksamhet räcker  ")
    case = open_case(told, code="SIP-7K3Q2-M", profile=GOTLAND, staff=DIRECTORY.staff[ANNA], now=now)
    assert case.denial is not None
    assert case.denial.reason == "En enda verksamhet räcker"
    assert case.denial.decided == Stamp(ANNA, now)
    assert case.state is State.DENIED
    assert not case.is_open


def test_r96_a_started_case_keeps_no_denial() -> None:
    told = replace(opening(), denial_reason="Skrevs först och ångrades")
    staff, now = DIRECTORY.staff[ANNA], instant("2026-03-02 10:00")
    assert open_case(told, code="SIP-7K3Q2-M", profile=GOTLAND, staff=staff, now=now).denial is None
