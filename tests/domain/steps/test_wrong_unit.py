"""Wrong unit: a forwarding is taken back, and "we do not know which" is an answer too (R75, R126)."""

from __future__ import annotations

import re

import pytest

from domain.case import Case, State
from domain.errors import WrongState
from domain.steps.answer_summons import forwarded_summons, take_back_forwarding, wrong_unit
from domain.summons import Standing
from tests.domain.makers import (
    JULIA,
    asked,
    attendee,
    called,
    coming,
    declined,
    forwarded,
    instant,
    ladder,
    moved,
    named,
    received,
    stamp,
    summoned_case,
    withdrawn,
)

AT, LATER, LAST = "2026-03-10 10:00", "2026-03-10 11:00", "2026-03-10 12:00"


def undone(case: Case, agency: str = "bup", at: str = LAST) -> Case:
    return take_back_forwarding(forwarded_summons(case, 1, agency, instant(at)), stamp(JULIA, at))


def missing(case: Case) -> list[str]:
    return [summons.agency for summons in coming(case).missing()]


# ---- taken back --------------------------------------------------------------------------------------------


def test_r126_what_was_sent_on_by_mistake_is_taken_back() -> None:
    """The other agency is asked no longer; the first owes an answer again, and names anew whom it had named."""
    sent_on = forwarded(named(summoned_case(), "bup", AT, attendee("julia")), "bup", "vc", LATER)
    case = undone(sent_on)
    assert coming(case).standing_of("bup") is Standing.RECEIVED
    assert coming(case).standing_of("vc") is Standing.RECALLED
    assert "bup" in missing(case)
    again = named(case, "bup", "2026-03-10 13:00", attendee("julia"))
    assert [who.name for who in coming(again).uninvited] == []


def test_r75_one_that_was_never_told_has_still_not_been_told() -> None:
    case = undone(forwarded(summoned_case(), "bup", "vc", AT, covered=False))
    assert coming(case).standing_of("vc") is Standing.RECALLED
    assert "vc" not in case.told()


def test_it_can_be_sent_on_again_to_the_same_unit() -> None:
    case = forwarded(undone(forwarded(summoned_case(), "bup", "vc", AT)), "bup", "vc", "2026-03-10 13:00")
    assert (coming(case).standing_of("bup"), coming(case).standing_of("vc")) == (Standing.FORWARDED, Standing.SENT)


SENT_ON = forwarded(summoned_case(), "bup", "vc", AT)


@pytest.mark.parametrize(
    "case, at, key",
    [
        pytest.param(named(SENT_ON, "vc", LATER), LAST, "forward.answered", id="the other agency has named somebody"),
        pytest.param(declined(SENT_ON, "vc", LATER), LAST, "forward.answered", id="it has said no"),
        pytest.param(summoned_case(), LAST, "forward.not_forwarded", id="it was not sent on"),
        pytest.param(undone(SENT_ON), LAST, "forward.not_forwarded", id="it is taken back already"),
        pytest.param(SENT_ON, "2026-03-26 13:00", "answer.too_late", id="the meeting has begun"),
        pytest.param(withdrawn(SENT_ON, LATER), LAST, "answer.over", id="the case has ended"),
    ],
)
def test_it_is_taken_back_only_while_the_answer_is_still_open(case: Case, at: str, key: str) -> None:
    with pytest.raises(WrongState, match=re.escape(key)):
        forwarded_summons(case, 1, "bup", instant(at))


def test_that_the_other_agency_has_only_confirmed_does_not_hinder() -> None:
    case = undone(received(SENT_ON, "vc", LATER))
    assert coming(case).standing_of("vc") is Standing.RECALLED


# ---- nobody knows which --------------------------------------------------------------------------------------


def test_r126_a_wrong_unit_that_does_not_know_the_right_one_says_so() -> None:
    """It is not asked again, and whoever summoned is reminded until another unit is asked."""
    case = wrong_unit(asked(named(summoned_case(), "bup", AT), "bup", LATER), stamp(JULIA, LATER))
    assert coming(case).standing_of("bup") is Standing.MISDIRECTED
    assert "bup" in missing(case)
    assert case.state is State.SUMMONED
    assert ladder(case, LATER, "confirm_receipt", agency="bup") == []
    assert ladder(case, LATER, "name_attendees", agency="bup") == [("+1", "person", "Wed 2026-03-11 08:00")]
    another = called(case, "2026-03-26 13:00", LAST, "vc")
    assert "bup" not in missing(another)
    assert "vc" in missing(another)
    assert ladder(another, LAST, "name_attendees", agency="bup") == []


def test_r126_it_may_still_answer_otherwise() -> None:
    case = wrong_unit(asked(summoned_case(), "bup", LATER), stamp(JULIA, LATER))
    assert coming(named(case, "bup", LAST)).standing_of("bup") is Standing.NAMED
    assert coming(declined(case, "bup", LAST)).standing_of("bup") is Standing.DECLINED
    assert coming(forwarded(case, "bup", "vc", LAST)).standing_of("bup") is Standing.FORWARDED


def test_a_new_time_asks_it_anew() -> None:
    case = wrong_unit(asked(summoned_case(), "bup", LATER), stamp(JULIA, LATER))
    assert coming(moved(case, "2026-03-30 13:00", LAST)).standing_of("bup") is Standing.SENT
