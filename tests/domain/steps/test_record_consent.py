"""Consent is widened, narrowed, refused, withdrawn: what follows for what is out already (R75-R81)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.audience import Occasion, audience
from domain.case import Case, State
from domain.consent import Part, Topic
from domain.errors import WrongState
from domain.matters.closure import Ground
from domain.steps.record_consent import require_recordable
from domain.summons import Standing
from tests.domain.makers import (
    EVERYBODY,
    active_case,
    attendee,
    called,
    closed,
    closing_case,
    coming,
    consented,
    declined,
    denied,
    dues,
    forwarded,
    held_case,
    instant,
    moved,
    named,
    not_held,
    opened,
    proposed,
    received,
    refused,
    summoned_case,
    withdrawn,
)

LATER = "2026-03-12 11:00"


def standings(case: Case) -> dict[str, str]:
    meeting = case.meetings[-1]
    return {s.agency: s.standing(meeting.round).value for s in meeting.summonses}


# ---- recording ---------------------------------------------------------------------------------------------


def test_r60_consent_lets_the_preparation_begin() -> None:
    case = consented(opened())
    assert case.state is State.PREPARING
    assert case.is_open


def test_r80_r81_a_refusal_ends_the_case_for_now_and_may_be_asked_about_again() -> None:
    """R99."""
    no = refused(opened())
    assert no.state is State.REFUSED
    assert not no.is_open
    yes = consented(no, "2026-03-20 10:00")
    assert yes.state is State.PREPARING
    assert len(yes.consents) == 2  # R71: the refusal stays on record
    assert refused(no, "2026-03-20 10:00").state is State.REFUSED


def test_r77_a_consent_that_holds_is_not_refused_but_withdrawn() -> None:
    for case in (consented(opened()), summoned_case(), active_case()):
        with pytest.raises(WrongState, match=r"consent\.withdraw_instead"):
            refused(case, "2026-06-02 10:00")


@pytest.mark.parametrize("case", [denied(), withdrawn(summoned_case(), LATER)], ids=["denied", "closed"])
def test_no_consent_is_recorded_in_a_case_that_is_over(case: Case) -> None:
    with pytest.raises(WrongState):
        require_recordable(case)
    with pytest.raises(WrongState):
        consented(case, LATER)


# ---- narrowing ---------------------------------------------------------------------------------------------


def test_r62_an_agency_that_is_no_longer_covered_is_recalled_and_its_people_are_uninvited() -> None:
    case = named(summoned_case(), "skola", "2026-03-10 09:00", attendee("omar"))
    after = consented(case, LATER, agencies=frozenset({"bup", "fk"}))
    assert standings(after) == {"bup": "sent", "skola": "recalled", "fk": "sent"}
    assert [who.name for who in coming(after).uninvited] == ["omar"]
    assert coming(after).attendees() == ()
    assert coming(after).sequence == coming(case).sequence + 1


def test_r75_a_renewed_consent_of_the_same_scope_recalls_nobody() -> None:
    case = named(summoned_case(), "skola", "2026-03-10 09:00")
    after = consented(case, LATER)
    assert after.meetings == case.meetings


def test_r61_without_consent_to_a_plan_there_is_nothing_to_summon_to() -> None:
    after = consented(summoned_case(), LATER, parts=frozenset({Part.EXCHANGE}))
    assert set(standings(after).values()) == {"recalled"}
    assert after.state is State.SUMMONED


def test_r63_a_question_that_is_no_longer_covered_is_dropped_from_the_meeting() -> None:
    case = called(consented(opened()), "2026-03-26 13:00", "2026-03-09 10:00", purpose=(Topic.NEEDS, Topic.SCHOOL))
    after = consented(case, LATER, topics=frozenset({Topic.SCHOOL, Topic.MEASURES}))
    assert coming(after).purpose == (Topic.SCHOOL,)
    assert standings(after) == {"bup": "sent", "skola": "sent"}


def test_r63_a_meeting_without_any_question_left_is_recalled() -> None:
    after = consented(summoned_case(), LATER, topics=frozenset({Topic.SCHOOL}))
    assert set(standings(after).values()) == {"recalled"}


# ---- widening ----------------------------------------------------------------------------------------------


def held_back_case() -> Case:
    """Bup sent its summons on to vc, which the consent does not cover."""
    case = called(consented(opened(), agencies=frozenset({"bup", "skola"})), "2026-03-26 13:00", "2026-03-09 10:00")
    return forwarded(case, "bup", "vc", "2026-03-10 09:00", covered=False)


def test_r75_a_summons_that_was_held_back_goes_out_when_the_consent_is_widened() -> None:
    case = held_back_case()
    assert standings(case)["vc"] == "held_back"
    after = consented(case, LATER, agencies=frozenset({"bup", "skola", "vc"}))
    assert standings(after)["vc"] == "sent"
    summons = coming(after).summons_of("vc")
    assert summons is not None
    assert summons.sent_at == instant(LATER)


def test_r75_one_that_is_still_not_covered_stays_held_back() -> None:
    after = consented(held_back_case(), LATER, agencies=frozenset({"bup", "skola", "fk"}))
    assert standings(after)["vc"] == "held_back"


def test_nobody_is_summoned_to_a_meeting_that_has_begun() -> None:
    after = consented(held_back_case(), "2026-03-26 13:30")
    assert standings(after)["vc"] == "held_back"


def test_a_summons_held_back_while_the_meeting_moved_asks_about_the_new_time() -> None:
    case = moved(held_back_case(), "2026-03-27 09:00", "2026-03-11 09:00")
    after = consented(case, LATER)
    assert coming(after).standing_of("vc") is Standing.SENT
    assert standings(named(after, "vc", "2026-03-13 09:00"))["vc"] == "named"


# ---- withdrawing -------------------------------------------------------------------------------------------

ANY_STATE: dict[str, Callable[[], Case]] = {
    "preparing": lambda: consented(opened()),
    "summoned": summoned_case,
    "received": lambda: received(summoned_case(), "bup", "2026-03-10 09:00"),
    "ready": lambda: named(named(summoned_case(), "bup", "2026-03-10 09:00"), "skola", "2026-03-10 09:00"),
    "proposed": lambda: proposed(summoned_case(), "bup", "2026-03-10 09:00"),
    "declined": lambda: declined(summoned_case(), "bup", "2026-03-10 09:00"),
    "called off": lambda: not_held(summoned_case(), "2026-03-10 09:00"),
    "plan draft": held_case,
    "active": active_case,
    "follow-up summoned": lambda: called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00"),
    "closing": closing_case,
}


@pytest.mark.parametrize("make", ANY_STATE.values(), ids=ANY_STATE.keys())
def test_r76_r78_consent_may_be_withdrawn_from_any_state_and_the_case_closes_at_once(make: Callable[[], Case]) -> None:
    before = make()
    after = withdrawn(before, "2026-06-02 22:15")
    assert after.state is State.CLOSED
    assert not after.is_open
    assert after.closure is not None
    assert after.closure.ground is Ground.WITHDRAWN
    assert after.closure.closed.at == instant("2026-06-02 22:15")
    assert after.coming_meeting is None


@pytest.mark.parametrize("make", ANY_STATE.values(), ids=ANY_STATE.keys())
def test_r77_every_agency_that_was_told_of_the_case_is_to_hear_of_its_end(make: Callable[[], Case]) -> None:
    before = make()
    after = withdrawn(before, "2026-06-02 22:15")
    assert after.closure is not None
    # The unit that opened the case hears of it too, once it has passed on to another.
    opening = () if before.responsible_agency == "soc" else ("soc",)
    assert {notice.agency for notice in after.closure.notices} == {*before.told(), *opening}
    assert all(notice.delivered_at is None and notice.confirmed is None for notice in after.closure.notices)


@pytest.mark.parametrize("make", ANY_STATE.values(), ids=ANY_STATE.keys())
def test_r77_nothing_is_left_out_in_the_world_and_no_reminder_but_of_the_notices(make: Callable[[], Case]) -> None:
    after = withdrawn(make(), "2026-06-02 22:15")
    if after.meeting is not None and after.meeting.is_open:
        assert after.meeting.live() == ()
        assert after.meeting.attendees() == ()
    assert {due.kind for due in dues(after, "2026-06-02 22:16")} <= {"phone_ending", "confirm_ending"}


@pytest.mark.parametrize("make", ANY_STATE.values(), ids=ANY_STATE.keys())
def test_r79_everything_written_stays(make: Callable[[], Case]) -> None:
    before = make()
    after = withdrawn(before, "2026-06-02 22:15")
    assert after.consents == before.consents
    assert after.plans == before.plans
    assert [m.number for m in after.meetings] == [m.number for m in before.meetings]
    assert [m.report for m in after.meetings] == [m.report for m in before.meetings]


def test_r77_everybody_named_is_uninvited_once() -> None:
    case = named(summoned_case(), "bup", "2026-03-10 09:00", attendee("julia"), attendee("sven"))
    case = named(case, "bup", "2026-03-10 10:00", attendee("sven"))
    meeting = withdrawn(case, LATER).meetings[-1]
    assert sorted(who.name for who in meeting.uninvited) == ["julia", "sven"]


def test_r76_withdrawing_twice_is_once() -> None:
    case = withdrawn(summoned_case(), LATER)
    with pytest.raises(WrongState, match=r"withdraw\.closed"):
        withdrawn(case, "2026-03-12 12:00")


@pytest.mark.parametrize("make", [opened, lambda: refused(opened())], ids=["none yet", "refused"])
def test_r71_without_a_consent_nothing_is_recorded_as_withdrawn(make: Callable[[], Case]) -> None:
    """R80: a no before any yes is a refusal."""
    with pytest.raises(WrongState, match=r"withdraw\.no_consent"):
        withdrawn(make(), LATER)


def test_a_denied_case_has_no_consent_to_withdraw() -> None:
    with pytest.raises(WrongState, match=r"withdraw\.denied"):
        withdrawn(denied(), LATER)


def test_a_closed_case_is_not_withdrawn() -> None:
    with pytest.raises(WrongState, match=r"withdraw\.closed"):
        withdrawn(closed(closing_case(), "2026-06-02 10:00"), "2026-06-02 11:00")


# ---- who is concerned --------------------------------------------------------------------------------------


def test_r77_an_agency_whose_summons_was_held_back_was_never_told_and_is_not_told_now() -> None:
    case = held_back_case()
    assert set(audience(case, Occasion.END)) == {"bup", "skola"}
    assert "vc" not in withdrawn(case, LATER).parties()


def test_r62_an_agency_held_back_when_the_meeting_was_called_off_is_not_told_of_the_end() -> None:
    case = not_held(held_back_case(), LATER)
    assert set(audience(case, Occasion.END)) == {"bup", "skola"}
    assert set(case.parties()) == {"soc", "bup", "skola"}


def test_r77_an_agency_that_was_told_and_recalled_and_then_held_back_still_hears_of_the_end() -> None:
    case = consented(summoned_case(), "2026-03-10 09:00", agencies=frozenset({"bup", "fk"}))
    case = forwarded(case, "bup", "skola", "2026-03-10 10:00", covered=False)
    assert standings(case)["skola"] == "held_back"
    assert set(audience(case, Occasion.END)) == {"bup", "skola", "fk"}


def test_r77_agencies_of_earlier_meetings_hear_of_the_end_too() -> None:
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "vc")
    assert audience(case, Occasion.END) == ("bup", "skola", "fk", "vc", "soc")


def test_the_coordinators_own_unit_is_a_party_but_is_told_only_if_it_was_summoned() -> None:
    assert audience(summoned_case(), Occasion.END) == ("bup", "skola", "fk")
    assert summoned_case().parties() == ("soc", "bup", "skola", "fk")
    with_own = called(consented(opened(), agencies=EVERYBODY), "2026-03-26 13:00", "2026-03-09 10:00", "soc", "bup")
    assert audience(with_own, Occasion.END) == ("soc", "bup")
