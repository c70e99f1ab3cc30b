"""The agencies' answers, and changed answers, until the meeting (R114-R117, R122, R125-R128)."""

from __future__ import annotations

import pytest

from domain.attendee import Naming, Wish
from domain.case import Case, State
from domain.errors import NotFound, WrongState
from domain.steps.answer_summons import find_summons, name_attendees, problems_of_forward
from domain.summons import Standing
from tests.domain.makers import (
    DIRECTORY,
    JULIA,
    SVEN,
    asked,
    attendee,
    called,
    closing_case,
    coming,
    consented,
    declined,
    forwarded,
    held_case,
    instant,
    moved,
    named,
    not_held,
    opened,
    proposed,
    received,
    stamp,
    summoned_case,
    withdrawn,
)

AT, LATER = "2026-03-10 09:00", "2026-03-10 15:00"


def standing(case: Case, agency: str) -> str | None:
    return coming(case).standing_of(agency)


def owing(case: Case) -> set[str]:
    return {summons.agency for summons in coming(case).missing()}


# ---- the answers -------------------------------------------------------------------------------------------


def test_everybody_owes_an_answer_at_first() -> None:
    case = summoned_case()
    assert owing(case) == {"bup", "skola", "fk"}
    assert standing(case, "bup") == "sent"


def test_r125_a_receipt_is_kept_with_name_and_time_and_names_are_still_owed() -> None:
    case = received(summoned_case(), "bup", AT)
    summons = coming(case).summons_of("bup")
    assert summons is not None
    assert (standing(case, "bup"), summons.received) == ("received", stamp(JULIA, AT))
    assert "bup" in owing(case)


def test_r128_an_agency_that_has_named_who_comes_owes_nothing() -> None:
    case = named(summoned_case(), "bup", AT, attendee("julia"), attendee("sven"))
    assert standing(case, "bup") == "named"
    assert owing(case) == {"skola", "fk"}
    assert [(agency, who.name) for agency, who in coming(case).attendees()] == [("bup", "julia"), ("bup", "sven")]


def test_r125_who_names_has_also_received() -> None:
    summons = coming(named(summoned_case(), "bup", AT)).summons_of("bup")
    assert summons is not None
    assert summons.received == stamp(JULIA, AT)


def test_r125_the_first_receipt_stays() -> None:
    summons = coming(named(received(summoned_case(), "bup", AT), "bup", LATER, by=SVEN)).summons_of("bup")
    assert summons is not None
    assert (summons.received, summons.answered) == (stamp(JULIA, AT), stamp(SVEN, LATER))


def test_r122_r127_the_agency_decides_who_comes_and_says_whether_the_persons_wish_was_met() -> None:
    naming = Naming((attendee("julia"),), Wish.NOT_MET)
    summons = coming(name_attendees(asked(summoned_case(), "bup", AT), naming, stamp(JULIA, AT))).summons_of("bup")
    assert summons is not None
    assert summons.naming == naming


def test_another_time_is_proposed_and_names_are_still_owed() -> None:
    case = proposed(summoned_case(), "bup", AT)
    assert standing(case, "bup") == "proposed"
    assert "bup" in owing(case)


def test_r117_an_invited_agency_that_says_no_is_done() -> None:
    case = declined(summoned_case(), "fk", AT)
    assert standing(case, "fk") == "declined"
    assert "fk" not in owing(case)


def test_r114_r116_an_obliged_agency_that_says_no_still_owes_an_answer() -> None:
    case = declined(summoned_case(), "bup", AT)
    assert standing(case, "bup") == "declined"
    assert "bup" in owing(case)
    assert case.state is State.SUMMONED


def test_7c_the_case_is_ready_when_every_obliged_agency_has_named_somebody() -> None:
    case = named(summoned_case(), "bup", AT)
    assert case.state is State.SUMMONED
    case = named(case, "skola", AT)
    assert case.state is State.READY  # fk is only invited and may still answer
    assert declined(case, "bup", LATER).state is State.SUMMONED


def test_two_people_answering_at_once_are_told_by_the_revision() -> None:
    case = summoned_case()
    seen = [coming(case).summons_of("bup")]
    for answer in (received, named, proposed, declined):
        case = answer(case, "bup", AT)
        seen.append(coming(case).summons_of("bup"))
    revisions = [summons.revision for summons in seen if summons is not None]
    assert revisions == [0, 1, 2, 3, 4]


# ---- changing an answer ------------------------------------------------------------------------------------


def test_r128_somebody_else_comes_instead() -> None:
    case = named(summoned_case(), "bup", AT, attendee("julia"), attendee("sven"))
    after = named(case, "bup", LATER, attendee("sven"), attendee("eva"))
    assert [who.name for _, who in coming(after).attendees()] == ["sven", "eva"]
    assert [who.name for who in coming(after).uninvited] == ["julia"]
    assert coming(after).sequence == 1  # each CANCEL takes a number


def test_who_stays_keeps_key_and_address_of_the_invite() -> None:
    sven = attendee("sven")
    case = named(summoned_case(), "bup", AT, sven)
    after = named(case, "bup", LATER, sven, attendee("eva"))
    assert (sven.key, sven.token) in [(who.key, who.token) for _, who in coming(after).attendees()]
    assert (coming(after).uninvited, coming(after).sequence) == ((), 0)


def test_a_no_after_names_takes_the_invites_back() -> None:
    case = declined(named(summoned_case(), "bup", AT, attendee("julia")), "bup", LATER)
    assert coming(case).attendees() == ()
    assert [who.name for who in coming(case).uninvited] == ["julia"]


def test_names_after_a_no_count() -> None:
    case = named(declined(summoned_case(), "bup", AT), "bup", LATER, attendee("julia"))
    assert standing(case, "bup") == "named"
    assert coming(case).uninvited == ()


def test_another_time_after_names_keeps_the_invites_but_asks_on() -> None:
    case = proposed(named(summoned_case(), "bup", AT, attendee("julia")), "bup", LATER)
    assert standing(case, "bup") == "proposed"
    assert [who.name for _, who in coming(case).attendees()] == ["julia"]
    assert standing(named(case, "bup", "2026-03-11 09:00", attendee("julia")), "bup") == "named"


def test_a_no_after_another_time_is_a_no() -> None:
    assert standing(declined(proposed(summoned_case(), "bup", AT), "bup", LATER), "bup") == "declined"


def test_a_receipt_after_an_answer_changes_nothing_of_it() -> None:
    case = named(summoned_case(), "bup", AT, attendee("julia"))
    assert standing(received(case, "bup", LATER), "bup") == "named"


def test_after_a_move_a_receipt_alone_does_not_stand_for_the_old_names() -> None:
    case = moved(named(summoned_case(), "bup", AT, attendee("julia")), "2026-03-27 09:00", LATER)
    case = received(case, "bup", "2026-03-11 09:00")
    assert standing(case, "bup") == "received"
    assert "bup" in owing(case)


# ---- the wrong unit ----------------------------------------------------------------------------------------


def test_r126_a_summons_goes_on_to_the_right_unit() -> None:
    case = forwarded(named(summoned_case(), "bup", AT, attendee("julia")), "bup", "vc", LATER)
    assert (standing(case, "bup"), standing(case, "vc")) == ("forwarded", "sent")
    assert [who.name for who in coming(case).uninvited] == ["julia"]
    onward = coming(case).summons_of("vc")
    assert onward is not None
    assert (onward.obliged, onward.forwarded_from, onward.sent_at) == (True, "bup", instant(LATER))


def test_r117_the_new_units_duty_follows_from_its_own_kind() -> None:
    case = called(consented(opened()), "2026-03-26 13:00", "2026-03-09 10:00", "bup", "skola")
    onward = coming(forwarded(case, "bup", "fk", AT)).summons_of("fk")
    assert onward is not None
    assert not onward.obliged


def test_r75_outside_the_consent_it_is_held_back_and_nobody_can_answer_it() -> None:
    case = forwarded(summoned_case(), "bup", "vc", AT, covered=False)
    assert standing(case, "vc") == "held_back"
    assert "vc" not in owing(case)
    assert "vc" not in case.parties()
    with pytest.raises(WrongState, match=r"answer\.held_back"):
        asked(case, "vc", LATER)


def test_7c_a_case_whose_obliged_agency_has_not_even_been_told_is_not_ready() -> None:
    case = named(named(summoned_case(), "bup", AT), "skola", AT)
    assert case.state is State.READY
    case = forwarded(case, "skola", "vc", LATER, covered=False)
    assert case.state is State.SUMMONED
    assert consented(case, "2026-03-11 09:00").state is State.SUMMONED
    assert named(consented(case, "2026-03-11 09:00"), "vc", "2026-03-11 10:00").state is State.READY


@pytest.mark.parametrize(
    "target, key",
    [
        ("vc", ""),
        ("bup", "forward.unknown"),
        ("okand", "forward.unknown"),
        ("skola", "forward.asked_already"),
        ("fk", "forward.asked_already"),
    ],
)
def test_it_goes_to_a_known_agency_that_is_not_asked_yet(target: str, key: str) -> None:
    found = problems_of_forward(asked(summoned_case(), "bup", AT), target, DIRECTORY)
    assert [(p.field, p.key) for p in found] == ([("agency", key)] if key else [])


def test_it_does_not_go_back_to_the_unit_it_came_from() -> None:
    case = forwarded(summoned_case(), "bup", "vc", AT)
    (problem,) = problems_of_forward(asked(case, "vc", LATER), "bup", DIRECTORY)
    assert problem.key == "forward.asked_already"


def test_it_may_go_to_an_agency_whose_own_summons_was_recalled() -> None:
    case = consented(consented(summoned_case(), AT, agencies=frozenset({"bup", "fk"})), AT)
    assert problems_of_forward(asked(case, "bup", LATER), "skola", DIRECTORY) == ()
    before, after = coming(case).summons_of("skola"), coming(forwarded(case, "bup", "skola", LATER)).summons_of("skola")
    assert before is not None
    assert after is not None
    assert after.revision > before.revision


# ---- too late ----------------------------------------------------------------------------------------------


def test_until_the_meeting_every_answer_can_be_changed_and_then_none() -> None:
    case = named(summoned_case(), "bup", AT)
    assert standing(declined(case, "bup", "2026-03-26 12:59"), "bup") == "declined"
    with pytest.raises(WrongState, match=r"answer\.too_late"):
        asked(case, "bup", "2026-03-26 13:00")


@pytest.mark.parametrize(
    "case",
    [
        withdrawn(summoned_case(), AT),
        not_held(summoned_case(), AT),
        held_case(),
        closing_case(),
    ],
    ids=["withdrawn", "called off", "held", "closing"],
)
def test_what_is_over_is_not_answered(case: Case) -> None:
    with pytest.raises(WrongState, match=r"answer\.over"):
        find_summons(case, 1, "bup", instant(LATER))


def test_r62_a_recalled_summons_is_not_answered() -> None:
    case = consented(summoned_case(), AT, agencies=frozenset({"skola", "fk"}))
    with pytest.raises(WrongState, match=r"answer\.recalled"):
        asked(case, "bup", LATER)


def test_a_forwarded_summons_is_not_answered() -> None:
    with pytest.raises(WrongState, match=r"answer\.forwarded"):
        asked(forwarded(summoned_case(), "bup", "vc", AT), "bup", LATER)


def test_an_agency_that_was_not_asked_has_nothing_to_answer() -> None:
    with pytest.raises(NotFound, match=r"answer\.no_summons"):
        asked(summoned_case(), "vc", AT)


def test_the_person_named_twice_in_two_meetings_stands_in_both() -> None:
    case = named(held_meeting_again(), "bup", "2026-05-12 09:00", attendee("julia", key="key-2"))
    assert [who.key for _, who in coming(case).attendees()] == ["key-2"]
    assert coming(case).standing_of("bup") is Standing.NAMED


def held_meeting_again() -> Case:
    return called(held_case(), "2026-06-01 13:00", "2026-05-11 10:00")
