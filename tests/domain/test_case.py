"""What is derived from a case: where it stands, who answers for it, who knows of it (process 7A)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.case import Case, Flag, State
from domain.consent import Part
from domain.matters.closure import Closure, Ground
from domain.matters.plan import Notice
from domain.report import NoLead
from domain.stamp import Stamp
from tests.domain.makers import (
    ANNA,
    JULIA,
    active_case,
    called,
    closed,
    closing_case,
    coming,
    consented,
    day,
    declined,
    denied,
    forwarded,
    held,
    held_case,
    instant,
    moved,
    named,
    not_held,
    opened,
    plan_sent,
    refused,
    stamp,
    summoned_case,
    withdrawn,
)


def ready_case() -> Case:
    return named(named(summoned_case(), "bup", "2026-03-10 09:00"), "skola", "2026-03-10 09:00")


def follow_up_case() -> Case:
    return called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "skola")


STORY: list[tuple[str, Callable[[], Case], State]] = [
    ("noticed", lambda: replace(opened(), unassessed=True), State.NOTICED),
    ("denied", denied, State.DENIED),
    ("opened", opened, State.ASSESSED),
    ("refused", lambda: refused(opened()), State.REFUSED),
    ("asked again", lambda: consented(refused(opened()), "2026-03-20 10:00"), State.PREPARING),
    ("consented", lambda: consented(opened()), State.PREPARING),
    ("consent to exchange alone", lambda: consented(opened(), parts=frozenset({Part.EXCHANGE})), State.PREPARING),
    ("summoned", summoned_case, State.SUMMONED),
    ("all obliged have named", ready_case, State.READY),
    ("an obliged one says no", lambda: declined(ready_case(), "bup", "2026-03-11 09:00"), State.SUMMONED),
    ("an invited one says no", lambda: declined(ready_case(), "fk", "2026-03-11 09:00"), State.READY),
    ("moved", lambda: moved(ready_case(), "2026-03-27 09:00", "2026-03-11 09:00"), State.SUMMONED),
    ("all recalled", lambda: consented(ready_case(), "2026-03-11 09:00", agencies=frozenset({"vc"})), State.SUMMONED),
    (
        "an obliged one is held back",
        lambda: forwarded(ready_case(), "bup", "vc", "2026-03-11 09:00", covered=False),
        State.SUMMONED,
    ),
    ("called off", lambda: not_held(summoned_case(), "2026-03-10 09:00"), State.PREPARING),
    ("held", held_case, State.PLAN_DRAFT),
    ("held, no need remains", lambda: held_case(need_remains=False), State.CLOSING),
    ("plan sent", active_case, State.ACTIVE),
    ("follow-up called", follow_up_case, State.FOLLOWUP_SUMMONED),
    ("follow-up ready", lambda: named(follow_up_case(), "skola", "2026-05-12 09:00"), State.FOLLOWUP_READY),
    ("follow-up called before the plan was sent", lambda: called(
        held_case(), "2026-06-01 13:00", "2026-05-11 10:00"), State.FOLLOWUP_SUMMONED),
    ("follow-up held, need remains", lambda: held(
        follow_up_case(), "2026-06-01 15:00", follow_up_on=day("2026-10-01")), State.PLAN_DRAFT),
    ("follow-up held, no need remains", closing_case, State.CLOSING),
    ("follow-up called off", lambda: not_held(follow_up_case(), "2026-05-12 10:00"), State.ACTIVE),
    ("closed", lambda: closed(closing_case(), "2026-06-02 10:00"), State.CLOSED),
    ("withdrawn", lambda: withdrawn(summoned_case(), "2026-03-12 10:00"), State.CLOSED),
]  # fmt: skip


@pytest.mark.parametrize("make, state", [(make, state) for _, make, state in STORY], ids=[name for name, *_ in STORY])
def test_7a_where_a_case_stands_follows_from_what_has_happened(make: Callable[[], Case], state: State) -> None:
    """R9."""
    case = make()
    assert case.state is state
    assert case.is_open is (state not in {State.CLOSED, State.DENIED, State.REFUSED})


def test_every_state_is_reached() -> None:
    assert {state for *_, state in STORY} == set(State)


def test_a_meeting_is_replaced_where_it_stands() -> None:
    case = follow_up_case()
    first = replace(case.meetings[0], link="https://mote.exempel.invalid/rum")
    after = case.with_meeting(first)
    assert after.meetings == (first, case.meetings[1])
    assert after.meeting == case.meetings[1]


def test_a_new_meeting_comes_last() -> None:
    case = active_case()
    new = replace(case.meetings[0], number=2, report=None)
    assert case.with_meeting(new).meetings == (*case.meetings, new)


def test_the_coming_meeting_is_the_last_one_until_it_is_reported_on() -> None:
    assert opened().coming_meeting is None
    assert coming(summoned_case()).number == 1
    assert held_case().coming_meeting is None
    assert coming(follow_up_case()).number == 2


def test_r78_a_closed_case_has_no_coming_meeting() -> None:
    after = withdrawn(summoned_case(), "2026-03-12 10:00")
    assert after.coming_meeting is None
    assert after.meeting is not None  # R79: it stays on record


def test_the_last_held_meeting_is_not_one_that_was_called_off() -> None:
    case = not_held(follow_up_case(), "2026-05-12 10:00")
    assert case.last_held == case.meetings[0]
    assert summoned_case().last_held is None


def test_r35_who_answers_for_the_case() -> None:
    assert (opened().responsible, opened().responsible_agency) == (ANNA, "soc")
    assert (held_case().responsible, held_case().responsible_agency) == (JULIA, "bup")
    unnoted = replace(held_case(), lead_agency="")
    assert unnoted.responsible_agency == ""


def test_the_plan_of_a_meeting_is_the_one_sent_after_it() -> None:
    case = held(follow_up_case(), "2026-06-01 15:00", follow_up_on=day("2026-10-01"))
    assert case.plan_of(case.meetings[0]) == case.plans[0]
    assert case.plan_of(case.meetings[1]) is None
    assert plan_sent(case, "2026-06-03 10:00").plan_of(case.meetings[1]) is not None


def test_the_latest_decision_on_consent_counts() -> None:
    assert opened().consent is None
    case = consented(consented(opened()), "2026-03-05 10:00", agencies=frozenset({"bup"}))
    assert case.consent == case.consents[1]


def test_protected_is_a_flag() -> None:
    assert opened(flags=frozenset({Flag.PROTECTED})).protected
    assert not opened(flags=frozenset({Flag.ACUTE, Flag.INTERPRETER})).protected


def test_a_notice_is_replaced_where_it_stands() -> None:
    closure = Closure(Ground.NO_NEED, stamp(ANNA, "2026-06-02 10:00"), (Notice("bup"), Notice("skola")))
    told = Notice("bup", instant("2026-06-02 10:01"), Stamp(JULIA, instant("2026-06-02 11:00")))
    assert closure.with_notice(told).notices == (told, Notice("skola"))
    assert closure.notice_of("fk") is None


def test_an_open_lead_leaves_the_coordinator_in_charge() -> None:
    case = held_case(lead="", lead_agency="", no_lead=NoLead.AGENCIES_DISAGREE)
    assert case.responsible == ANNA
