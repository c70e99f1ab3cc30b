"""Step 4: the meeting was held, or not (R31, R35, R36, R39, R135, R140-R142)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case import Case, State
from domain.errors import WrongState
from domain.report import NoFollowUp, NoLead, Outcome
from domain.steps.report_meeting import lacks, problems_of_report, reportable_meeting, warnings_of_lead
from tests.domain.makers import (
    ANNA,
    DIRECTORY,
    JULIA,
    LEIF,
    NOTHING_SETTLED,
    OMAR,
    PIA,
    active_case,
    attendee,
    called,
    closing_case,
    coming,
    consented,
    day,
    forwarded,
    held,
    held_case,
    instant,
    named,
    not_held,
    opened,
    reporting,
    stamp,
    summoned_case,
    withdrawn,
)

AFTER = "2026-03-26 15:00"


def keys(case: Case | None = None, *, now: str = AFTER, **told: Any) -> list[tuple[str, str]]:
    case = case or summoned_case()
    problems = problems_of_report(
        case, reportable_meeting(case), reporting(**told), DIRECTORY, instant(now), day(now[:10])
    )
    return [(problem.field, problem.key) for problem in problems]


# ---- what is told ------------------------------------------------------------------------------------------


def test_a_plain_report_is_fine() -> None:
    assert keys() == []


def test_r135_consent_was_confirmed_at_the_opening() -> None:
    """R73."""
    assert keys(consent_confirmed=False) == [("consent_confirmed", "held.confirm_consent")]


def test_r140_a_lead_is_named_or_it_is_said_why_not() -> None:
    assert keys(lead="") == [("lead", "held.lead_or_reason")]
    assert keys(lead="", no_lead=NoLead.PERSON_UNDECIDED) == []


def test_r142_a_follow_up_date_is_set_or_it_is_said_why_not() -> None:
    assert keys(follow_up_on=None) == [("follow_up_on", "held.follow_up_or_reason")]
    assert keys(follow_up_on=None, no_follow_up=NoFollowUp.CALENDARS) == []


def test_r142_the_follow_up_lies_after_the_meeting_and_ahead() -> None:
    """R172."""
    assert keys(follow_up_on=day("2026-03-26")) == [("follow_up_on", "held.follow_up_past")]
    assert keys(follow_up_on=day("2026-03-30"), now="2026-03-31 10:00") == [("follow_up_on", "held.follow_up_past")]
    assert keys(follow_up_on=day("2026-03-27")) == []


def test_r141_it_is_said_whether_the_need_remains() -> None:
    assert keys(need_remains=None) == [("need_remains", "field.required")]


def test_r141_where_no_need_remains_neither_lead_nor_follow_up_is_asked_for() -> None:
    assert keys(need_remains=False, lead="", follow_up_on=None) == []


def test_somebody_attended() -> None:
    found = keys(attended=frozenset(), lead="", no_lead=NoLead.NOT_PRESENT)
    assert found == [("attended", "held.attended_needed")]


def test_a_meeting_is_held_once_it_has_begun() -> None:
    assert keys(now="2026-03-26 12:59") == [("outcome", "held.not_started")]
    assert keys(now="2026-03-26 13:00") == []


# ---- the lead ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lead, warnings",
    [
        (JULIA, ()),
        (ANNA, ()),
        (LEIF, ("held.warn_lead_kind", "held.warn_lead_absent")),
        (PIA, ("held.warn_lead_absent",)),
    ],
)
def test_r36_r197_what_speaks_against_a_lead_is_a_warning(lead: str, warnings: tuple[str, ...]) -> None:
    case = held_case(lead=lead, lead_agency=DIRECTORY.staff[lead].agency)
    assert warnings_of_lead(case, case.meetings[-1], DIRECTORY) == warnings


def test_r62_the_lead_works_in_an_agency_that_the_consent_covers() -> None:
    """The lead gets to see the whole case."""
    case = called(consented(opened(), agencies=frozenset({"bup"})), "2026-03-26 13:00", "2026-03-09 10:00", "bup")
    assert keys(case, lead=PIA, attended=frozenset({"soc", "bup"})) == [("lead", "held.lead_outside_consent")]
    assert keys(case, lead=ANNA, attended=frozenset({"soc", "bup"})) == []


@pytest.mark.parametrize(
    "lead, why",
    [
        (JULIA, ""),
        (ANNA, ""),
        ("slack:T0/U0OKAND", "field.unknown_person"),
        (LEIF, ""),  # R36, R197: of another kind of agency, which is warned of
        (PIA, ""),  # took no part, which is warned of
    ],
)
def test_r36_the_lead_is_of_an_agency_that_takes_part(lead: str, why: str) -> None:
    """R197."""
    attended = frozenset({"bup", "skola", "fk"})
    assert keys(lead=lead, attended=attended) == ([("lead", why)] if why else [])


def test_an_unknown_lead_is_never_taken_even_where_no_need_remains() -> None:
    found = keys(need_remains=False, follow_up_on=None, lead="slack:T0/U0OKAND")
    assert found == [("lead", "field.unknown_person")]


def test_r35_responsibility_passes_to_the_lead_and_their_unit_after_the_first_meeting() -> None:
    """R159."""
    before, after = summoned_case(), held_case()
    assert (before.responsible, before.responsible_agency) == (ANNA, "soc")
    assert (after.responsible, after.responsible_agency) == (JULIA, "bup")
    assert (after.coordinator, after.agency) == (ANNA, "soc")
    assert after.lead_since == instant(AFTER)


def test_r35_without_a_lead_the_coordinator_stays_responsible() -> None:
    case = held_case(**NOTHING_SETTLED)
    assert (case.responsible, case.responsible_agency, case.lead_since) == (ANNA, "soc", None)


def follow_up_held(**told: Any) -> Case:
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "soc", "skola")
    return held(case, "2026-06-01 15:00", **{"follow_up_on": day("2026-10-01"), **told})


def test_r39_a_follow_up_may_name_another_lead() -> None:
    case = follow_up_held(lead=OMAR, lead_agency="skola")
    assert (case.responsible, case.responsible_agency) == (OMAR, "skola")
    assert case.lead_since == instant("2026-06-01 15:00")


def test_r39_a_lead_who_stays_has_led_since_the_first_meeting() -> None:
    assert follow_up_held().lead_since == instant(AFTER)


def test_r39_where_no_lead_is_named_at_a_follow_up_the_old_one_stays() -> None:
    case = follow_up_held(lead="", lead_agency="", no_lead=NoLead.PERSON_UNDECIDED)
    assert case.responsible == JULIA
    assert lacks(case, case.meetings[-1]) == ()


# ---- what follows ------------------------------------------------------------------------------------------


def test_7a_after_the_meeting_the_plan_is_due() -> None:
    case = held_case()
    assert case.state is State.PLAN_DRAFT
    report = case.meetings[0].report
    assert report is not None
    assert report.recorded == stamp(ANNA, AFTER)
    assert (report.attended, report.lead) == (frozenset({"soc", "bup", "skola"}), JULIA)


def test_r141_where_no_need_remains_the_case_is_to_be_closed() -> None:
    case = held_case(need_remains=False)
    assert case.state is State.CLOSING
    report = case.meetings[0].report
    assert report is not None
    assert report.follow_up_on is None


def test_7a_a_follow_up_where_the_need_remains_makes_a_new_plan() -> None:
    assert follow_up_held().state is State.PLAN_DRAFT


@pytest.mark.parametrize(
    "told, missing",
    [
        ({}, ()),
        ({"lead": "", "lead_agency": "", "no_lead": NoLead.PERSON_UNDECIDED}, ("lead",)),
        ({"follow_up_on": None, "no_follow_up": NoFollowUp.CALENDARS}, ("follow_up",)),
        (NOTHING_SETTLED, ("lead", "follow_up")),
        ({**NOTHING_SETTLED, "need_remains": False}, ()),
    ],
)
def test_r140_r142_what_was_left_open_is_known(told: dict[str, Any], missing: tuple[str, ...]) -> None:
    """R31."""
    case = held_case(**told)
    assert lacks(case, case.meetings[0]) == missing


def test_r140_r142_what_was_left_open_is_completed_later() -> None:
    case = held_case(**NOTHING_SETTLED)
    assert reportable_meeting(case) == case.meetings[0]
    after = held(case, "2026-04-01 10:00")
    assert (after.responsible, lacks(after, after.meetings[0])) == (JULIA, ())
    report = after.meetings[0].report
    assert report is not None
    assert report.recorded == stamp(ANNA, AFTER)  # when the meeting was first told of
    assert report.completed == stamp(ANNA, "2026-04-01 10:00")
    assert report.settled_at == instant("2026-04-01 10:00")


def test_what_was_told_as_held_is_not_taken_back() -> None:
    case = held_case(**NOTHING_SETTLED)
    assert keys(case, outcome=Outcome.NOT_HELD) == [("outcome", "held.already_held")]


@pytest.mark.parametrize(
    "case",
    [opened(), consented(opened()), held_case(), active_case(), closing_case(), withdrawn(summoned_case(), AFTER)],
    ids=["assessed", "preparing", "complete", "active", "closing", "withdrawn"],
)
def test_where_there_is_nothing_to_report_it_says_so(case: Case) -> None:
    with pytest.raises(WrongState, match=r"held\.no_meeting"):
        reportable_meeting(case)


def test_the_coming_meeting_is_reported_on_before_an_earlier_one_is_completed() -> None:
    case = called(held_case(**NOTHING_SETTLED), "2026-06-01 13:00", "2026-05-11 10:00")
    assert reportable_meeting(case).number == 2


def test_an_earlier_meeting_that_is_completed_stays_where_it_stands() -> None:
    case = called(held_case(**NOTHING_SETTLED), "2026-06-01 13:00", "2026-05-11 10:00")
    case = held(not_held(case, "2026-05-12 10:00"), "2026-05-13 10:00")
    assert [meeting.number for meeting in case.meetings] == [1, 2]
    assert case.meetings[0].report is not None
    assert case.meetings[0].report.lead == JULIA


# ---- not held ----------------------------------------------------------------------------------------------


def test_called_off_beforehand_everybody_is_recalled_and_uninvited() -> None:
    case = named(summoned_case(), "bup", "2026-03-10 09:00", attendee("julia"))
    after = not_held(case, "2026-03-26 12:00")
    assert {s.standing(1).value for s in after.meetings[0].summonses} == {"recalled"}
    assert [who.name for who in after.meetings[0].uninvited] == ["julia"]
    assert after.meetings[0].sequence == coming(case).sequence + 1
    assert after.coming_meeting is None


def test_not_held_after_all_nobody_is_recalled_any_more() -> None:
    after = not_held(summoned_case(), "2026-03-26 13:30")
    assert {s.standing(1).value for s in after.meetings[0].summonses} == {"sent"}
    assert after.meetings[0].uninvited == ()


def test_7c_after_a_first_meeting_that_was_not_held_the_preparation_goes_on() -> None:
    case = not_held(summoned_case(), AFTER)
    assert case.state is State.PREPARING
    assert case.responsible == ANNA


def test_7c_after_a_follow_up_that_was_not_held_the_case_is_active_again() -> None:
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00")
    assert not_held(case, "2026-06-01 15:00").state is State.ACTIVE


def test_a_meeting_to_which_nobody_is_summoned_any_more_may_be_called_off() -> None:
    case = forwarded(summoned_case(), "bup", "vc", "2026-03-10 09:00", covered=False)
    case = consented(case, "2026-03-11 09:00", agencies=frozenset({"polis"}))
    assert coming(case).live() == ()
    assert not_held(case, "2026-03-12 09:00").state is State.PREPARING
