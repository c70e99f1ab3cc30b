"""When a changed meeting asks again, and where an answer from a calendar stands (RFC 5546 2.1.4, 2.1.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.invites import (
    Invite,
    InviteStanding,
    InviteStep,
    MeetingFacts,
    Mode,
    ReplyMark,
    next_sequence,
    reply_mark,
    same_place,
    significant_change,
    standing,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NINE = datetime(2026, 12, 1, 9, 0, tzinfo=STOCKHOLM)
MEETING = MeetingFacts(NINE, 60, "in_person", "Kommunhuset, rum Linden", "https://sip.example.se/m/1")


@pytest.mark.parametrize(
    "change, significant",
    [
        ({}, False),
        ({"start": NINE + timedelta(minutes=15)}, True),
        ({"start": NINE.astimezone(UTC)}, False),  # the same instant, written otherwise
        ({"length": 90}, True),
        ({"length": 45}, True),
        ({"mode": "digital"}, True),
        ({"link": "https://sip.example.se/m/2"}, False),
        ({"place": "Kommunhuset, rum Lindn"}, False),
        ({"place": "Skolan, rum Linden"}, True),
        ({"place": None}, True),
        ({"cancelled": True}, True),
    ],
)
def test_a_change_is_significant_when_it_makes_an_answer_doubtful(change: dict[str, Any], significant: object) -> None:
    assert significant_change(MEETING, replace(MEETING, **change)) is significant


@pytest.mark.parametrize("mode", ["digital", "phone"])
def test_where_nobody_goes_anywhere_the_place_does_not_matter(mode: Mode) -> None:
    before = replace(MEETING, mode=mode, place="Rum 1")
    assert not significant_change(before, replace(before, place="Stora salen"))


@pytest.mark.parametrize(
    "before, after",
    [
        ("Kommunhuset", "kommunhuset "),
        ("Kommunhuset rum Linden", "Kommunhuset, rum Linden"),
        ("Kommun huset", "Kommunhuset"),
        ("Hallvagen 3", "Hällvägen 3"),
        ("Komunhuset", "Kommunhuset"),  # a letter missing
        ("Kommmunhuset", "Kommunhuset"),  # a letter doubled
        ("Kommnuhuset", "Kommunhuset"),  # two letters swapped
        ("Kommunhuser", "Kommunhuset"),  # a neighbouring key
        ("Komunhuset, rum Lindn", "Kommunhuset, rum Linden"),  # a slip in each of two words
        (None, ""),
        (None, "  "),
        ("🏠", "🏠"),
        ("בית הספר", "בית הספר "),
    ],
)
def test_a_typo_in_the_place_is_the_same_place(before: str | None, after: str | None) -> None:
    assert same_place(before, after)
    assert same_place(after, before)


@pytest.mark.parametrize(
    "before, after",
    [
        ("Kommunhuset", None),
        ("Rum 3", "Rum 4"),
        ("Storgatan 12", "Storgatan 21"),
        ("Sal 1 12", "Sal 11 2"),
        ("Hus A", "Hus B"),
        ("Rum 3A", "Rum 3B"),
        ("Norra skolan", "Södra skolan"),
        ("Östergatan 1", "Västergatan 1"),
        ("Visby", "Hemse"),
        ("Lärbro skola", "Klinte skola"),
        ("Hallen", "Vallen"),  # the first letter makes another name
        ("Kommunhuset", "Kommunhuset Hemse"),
        ("Biblioteket rum Eken", "Biblioteket rum Alen"),
        ("Komunhuset Lindn rumet", "Kommunhuset Linden rummet"),  # three slips are not one typo
        ("🏠", "🏥"),
    ],
)
def test_whatever_may_be_another_place_is_another_place(before: str | None, after: str | None) -> None:
    assert not same_place(before, after)
    assert not same_place(after, before)


PLACES = st.text(max_size=40)


@given(PLACES)
def test_a_place_is_always_the_same_as_itself(place: str) -> None:
    assert same_place(place, place)


@given(PLACES, PLACES)
def test_being_the_same_place_does_not_depend_on_the_order(a: str, b: str) -> None:
    assert same_place(a, b) == same_place(b, a)


@pytest.mark.parametrize(
    "step, rises",
    [
        (InviteStep.RESEND, False),
        (InviteStep.CORRECT, False),
        (InviteStep.MOVE, True),
        (InviteStep.UNINVITE, True),  # each CANCEL raises it, also the one to a single person
        (InviteStep.REINVITE, True),
        (InviteStep.CALL_OFF, True),
    ],
)
def test_sequence_rises_for_moves_and_every_cancel_and_for_nothing_else(step: InviteStep, rises: object) -> None:
    assert next_sequence(4, step) == (5 if rises else 4)


RECEIVED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_an_answer_about_the_newest_request_counts() -> None:
    mark = reply_mark(2, RECEIVED - timedelta(minutes=5), asked=2, received=RECEIVED)
    assert standing(mark, asked_anew=2, newest=None) is InviteStanding.CURRENT


def test_a_late_answer_about_an_earlier_time_is_shown_as_such() -> None:
    mark = reply_mark(0, RECEIVED, asked=1, received=RECEIVED)
    assert standing(mark, asked_anew=1, newest=None) is InviteStanding.OLD_TIME


def test_a_correction_since_does_not_make_an_answer_old() -> None:
    mark = reply_mark(1, RECEIVED, asked=3, received=RECEIVED)
    assert standing(mark, asked_anew=1, newest=None) is InviteStanding.CURRENT


def test_an_answer_older_than_one_already_in_is_superseded() -> None:
    newest = reply_mark(1, RECEIVED, asked=1, received=RECEIVED)
    older = reply_mark(1, RECEIVED - timedelta(minutes=1), asked=1, received=RECEIVED)
    assert standing(older, asked_anew=1, newest=newest) is InviteStanding.SUPERSEDED
    assert standing(newest, asked_anew=1, newest=newest) is InviteStanding.CURRENT, "of equals the later arrival counts"


def test_what_a_client_left_out_is_taken_from_the_newest_invite_and_the_arrival() -> None:
    assert reply_mark(None, None, asked=3, received=RECEIVED) == ReplyMark(3, RECEIVED)


def test_a_clock_or_number_from_the_future_cannot_shut_out_later_answers() -> None:
    forged = reply_mark(2_000_000_000, RECEIVED + timedelta(days=3650), asked=1, received=RECEIVED)
    later = reply_mark(1, RECEIVED + timedelta(hours=1), asked=1, received=RECEIVED + timedelta(hours=1))
    assert standing(later, asked_anew=1, newest=forged) is InviteStanding.CURRENT


def invite(**changes: Any) -> Invite:
    known: dict[str, Any] = {
        "method": "REQUEST",
        "uid": "3f0c@kalender.example.se",
        "sequence": 0,
        "stamp": RECEIVED,
        "start": NINE,
        "length": 60,
        "summary_code": "SIP-7K3Q2-M",
        "organizer_address": "svar.x@kalender.example.se",
        "attendee_address": "par@bup.example.se",
    }
    return Invite(**(known | changes))


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": NINE.replace(tzinfo=None)},
        {"stamp": RECEIVED.replace(tzinfo=None)},
        {"length": 0},
        {"sequence": -1},
        {"uid": ""},
        {"attendee_address": None},
        {"method": "PUBLISH"},
        {"whole_event_cancelled": True},
    ],
)
def test_an_invite_that_no_calendar_could_show_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        invite(**wrong)
