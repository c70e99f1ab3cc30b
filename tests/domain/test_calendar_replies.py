"""Answers from calendars, into the same truth as the buttons in chat: the newest word counts (RFC 5546 2.1.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attendee import Attendee, CalendarResponse
from domain.calendar.replies import (
    TOKEN_LIVES,
    Answered,
    Heard,
    Invited,
    find_invited,
    is_about_old_time,
    take_answer,
    tokens_until,
    with_attendee,
)
from domain.case import Case, State
from tests.domain.makers import (
    attendee,
    called,
    coming,
    declined,
    instant,
    ladder,
    moved,
    named,
    not_held,
    proposed,
    received,
    summoned_case,
    withdrawn,
)

NAMED_AT, ANSWERED_AT, LATER, LATEST = "2026-03-10 09:00", "2026-03-10 12:00", "2026-03-11 09:00", "2026-03-12 09:00"
JULIA, SVEN = "token-julia", "token-sven"


def named_case() -> Case:
    """Return a case to whose meeting, called on 9 March for 26 March at 13, bup sends Julia and Sven."""
    return named(summoned_case(), "bup", NAMED_AT, attendee("julia"), attendee("sven"))


def invited(case: Case, token: str = JULIA) -> Invited:
    found = find_invited(case, token)
    assert found is not None
    return found


def heard(kind: str, at: str = ANSWERED_AT, *, sequence: int | None = 0, stamp: str | None = "") -> Heard:
    """Return an answer that came at a moment; made at the same moment unless told, without DTSTAMP for None."""
    made = None if stamp is None else instant(stamp or at)
    return Heard(Answered(kind), sequence, made, instant(at), "token")


def answered(case: Case, kind: str, at: str = ANSWERED_AT, token: str = JULIA, **more: object) -> Case:
    return take_answer(case, invited(case, token), heard(kind, at, **more))  # type: ignore[arg-type]


def response(case: Case, token: str = JULIA) -> CalendarResponse:
    said = invited(case, token).attendee.response
    assert said is not None
    return said


def person(case: Case, token: str = JULIA) -> Attendee:
    return invited(case, token).attendee


# ---- who a token belongs to ------------------------------------------------------------------------------------


def test_a_token_leads_to_the_attendee_of_the_coming_meeting() -> None:
    found = invited(named_case())
    assert (found.agency, found.attendee.name, found.meeting.number) == ("bup", "julia", 1)


def test_an_unknown_token_leads_to_nobody() -> None:
    assert find_invited(named_case(), "token-eva") is None


@pytest.mark.parametrize(
    "over",
    [
        lambda case: withdrawn(case, LATER),
        lambda case: not_held(case, LATER),
        lambda case: named(case, "bup", LATER, attendee("sven")),
        lambda case: declined(case, "bup", LATER),
    ],
    ids=["withdrawn", "called off", "no longer named", "agency declined"],
)
def test_a_token_of_somebody_who_is_not_invited_any_more_leads_to_nobody(over: object) -> None:
    assert callable(over)
    assert find_invited(over(named_case()), JULIA) is None


# ---- the newest counts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["accepted", "tentative", "declined", "delegated"])
def test_an_answer_is_kept_with_its_kind_sequence_and_trust(kind: str) -> None:
    case = answered(named_case(), kind)
    said = response(case)
    assert (said.kind, said.sequence, said.trust, said.old_time) == (kind, 0, "token", False)
    assert person(case, SVEN).response is None, "only the attendee's own answer is set (RFC 5546 3.2.3)"


def test_a_newer_answer_replaces_the_one_before() -> None:
    case = answered(answered(named_case(), "accepted"), "declined", LATER)
    assert response(case).kind == "declined"


def test_an_older_answer_that_comes_later_changes_nothing() -> None:
    case = answered(named_case(), "declined", LATER)
    assert answered(case, "accepted", LATEST, stamp=ANSWERED_AT) == case


def test_the_same_answer_twice_changes_nothing() -> None:
    case = answered(named_case(), "accepted")
    assert answered(case, "accepted", LATER, stamp=ANSWERED_AT) == case


def test_without_sequence_and_stamp_an_answer_is_about_the_newest_invite_and_made_when_it_came() -> None:
    """Outlook.com and old Exchange leave them out."""
    case = answered(named_case(), "accepted", sequence=None, stamp=None)
    assert (response(case).sequence, response(case).stamp) == (0, instant(ANSWERED_AT))
    assert response(answered(case, "declined", LATER, sequence=None, stamp=None)).kind == "declined"


def test_a_clock_that_runs_ahead_shuts_out_no_later_answer() -> None:
    case = answered(named_case(), "accepted", sequence=99, stamp="2031-01-01 00:00")
    assert response(answered(case, "declined", LATER)).kind == "declined"


@given(st.permutations([("accepted", 1), ("declined", 2), ("tentative", 3), ("delegated", 4)]))
def test_in_whatever_order_answers_arrive_the_newest_stands(order: list[tuple[str, int]]) -> None:
    case, begun = named_case(), instant(ANSWERED_AT)
    for arrival, (kind, hour) in enumerate(order):
        made, came = begun + timedelta(hours=hour), begun + timedelta(hours=10 + arrival)
        case = take_answer(case, invited(case), Heard(Answered(kind), 0, made, came, "token"))
    assert response(case).kind == "delegated"


# ---- against chat ----------------------------------------------------------------------------------------------


def test_a_no_in_the_calendar_after_the_names_in_chat_counts() -> None:
    assert response(answered(named_case(), "declined")).kind == "declined"


def test_names_in_chat_after_a_no_in_the_calendar_count_and_ask_anew() -> None:
    """The new REQUEST must be newer than what the calendar has (RFC 5546 2.1.5)."""
    case = named(answered(named_case(), "declined"), "bup", LATER, attendee("julia"), attendee("sven"))
    assert person(case).response is None
    assert (coming(case).sequence, person(case).asked, person(case, SVEN).asked) == (1, 1, 0)


def test_a_no_that_was_made_before_the_names_in_chat_and_comes_after_them_does_not_count() -> None:
    case = named(named_case(), "bup", LATER, attendee("julia"), attendee("sven"), attendee("eva"))
    assert answered(case, "declined", LATEST, stamp=ANSWERED_AT) == case
    assert response(answered(case, "declined", LATEST)).kind == "declined"


def test_a_yes_in_the_calendar_stays_when_the_agency_names_the_same_person_again() -> None:
    case = named(answered(named_case(), "accepted"), "bup", LATER, attendee("julia"), attendee("eva"))
    assert response(case).kind == "accepted"
    assert person(case).asked == 0


def test_a_perhaps_in_the_calendar_is_settled_when_the_agency_names_the_same_person_again() -> None:
    case = named(answered(named_case(), "tentative"), "bup", LATER, attendee("julia"), attendee("sven"))
    assert person(case).response is None


def test_who_was_taken_off_and_is_named_again_is_asked_with_a_newer_number_than_the_cancellation() -> None:
    case = named(named_case(), "bup", LATER, attendee("sven"))
    assert (coming(case).sequence, [who.name for who in coming(case).uninvited]) == (1, ["julia"])
    case = named(case, "bup", LATEST, attendee("julia"), attendee("sven"))
    assert (coming(case).sequence, person(case).asked, coming(case).uninvited) == (2, 2, ())


# ---- about an old time -----------------------------------------------------------------------------------------


def moved_case() -> Case:
    return moved(named_case(), "2026-03-27 10:00", LATER)


def test_a_move_puts_every_answer_back() -> None:
    case = moved(answered(named_case(), "accepted"), "2026-03-27 10:00", LATER)
    assert [(who.response, who.asked) for _, who in coming(case).attendees()] == [(None, 1), (None, 1)]


def test_a_typo_in_the_place_keeps_every_answer() -> None:
    case = moved(answered(named_case(), "accepted"), "2026-03-26 13:00", LATER, place="Rum 3, Exempelgatn 1")
    assert response(case).kind == "accepted"
    assert coming(case).sequence == 0


def test_an_answer_about_the_old_time_is_kept_as_such() -> None:
    case = answered(moved_case(), "accepted", LATEST)
    assert response(case).old_time
    assert is_about_old_time(invited(case), heard("accepted", LATEST))


def test_an_answer_about_the_new_time_replaces_one_about_the_old_time() -> None:
    case = answered(answered(moved_case(), "accepted", LATEST), "declined", LATEST, sequence=1)
    assert (response(case).kind, response(case).old_time) == ("declined", False)


def test_an_answer_about_the_old_time_never_replaces_one_about_the_new_time() -> None:
    case = answered(moved_case(), "declined", LATEST, sequence=1)
    assert answered(case, "accepted", "2026-03-13 09:00", sequence=0) == case


def test_that_others_were_taken_off_makes_no_answer_old() -> None:
    """The meeting's counter rises with each CANCEL, unknown to the rest (RFC 5546 2.1.4)."""
    case = named(named_case(), "bup", LATER, attendee("julia"))
    case = answered(case, "accepted", LATEST)
    assert (coming(case).sequence, response(case).old_time) == (1, False)


def test_a_no_to_the_old_time_leaves_nobody_missing() -> None:
    case = named(moved_case(), "bup", LATEST, attendee("julia"))
    case = answered(case, "declined", "2026-03-13 09:00", sequence=0)
    assert coming(case).standing_of("bup") == "named"


# ---- when nobody comes any more --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["declined", "delegated"])
def test_r128_an_agency_whose_people_have_all_said_no_owes_names_again(kind: str) -> None:
    case = named(named_case(), "skola", NAMED_AT, attendee("omar"))
    assert case.state is State.READY
    case = answered(case, kind)
    assert (coming(case).standing_of("bup"), case.state) == ("named", State.READY)
    case = answered(case, "declined", token=SVEN)
    assert (coming(case).standing_of("bup"), case.state) == ("received", State.SUMMONED)
    assert "bup" in {summons.agency for summons in coming(case).missing()}


def test_a_perhaps_keeps_the_agency_named() -> None:
    case = answered(answered(named_case(), "declined"), "tentative", token=SVEN)
    assert coming(case).standing_of("bup") == "named"


def test_a_yes_after_all_makes_the_agency_named_again() -> None:
    case = answered(answered(named_case(), "declined"), "declined", token=SVEN)
    assert coming(answered(case, "accepted", LATER)).standing_of("bup") == "named"


def test_those_who_said_no_stay_invited_until_the_agency_names_others() -> None:
    case = answered(answered(named_case(), "declined"), "declined", token=SVEN)
    assert [who.name for _, who in coming(case).attendees()] == ["julia", "sven"]
    assert coming(case).uninvited == ()


def test_the_agency_is_reminded_from_then_on_and_not_for_the_days_before() -> None:
    case = named(summoned_case(), "bup", NAMED_AT, attendee("julia"))
    before = ladder(summoned_case(), "2026-03-09 12:00", "name_attendees", agency="bup")
    case = answered(case, "declined", "2026-03-20 12:00")
    after = ladder(case, "2026-03-20 12:00", "name_attendees", agency="bup")
    assert after
    assert set(after) < set(before)


# ---- who answers has been reached ------------------------------------------------------------------------------


def test_an_answer_proves_that_the_mail_arrived() -> None:
    case = named_case()
    found = invited(case)
    case = with_attendee(case, found, replace(found.attendee, undelivered=True))
    assert person(case).undelivered
    assert not person(answered(case, "accepted")).undelivered


def test_a_mail_that_did_not_arrive_is_tried_anew_when_the_meeting_is_moved() -> None:
    case = named_case()
    found = invited(case)
    case = with_attendee(case, found, replace(found.attendee, undelivered=True))
    assert not person(moved(case, "2026-03-27 10:00", LATER)).undelivered


# ---- how long a token lives ------------------------------------------------------------------------------------


def test_tokens_die_thirty_days_after_their_meeting() -> None:
    end = instant("2026-03-26 14:00")
    assert timedelta(days=30) == TOKEN_LIVES
    assert tokens_until(named_case()) == {JULIA: end + TOKEN_LIVES, SVEN: end + TOKEN_LIVES}


def test_a_token_lives_on_when_its_meeting_is_moved() -> None:
    end = instant("2026-03-27 11:00")
    assert set(tokens_until(moved_case()).values()) == {end + TOKEN_LIVES}


def test_the_token_of_somebody_taken_off_is_known_as_long() -> None:
    """So that a late answer or a bounced cancellation is told from a stranger's mail."""
    assert JULIA in tokens_until(named(named_case(), "bup", LATER, attendee("sven")))


def test_a_follow_up_has_tokens_of_its_own() -> None:
    case = not_held(named_case(), LATER)
    case = called(case, "2026-04-20 13:00", LATEST, "bup")
    case = named(case, "bup", "2026-03-13 09:00", attendee("eva"))
    assert set(tokens_until(case)) == {JULIA, SVEN, "token-eva"}


# ---- a yes to a new time ---------------------------------------------------------------------------------------


def test_a_yes_in_the_calendar_to_the_new_time_is_the_agencys_new_answer() -> None:
    """A yes pressed in a calendar counts as much as one pressed in chat."""
    case = moved_case()
    assert coming(case).standing_of("bup") == "sent"
    case = answered(case, "accepted", LATEST, sequence=1)
    assert coming(case).standing_of("bup") == "named"
    summons = coming(case).summons_of("bup")
    assert summons is not None
    assert (summons.received is not None, summons.answered is not None) == (True, True)


@pytest.mark.parametrize("kind", ["tentative", "declined", "delegated"])
def test_anything_but_a_yes_to_the_new_time_leaves_the_agency_asked(kind: str) -> None:
    assert coming(answered(moved_case(), kind, LATEST, sequence=1)).standing_of("bup") == "sent"


def test_a_yes_to_the_old_time_leaves_the_agency_asked() -> None:
    assert coming(answered(moved_case(), "accepted", LATEST, sequence=0)).standing_of("bup") == "sent"


def test_a_yes_does_not_undo_what_the_agency_has_said_about_the_new_time() -> None:
    case = proposed(moved_case(), "bup", LATEST)
    assert coming(answered(case, "accepted", "2026-03-13 09:00", sequence=1)).standing_of("bup") == "proposed"


def test_after_a_bare_receipt_for_the_new_time_a_yes_gives_the_names() -> None:
    case = received(moved_case(), "bup", LATEST)
    assert coming(answered(case, "accepted", "2026-03-13 09:00", sequence=1)).standing_of("bup") == "named"
