"""Who may do what with a case (R26, R35, R40, R122; law 4D)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.case import Case, Flag
from domain.directory import Directory, Staff
from domain.errors import NotAllowed
from domain.responsibility import (
    may_receive,
    may_report,
    may_see,
    may_send_plan,
    may_steer,
    name_of,
    place_of,
    receiver_of,
    require_answering,
    require_steering,
    require_withdrawing,
    unit_of_responsible,
)
from tests.domain.makers import (
    ANNA,
    BIRGIT,
    DIRECTORY,
    JULIA,
    KARIN,
    LEIF,
    MARIA,
    OMAR,
    PIA,
    SVEN,
    active_case,
    attendee,
    called,
    coming,
    consented,
    forwarded,
    held_case,
    moved_to,
    named,
    opened,
    summoned_case,
    withdrawn,
    without,
)

EVERYBODY = (ANNA, KARIN, MARIA, JULIA, SVEN, BIRGIT, OMAR, PIA, LEIF)
PROTECTED = frozenset({Flag.PROTECTED})


def absent(who: str, *, deputy: str) -> Directory:
    """Return the directory while somebody is away."""
    person = replace(DIRECTORY.staff[who], deputy=deputy, away_until=datetime(2026, 12, 3, tzinfo=UTC))
    return Directory(DIRECTORY.agencies, {**DIRECTORY.staff, who: person})


def steering(case: Case, directory: Directory = DIRECTORY) -> set[str]:
    return {who for who in EVERYBODY if who in directory.staff and may_steer(case, directory.staff[who], directory)}


def seeing(case: Case, directory: Directory = DIRECTORY) -> set[str]:
    return {who for who in EVERYBODY if who in directory.staff and may_see(case, directory.staff[who], directory)}


def sending_the_plan(case: Case, directory: Directory = DIRECTORY) -> set[str]:
    return {who for who in EVERYBODY if who in directory.staff and may_send_plan(case, directory.staff[who], directory)}


def withdrawing(case: Case) -> set[str]:
    def may(who: str) -> bool:
        try:
            require_withdrawing(case, DIRECTORY.staff[who], DIRECTORY)
        except NotAllowed:
            return False
        return True

    return {who for who in EVERYBODY if may(who)}


def protected_case() -> Case:
    return called(consented(opened(flags=PROTECTED)), "2026-03-26 13:00", "2026-03-09 10:00", "bup", "skola", "fk")


# ---- acting ------------------------------------------------------------------------------------------------


def test_r26_r40_the_coordinator_acts_and_in_their_absence_the_unit() -> None:
    assert steering(opened()) == {ANNA, KARIN, MARIA}


def test_r35_4d_9_after_the_hand_over_the_lead_and_their_unit_act_and_the_first_coordinator_no_longer() -> None:
    assert steering(held_case()) == {JULIA, BIRGIT}
    assert steering(active_case()) == {JULIA, BIRGIT}


def test_r194_the_first_coordinators_unit_still_sends_the_plan_of_the_first_meeting() -> None:
    assert sending_the_plan(held_case()) == {ANNA, KARIN, MARIA, JULIA, BIRGIT}
    assert sending_the_plan(active_case()) == {JULIA, BIRGIT}
    assert sending_the_plan(withdrawn(held_case(), "2026-03-27 09:00")) == {JULIA, BIRGIT}


@pytest.mark.parametrize("who", [ANNA, KARIN])
def test_4d_9_who_has_moved_to_another_agency_does_not_act_for_the_case(who: str) -> None:
    directory = moved_to(who, "vc")
    assert who not in steering(opened(), directory)
    assert who not in seeing(summoned_case(), directory)
    assert who not in sending_the_plan(held_case(), directory)


def test_4d_9_who_coordinates_no_longer_does_not_act_for_the_case() -> None:
    staff = {**DIRECTORY.staff, ANNA: replace(DIRECTORY.staff[ANNA], coordinator=False)}
    assert steering(opened(), Directory(DIRECTORY.agencies, staff)) == {KARIN, MARIA}


def test_r76_anybody_of_a_concerned_agency_may_record_a_withdrawal() -> None:
    case = consented(summoned_case(), "2026-03-10 09:00", agencies=frozenset({"bup", "skola"}))
    assert withdrawing(case) == {ANNA, KARIN, MARIA, JULIA, SVEN, BIRGIT, OMAR}


def test_r76_4d_4_of_a_protected_case_whoever_is_named_there_may() -> None:
    """The person may say it to whomever they meet, and waits for no particular one."""
    case = named(protected_case(), "bup", "2026-03-10 09:00", attendee("sven", staff=SVEN))
    assert withdrawing(case) == seeing(case) == {ANNA, SVEN, OMAR}


def test_4d_4_of_a_protected_case_a_unit_that_answers_for_it_hears_by_who_does() -> None:
    """Not by whichever coordinator of the unit stands first in the directory."""
    case = replace(protected_case(), coordinator=KARIN)
    assert place_of(case, "soc", DIRECTORY) == DIRECTORY.address_of(KARIN)
    assert place_of(case, "soc", without(KARIN)) == DIRECTORY.address_of(ANNA)


def test_r40_when_the_lead_leaves_the_unit_is_responsible_that_the_process_goes_on() -> None:
    assert steering(held_case(), without(JULIA)) == {BIRGIT}
    with_another_coordinator = Directory(
        DIRECTORY.agencies, {**without(JULIA).staff, SVEN: replace(DIRECTORY.staff[SVEN], coordinator=True)}
    )
    assert steering(held_case(), with_another_coordinator) == {BIRGIT, SVEN}


def test_r40_when_the_coordinator_leaves_their_unit_goes_on() -> None:
    assert steering(opened(), without(ANNA)) == {KARIN, MARIA}


def test_r40_a_deputy_may_do_what_who_is_away_may() -> None:
    """Law 4D.9: a right for as long as they stand in.

    Of a protected case that is a deputy whom the directory names (law 4D.4): setting somebody away gains nothing.
    """
    assert steering(held_case(), absent(JULIA, deputy=SVEN)) == {JULIA, SVEN, BIRGIT}
    assert steering(replace(held_case(), flags=PROTECTED), absent(JULIA, deputy=SVEN)) == {JULIA, SVEN}
    assert steering(replace(held_case(), flags=PROTECTED), absent(JULIA, deputy="")) == {JULIA}


def test_who_goes_away_while_a_word_waits_is_still_shown_it_and_nobody_else_is() -> None:
    case, away = held_case(), absent(JULIA, deputy=SVEN)
    shown = {who for who in EVERYBODY if may_receive(case, JULIA, away.address_of(who), away)}
    assert shown == {JULIA, SVEN}
    assert receiver_of(case, JULIA, away) == away.address_of(SVEN)
    assert receiver_of(case, JULIA, DIRECTORY) == DIRECTORY.address_of(JULIA)


def test_r40_it_is_the_unit_the_lead_was_of_not_the_one_they_went_to() -> None:
    assert steering(held_case(), moved_to(JULIA, "skola")) == {BIRGIT}


def test_r40_where_the_unit_was_not_noted_the_directory_tells() -> None:
    case = replace(held_case(), lead_agency="")
    assert unit_of_responsible(case, DIRECTORY) == "bup"
    assert unit_of_responsible(case, without(JULIA)) == "soc"


def test_a_manager_may_be_of_another_agency() -> None:
    agencies = {**DIRECTORY.agencies, "skola": replace(DIRECTORY.agencies["skola"], manager=MARIA)}
    directory = Directory(agencies, DIRECTORY.staff)
    assert steering(held_case(lead=OMAR, lead_agency="skola"), directory) == {OMAR, MARIA}


def test_a_protected_case_is_for_the_one_who_is_responsible_alone() -> None:
    assert steering(protected_case()) == {ANNA}
    assert steering(replace(held_case(), flags=PROTECTED)) == {JULIA}


def test_r40_a_protected_case_is_not_left_without_anybody() -> None:
    assert steering(protected_case(), without(ANNA)) == {MARIA}
    assert steering(replace(held_case(), flags=PROTECTED), without(JULIA)) == {BIRGIT}


def test_who_may_not_act_is_told_who_may() -> None:
    with pytest.raises(NotAllowed) as refusal:
        require_steering(opened(), DIRECTORY.staff[OMAR], DIRECTORY)
    assert (refusal.value.key, refusal.value.params) == ("right.steering", {"name": "Anna Exempelberg"})
    require_steering(opened(), DIRECTORY.staff[ANNA], DIRECTORY)


def test_r55_the_chair_may_tell_how_the_meeting_went() -> None:
    case = called(consented(opened()), "2026-03-26 13:00", "2026-03-09 10:00", chair=OMAR)
    assert may_report(case, DIRECTORY.staff[OMAR], DIRECTORY)
    assert may_report(case, DIRECTORY.staff[ANNA], DIRECTORY)
    assert not may_report(case, DIRECTORY.staff[SVEN], DIRECTORY)
    assert not may_report(opened(), DIRECTORY.staff[OMAR], DIRECTORY)
    assert not may_steer(case, DIRECTORY.staff[OMAR], DIRECTORY)


def test_r40_r55_a_chairs_deputy_may_tell_it_and_a_chair_at_a_unit_outside_may_not() -> None:
    narrow = consented(opened(), agencies=frozenset({"bup", "skola"}))
    case = called(narrow, "2026-03-26 13:00", "2026-03-09 10:00", "bup", chair=JULIA)
    assert may_report(case, DIRECTORY.staff[SVEN], absent(JULIA, deputy=SVEN))
    assert not may_report(case, DIRECTORY.staff[SVEN], absent(JULIA, deputy=BIRGIT))
    moved = moved_to(JULIA, "vc")
    assert not may_report(case, moved.staff[JULIA], moved)


# ---- seeing ------------------------------------------------------------------------------------------------


def test_before_anybody_is_told_only_the_own_unit_sees_a_case() -> None:
    assert seeing(consented(opened())) == {ANNA, KARIN, MARIA}


def test_agencies_that_were_told_of_a_case_see_it() -> None:
    assert seeing(summoned_case()) == {ANNA, KARIN, MARIA, JULIA, SVEN, BIRGIT, OMAR, LEIF}


def test_r75_an_agency_whose_summons_is_held_back_does_not_see_it() -> None:
    assert PIA not in seeing(forwarded(summoned_case(), "bup", "vc", "2026-03-10 09:00", covered=False))


def test_r62_an_agency_that_has_left_the_consent_no_longer_sees_it() -> None:
    case = consented(summoned_case(), "2026-03-10 09:00", agencies=frozenset({"bup"}))
    assert seeing(case) == {ANNA, KARIN, MARIA, JULIA, SVEN, BIRGIT}


def test_r77_of_the_end_everybody_knows_who_was_told_of_the_case() -> None:
    case = consented(summoned_case(), "2026-03-10 09:00", agencies=frozenset({"bup"}))
    assert seeing(withdrawn(case, "2026-03-11 09:00")) >= {JULIA, OMAR, LEIF}


def test_a_protected_case_is_seen_by_those_who_are_named_alone() -> None:
    case = named(protected_case(), "bup", "2026-03-10 09:00", attendee("sven", staff=SVEN))
    assert seeing(case) == {ANNA, SVEN, OMAR}  # Omar coordinates at skola, and got its summons


def test_who_is_no_longer_named_no_longer_sees_it() -> None:
    case = named(protected_case(), "bup", "2026-03-10 09:00", attendee("sven", staff=SVEN))
    assert seeing(named(case, "bup", "2026-03-10 10:00", attendee("julia", staff=JULIA))) == {ANNA, JULIA, OMAR}


# ---- answering ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who, may", [(JULIA, True), (SVEN, True), (ANNA, False), (OMAR, False)])
def test_r122_only_the_agency_itself_answers(who: str, *, may: bool) -> None:
    staff: Staff = DIRECTORY.staff[who]
    if may:
        require_answering(summoned_case(), coming(summoned_case()), "bup", staff, DIRECTORY)
    else:
        with pytest.raises(NotAllowed, match=r"right\.answering"):
            require_answering(summoned_case(), coming(summoned_case()), "bup", staff, DIRECTORY)


def test_an_agency_that_was_not_asked_does_not_answer() -> None:
    with pytest.raises(NotAllowed, match=r"right\.answering"):
        require_answering(summoned_case(), coming(summoned_case()), "vc", DIRECTORY.staff[PIA], DIRECTORY)


def test_who_has_left_the_directory_has_no_name() -> None:
    assert name_of(ANNA, DIRECTORY) == "Anna Exempelberg"
    assert name_of("slack:T0/U0BORTA", DIRECTORY) == "–"
