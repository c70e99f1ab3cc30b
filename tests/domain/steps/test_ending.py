"""Steps 4-6: the plan is sent, the case closes, every actor confirms (R143, R144, R161, R174-R176, R194, R195)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.case import Case, State
from domain.errors import WrongState
from domain.matters.closure import Ground
from domain.matters.plan import PERSON
from domain.steps.ending import close_case, meeting_without_plan, problems_of_sending, require_closable
from tests.domain.makers import (
    ANNA,
    DIRECTORY,
    JULIA,
    OMAR,
    active_case,
    called,
    closed,
    closing_case,
    confirmed,
    consented,
    day,
    held,
    held_case,
    not_held,
    opened,
    plan_sent,
    refused,
    sending,
    stamp,
    summoned_case,
    withdrawn,
)

AT = "2026-03-30 10:00"


def keys(case: Case | None = None, *recipients: str, sent: str = "2026-03-30", **told: Any) -> list[tuple[str, str]]:
    case = case or held_case()
    what = sending(sent, *recipients, **told)
    problems = problems_of_sending(case, meeting_without_plan(case), what, DIRECTORY, day("2026-03-30"))
    return [(problem.field, problem.key) for problem in problems]


# ---- the plan ----------------------------------------------------------------------------------------------


def test_a_plain_sending_is_fine() -> None:
    assert keys() == []


def test_r144_the_plan_is_agreed_to_orally_first() -> None:
    """R32, R206."""
    assert keys(approved=False) == [("approved", "plan.approve_first")]


def test_r161_everybody_who_attended_gets_it() -> None:
    case = held_case()
    what = sending("2026-03-30", PERSON, "soc")
    (problem,) = problems_of_sending(case, meeting_without_plan(case), what, DIRECTORY, day("2026-03-30"))
    assert (problem.field, problem.key) == ("recipients", "plan.recipients_missing")
    assert problem.params["names"] == "Barnpsykiatrin, Påhittskolan"


def test_r161_r195_the_person_gets_it() -> None:
    assert keys(None, "soc", "bup", "skola") == [("recipients", "plan.person_missing")]


def test_r195_others_get_it_only_inside_the_consent() -> None:
    assert keys(None, PERSON, "soc", "bup", "skola", "vc") == []
    case = consented(held_case(), "2026-03-27 10:00", agencies=frozenset({"bup", "skola"}))
    assert keys(case, PERSON, "soc", "bup", "skola", "vc") == [("recipients", "plan.outside_consent")]


def test_r62_who_attended_and_has_since_left_the_consent_gets_none() -> None:
    case = consented(held_case(), "2026-03-27 10:00", agencies=frozenset({"bup"}))
    assert keys(case, PERSON, "soc", "bup") == []
    assert keys(case, PERSON, "soc", "bup", "skola") == [("recipients", "plan.outside_consent")]


def test_r64_a_consent_that_has_run_out_is_renewed_before_the_plan_is_sent() -> None:
    case = consented(held_case(), "2026-03-27 10:00", valid_until=day("2026-03-29"))
    assert keys(case) == [("recipients", "plan.consent_over")]
    assert keys(case, PERSON, "soc") == [("recipients", "plan.recipients_missing")]
    assert keys(case, sent="2026-03-29") == []
    assert keys(consented(case, AT)) == []


def test_r64_nor_may_the_unit_that_leads_now_get_it_which_has_what_it_has_by_the_consent_alone() -> None:
    case = consented(held_case(attended=frozenset({"soc", "bup"})), "2026-03-27 10:00", valid_until=day("2026-03-29"))
    assert case.responsible_agency == "bup"
    assert keys(case, PERSON, "soc", "bup") == [("recipients", "plan.consent_over")]
    assert keys(case, PERSON, "soc", "bup", sent="2026-03-29") == []


def test_an_agency_that_has_left_the_directory_is_named_by_its_id() -> None:
    case = held_case(attended=frozenset({"soc", "gammal"}))
    case = consented(case, "2026-03-27 10:00", agencies=frozenset({"gammal"}))
    what = sending("2026-03-30", PERSON, "soc")
    (problem,) = problems_of_sending(case, meeting_without_plan(case), what, DIRECTORY, day("2026-03-30"))
    assert (problem.key, problem.params["names"]) == ("plan.recipients_missing", "gammal")


def test_it_was_sent_after_the_meeting_and_not_in_the_future() -> None:
    assert keys(sent="2026-03-31") == [("sent_on", "field.future_date")]
    assert keys(sent="2026-03-25") == [("sent_on", "plan.before_meeting")]
    assert keys(sent="2026-03-26") == []


def test_7a_with_the_plan_sent_the_case_is_active() -> None:
    case = plan_sent(held_case(), AT)
    assert case.state is State.ACTIVE
    (plan,) = case.plans
    assert (plan.version, plan.meeting, plan.recorded) == (1, 1, stamp(JULIA, AT))
    assert plan.recipients == {PERSON, "soc", "bup", "skola"}


def test_r170_the_plan_of_a_follow_up_is_a_new_version() -> None:
    """R47."""
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "soc", "skola")
    case = plan_sent(held(case, "2026-06-01 15:00", follow_up_on=day("2026-10-01")), "2026-06-03 10:00")
    assert [(plan.version, plan.meeting) for plan in case.plans] == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    "case",
    [opened(), summoned_case(), active_case(), withdrawn(held_case(), AT)],
    ids=["assessed", "summoned", "sent already", "withdrawn"],
)
def test_where_there_is_no_plan_to_send_it_says_so(case: Case) -> None:
    with pytest.raises(WrongState, match=r"plan\.nothing_to_send"):
        meeting_without_plan(case)


# ---- whose task the plan is --------------------------------------------------------------------------------


def test_r194_the_first_plan_is_the_coordinators_task_and_the_later_ones_the_leads() -> None:
    case = held_case()
    assert (case.plan_sender_of(case.meetings[0]), case.plan_sender_agency_of(case.meetings[0])) == (ANNA, "soc")
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "soc", "skola")
    case = held(case, "2026-06-01 15:00", lead=OMAR, lead_agency="skola", follow_up_on=day("2026-10-01"))
    assert (case.plan_sender_of(case.meetings[1]), case.plan_sender_agency_of(case.meetings[1])) == (OMAR, "skola")


def test_r194_the_first_meeting_is_the_first_that_was_held() -> None:
    case = called(not_held(summoned_case(), "2026-03-10 09:00"), "2026-03-31 13:00", "2026-03-10 10:00")
    case = held(case, "2026-03-31 15:00")
    assert (case.meetings[1].number, case.plan_sender_of(case.meetings[1])) == (2, ANNA)


# ---- closing -----------------------------------------------------------------------------------------------


def test_r174_a_case_closes_once_a_meeting_has_found_that_no_need_remains() -> None:
    require_closable(closing_case())


@pytest.mark.parametrize(
    "case, key",
    [
        (opened(), "close.state_assessed"),
        (refused(opened()), "close.state_refused"),
        (consented(opened()), "close.state_preparing"),
        (summoned_case(), "close.state_summoned"),
        (held_case(), "close.need_remains"),
        (active_case(), "close.need_remains"),
        (called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00"), "close.need_remains"),
        (withdrawn(summoned_case(), AT), "close.state_closed"),
        (closed(closing_case(), "2026-06-02 10:00"), "close.state_closed"),
    ],
    ids=["assessed", "refused", "preparing", "summoned", "draft", "active", "follow-up", "withdrawn", "closed"],
)
def test_r174_before_that_it_is_told_what_is_missing(case: Case, key: str) -> None:
    with pytest.raises(WrongState, match=key):
        require_closable(case)
    with pytest.raises(WrongState, match=key):
        close_case(case, Ground.NO_NEED, stamp(ANNA, AT))


def test_r176_a_withdrawal_waits_for_no_meeting_and_is_not_closed_like_this() -> None:
    """R199."""
    with pytest.raises(ValueError, match="withdrawal"):
        close_case(closing_case(), Ground.WITHDRAWN, stamp(JULIA, AT))


@pytest.mark.parametrize("ground", [Ground.GOALS_MET, Ground.NO_NEED])
def test_r174_r175_every_actor_is_told_and_has_yet_to_confirm(ground: Ground) -> None:
    case = closed(closing_case(), "2026-06-02 10:00", ground)
    assert case.state is State.CLOSED
    assert case.closure is not None
    assert (case.closure.ground, case.closure.closed) == (ground, stamp(JULIA, "2026-06-02 10:00"))
    assert [notice.agency for notice in case.closure.notices] == ["bup", "skola", "fk", "soc"]
    assert all(notice.confirmed is None for notice in case.closure.notices)


def test_r174_an_agency_confirms_once() -> None:
    case = confirmed(closed(closing_case(), "2026-06-02 10:00"), "bup", "2026-06-02 11:00")
    assert case.closure is not None
    notice = case.closure.notice_of("bup")
    assert notice is not None
    assert notice.confirmed == stamp(JULIA, "2026-06-02 11:00")
    assert confirmed(case, "bup", "2026-06-03 11:00") == case
    assert [n.agency for n in case.closure.notices if n.confirmed is None] == ["skola", "fk", "soc"]


@pytest.mark.parametrize("case", [active_case(), closed(closing_case(), "2026-06-02 10:00")], ids=["open", "closed"])
def test_an_agency_without_a_notice_has_nothing_to_confirm(case: Case) -> None:
    with pytest.raises(WrongState, match=r"close\.no_notice"):
        confirmed(case, "vc", "2026-06-02 11:00")


def test_closed_stays_closed() -> None:
    case = closed(closing_case(), "2026-06-02 10:00")
    with pytest.raises(WrongState):
        withdrawn(case, "2026-06-03 10:00")
    with pytest.raises(WrongState):
        consented(case, "2026-06-03 10:00")
    assert replace(case, consents=()).state is State.CLOSED
