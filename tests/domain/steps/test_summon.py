"""Agencies are summoned or invited, and meetings moved (R109, R114-R124)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.profile_file import read_profile
from domain.case import Case, Flag, State
from domain.consent import Part, Topic
from domain.errors import WrongState
from domain.meeting import Mode
from domain.profile import Profile
from domain.steps.appointment import problems_of_appointment, warnings_of
from domain.steps.move_meeting import require_movable
from domain.steps.summon import problems_of_calling, require_callable
from tests.domain.makers import (
    ANNA,
    CALENDAR,
    DIRECTORY,
    GOTLAND,
    JULIA,
    LEIF,
    NATIONAL,
    OMAR,
    active_case,
    appointment,
    attendee,
    called,
    calling,
    closing_case,
    coming,
    consented,
    day,
    declined,
    denied,
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
    stamp,
    summoned_case,
    withdrawn,
)

NOW = "2026-03-09 10:00"
PREPARING = consented(opened())


def keys(case: Case = PREPARING, *agencies: str, now: str = NOW, **told: Any) -> list[tuple[str, str]]:
    today = day(now[:10])
    problems = problems_of_calling(case, calling("2026-03-26 13:00", *agencies, **told), DIRECTORY, instant(now), today)
    return [(problem.field, problem.key) for problem in problems]


# ---- guards ------------------------------------------------------------------------------------------------


def test_a_plain_summons_is_fine() -> None:
    assert keys() == []


@pytest.mark.parametrize(
    "case",
    [PREPARING, summoned_case(), held_case(), active_case(), closing_case()],
    ids=["preparing", "more agencies", "plan draft", "follow-up", "closing"],
)
def test_7c_a_meeting_may_be_called_once_there_is_consent(case: Case) -> None:
    require_callable(case, instant("2026-03-10 10:00"))


@pytest.mark.parametrize(
    "case",
    [opened(), denied(), refused(opened()), withdrawn(PREPARING, NOW), withdrawn(summoned_case(), NOW)],
    ids=["assessed", "denied", "refused", "withdrawn", "withdrawn with a meeting coming"],
)
def test_7c_no_meeting_is_called_before_the_consent_or_after_the_end(case: Case) -> None:
    with pytest.raises(WrongState, match=rf"summon\.state_{case.state.value}"):
        require_callable(case, instant("2026-03-10 10:00"))


def test_7c_a_meeting_that_has_begun_is_reported_on_before_the_next_is_called() -> None:
    with pytest.raises(WrongState, match=r"summon\.report_first"):
        require_callable(summoned_case(), instant("2026-03-26 13:00"))


def test_r60_without_consent_nobody_is_summoned() -> None:
    """R4."""
    assert ("agencies", "summon.consent_missing") in keys(opened())


def test_r61_consent_to_exchange_alone_calls_no_meeting() -> None:
    case = consented(opened(), parts=frozenset({Part.EXCHANGE}))
    assert keys(case) == [("agencies", "summon.consent_missing")]


def test_r64_a_consent_that_has_run_out_calls_no_meeting() -> None:
    case = consented(opened(), valid_until=day("2026-03-08"))
    assert keys(case) == [("agencies", "summon.consent_expired")]
    assert keys(case, now="2026-03-08 10:00") == []


def test_r62_r75_an_agency_outside_the_consent_is_not_summoned() -> None:
    case = consented(opened(), agencies=frozenset({"bup"}))
    assert keys(case, "bup") == []
    assert keys(case, "bup", "skola", "fk") == [("agencies", "summon.agency_outside_consent")]
    told = calling("2026-03-26 13:00", "bup", "skola", "fk")
    (problem,) = problems_of_calling(case, told, DIRECTORY, instant(NOW), day("2026-03-09"))
    assert problem.params["names"] == "Påhittskolan, Försäkringskassan"


def test_r63_r75_a_question_outside_the_consent_is_not_asked() -> None:
    """R107."""
    case = consented(opened(), topics=frozenset({Topic.NEEDS}))
    assert keys(case, purpose=(Topic.NEEDS, Topic.SCHOOL)) == [("purpose", "summon.topic_outside_consent")]


def test_r118_the_person_is_asked_about_the_time_first() -> None:
    assert keys(consulted=False) == [("consulted", "summon.consult_first")]


def test_r123_the_meeting_lies_ahead() -> None:
    assert keys(now="2026-03-26 13:00") == [("date", "field.past_time")]
    assert keys(now="2026-03-26 12:59") == []


@pytest.mark.parametrize("mode, needed", [(Mode.IN_PERSON, True), (Mode.DIGITAL, False), (Mode.PHONE, False)])
def test_r123_a_meeting_in_person_has_a_place(mode: Mode, *, needed: bool) -> None:
    found = keys(appointment=appointment(mode=mode, place=""))
    assert found == ([("place", "summon.place_needed")] if needed else [])


@pytest.mark.parametrize("mode", Mode)
def test_r109_r131_a_protected_case_tells_neither_place_nor_link(mode: Mode) -> None:
    case = consented(opened(flags=frozenset({Flag.PROTECTED})))
    link = "https://mote.exempel.invalid/rum"
    assert keys(case, appointment=appointment(mode=mode, place="Rum 3", link=link)) == [
        ("place", "summon.protected_place"),
        ("link", "summon.protected_place"),
    ]
    assert keys(case, appointment=appointment(mode=mode, place="")) == []


def test_r55_chair_and_secretary_are_known() -> None:
    """R30."""
    assert keys(chair="slack:T0/U0OKAND") == [("chair", "field.unknown_person")]
    assert keys(secretary="slack:T0/U0OKAND") == [("secretary", "field.unknown_person")]
    assert keys(secretary=OMAR) == []


def test_r62_chair_and_secretary_come_from_the_responsible_unit_or_from_within_the_consent() -> None:
    case = consented(opened(), agencies=frozenset({"bup", "skola"}))
    assert keys(case, chair=ANNA, secretary=OMAR) == []
    assert keys(case, chair=LEIF, secretary=LEIF) == [
        ("chair", "summon.person_outside_consent"),
        ("secretary", "summon.person_outside_consent"),
    ]


# ---- more agencies to the coming meeting -------------------------------------------------------------------


def test_more_agencies_may_be_asked_to_the_coming_meeting() -> None:
    case = summoned_case()
    assert keys(case, "bup", "skola", "fk", "vc", now="2026-03-10 10:00") == []
    after = called(case, "2026-03-26 13:00", "2026-03-10 10:00", "bup", "skola", "fk", "vc")
    assert [s.agency for s in coming(after).summonses] == ["bup", "skola", "fk", "vc"]
    assert coming(after).summonses[:3] == coming(case).summonses  # those who were asked are left in peace
    assert (coming(after).uid, coming(after).sequence) == (coming(case).uid, 0)


def test_asking_those_who_are_asked_already_is_a_slip() -> None:
    assert keys(summoned_case(), "bup", "fk", now="2026-03-10 10:00") == [("agencies", "summon.all_asked_already")]


@pytest.mark.parametrize(
    "field, other",
    [
        ("date", appointment("2026-03-27 13:00")),
        ("date", appointment("2026-03-26 14:00")),
        ("minutes", appointment(length=90)),
        ("mode", appointment(mode=Mode.DIGITAL)),
        ("place", appointment(place="Rum 4, Exempelgatan 1")),
        ("link", appointment(link="https://mote.exempel.invalid/rum")),
    ],
)
def test_another_time_or_place_is_a_move_and_told_to_those_who_are_asked_already(field: str, other: Any) -> None:
    found = keys(summoned_case(), "vc", now="2026-03-10 10:00", appointment=other)
    assert found == [(field, "summon.move_instead")]


def test_questions_chair_and_secretary_told_with_more_agencies_are_kept() -> None:
    after = called(
        summoned_case(),
        "2026-03-26 13:00",
        "2026-03-10 10:00",
        "vc",
        purpose=(Topic.NEEDS, Topic.MEASURES),
        chair=JULIA,
        secretary=OMAR,
    )
    meeting = coming(after)
    assert (meeting.purpose, meeting.chair, meeting.secretary) == ((Topic.NEEDS, Topic.MEASURES), JULIA, OMAR)


def test_an_agency_that_was_recalled_may_be_asked_again_and_old_buttons_stay_old() -> None:
    case = consented(summoned_case(), "2026-03-10 09:00", agencies=frozenset({"bup", "fk"}))
    case = consented(case, "2026-03-10 10:00")
    assert keys(case, "skola", now="2026-03-10 10:00") == []
    before, after = coming(case).summons_of("skola"), called(case, "2026-03-26 13:00", "2026-03-10 11:00", "skola")
    again = coming(after).summons_of("skola")
    assert before is not None
    assert again is not None
    assert coming(after).standing_of("skola") == "sent"
    assert again.revision > before.revision


# ---- the new meeting ---------------------------------------------------------------------------------------


def test_r123_the_meeting_keeps_what_was_told() -> None:
    case = called(PREPARING, "2026-03-26 13:00", NOW, "bup", secretary=OMAR)
    meeting = coming(case)
    assert (meeting.number, meeting.round, meeting.sequence) == (1, 1, 0)
    assert (meeting.day, meeting.clock, meeting.start) == (day("2026-03-26"), "13:00", instant("2026-03-26 13:00"))
    assert (meeting.chair, meeting.secretary, meeting.called) == (ANNA, OMAR, stamp(ANNA, NOW))
    assert case.state is State.SUMMONED


@pytest.mark.parametrize(
    "profile, obliged",
    [
        (GOTLAND, {"soc", "bup", "vc", "skola"}),  # R114: school is an equal party there
        (read_profile("blekinge"), {"soc", "bup", "vc", "skola"}),  # R115
        (read_profile("stockholm"), {"soc", "bup", "vc"}),
        (NATIONAL, {"soc", "bup", "vc"}),  # R117: school is invited by law
    ],
    ids=["gotland", "blekinge", "stockholm", "national"],
)
def test_r114_r117_who_is_obliged_and_who_is_invited_follows_from_the_region(
    profile: Profile, obliged: set[str]
) -> None:
    """R3, R204."""
    case = called(PREPARING, "2026-03-26 13:00", NOW, "soc", "bup", "vc", "skola", "fk", profile=profile)
    assert {s.agency for s in coming(case).summonses if s.obliged} == obliged


def test_r116_the_duty_holds_without_ongoing_measures_too() -> None:
    """R11."""
    told = {s.agency: s.obliged for s in coming(called(PREPARING, "2026-03-26 13:00", NOW, "vc")).summonses}
    assert told == {"vc": True}


def test_a_follow_up_is_called_with_the_same_machinery() -> None:
    """R167, R173."""
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "bup", "soc")
    assert (coming(case).number, coming(case).called.by) == (2, JULIA)
    assert case.state is State.FOLLOWUP_SUMMONED


def test_a_meeting_called_after_one_that_was_not_held_is_still_the_first() -> None:
    case = called(not_held(summoned_case(), "2026-03-10 09:00"), "2026-03-31 13:00", "2026-03-10 10:00")
    assert coming(case).number == 2
    assert case.state is State.SUMMONED


# ---- warnings ----------------------------------------------------------------------------------------------


def warned(case: Case, when: str, today: str = "2026-03-09", clock: str = "13:00") -> tuple[str, ...]:
    return warnings_of(case, appointment(f"{when} {clock}"), GOTLAND, CALENDAR, day(today))


@pytest.mark.parametrize(
    "when, clock, warnings",
    [
        ("2026-03-28", "13:00", ("summon.warn_day_off",)),  # a Saturday
        ("2026-04-06", "13:00", ("summon.warn_day_off",)),  # Easter Monday
        ("2026-03-26", "03:00", ("summon.warn_hours",)),
        ("2026-03-26", "07:30", ("summon.warn_hours",)),
        ("2026-03-26", "16:00", ()),
    ],
)
def test_r120_a_day_off_and_an_hour_outside_the_office_are_warned_of(
    when: str, clock: str, warnings: tuple[str, ...]
) -> None:
    assert warned(consented(opened(wish="2026-12-01")), when, clock=clock) == warnings


def test_r64_a_meeting_after_the_consents_last_day_is_warned_of() -> None:
    case = consented(opened(wish="2026-12-01"), valid_until=day("2026-03-25"))
    assert warned(case, "2026-03-25") == ()
    assert warned(case, "2026-03-26") == ("summon.warn_consent",)


def test_r90_past_day_thirty_is_warned_about_and_not_blocked() -> None:
    case = consented(opened(noticed="2026-03-02"))
    assert warned(case, "2026-04-01") == ()
    assert warned(case, "2026-04-02") == ("summon.warn_deadline",)


def test_r91_the_persons_own_wish_is_the_deadline() -> None:
    assert warned(consented(opened(wish="2026-05-15")), "2026-05-15") == ()
    assert warned(consented(opened(wish="2026-03-25")), "2026-03-26") == ("summon.warn_deadline",)


def test_r90_a_follow_up_has_no_thirty_days() -> None:
    assert warned(active_case(), "2026-09-01", today="2026-05-11") == ()


@pytest.mark.parametrize(
    "when, today, short",
    [
        ("2026-03-23", "2026-03-09", False),  # the tenth working day
        ("2026-03-20", "2026-03-09", True),
        ("2026-04-15", "2026-03-30", False),  # Good Friday and Easter Monday between
        ("2026-04-14", "2026-03-30", True),
    ],
)
def test_r120_r192_fewer_than_ten_working_days_are_short_notice(when: str, today: str, *, short: bool) -> None:
    case = consented(opened(wish="2026-12-01"))
    assert warned(case, when, today) == (("summon.warn_notice",) if short else ())


def test_r89_r192_in_an_acute_case_short_notice_is_no_matter() -> None:
    assert warned(consented(opened(flags=frozenset({Flag.ACUTE}))), "2026-03-10") == ()


# ---- moving ------------------------------------------------------------------------------------------------


def test_only_a_coming_meeting_is_moved() -> None:
    assert require_movable(summoned_case(), instant(NOW), day("2026-03-09")).number == 1
    for case, now, key in (
        (PREPARING, NOW, "move.no_meeting"),
        (held_case(), "2026-03-27 10:00", "move.no_meeting"),
        (withdrawn(summoned_case(), NOW), NOW, "move.no_meeting"),
        (summoned_case(), "2026-03-26 13:00", "summon.report_first"),
    ):
        with pytest.raises(WrongState, match=key):
            require_movable(case, instant(now), day(now[:10]))


def test_r64_a_meeting_is_not_moved_after_the_consent_has_run_out_since_nobody_could_be_told() -> None:
    case = consented(summoned_case(), NOW, valid_until=day("2026-03-15"))
    require_movable(case, instant("2026-03-15 10:00"), day("2026-03-15"))
    with pytest.raises(WrongState, match=r"summon\.renew_consent"):
        require_movable(case, instant("2026-03-16 10:00"), day("2026-03-16"))


def test_r118_the_person_is_asked_about_the_new_time_too() -> None:
    found = problems_of_appointment(summoned_case(), appointment("2026-03-27 09:00"), consulted=False, now=instant(NOW))
    assert [(p.field, p.key) for p in found] == [("consulted", "summon.consult_first")]


def answered_case() -> Case:
    """Bup has named Julia, skola has named Omar and proposed another time, fk has declined, vc was the wrong unit."""
    case = called(PREPARING, "2026-03-26 13:00", NOW, "bup", "skola", "fk", "vc")
    case = named(case, "bup", "2026-03-10 09:00", attendee("julia"))
    case = proposed(named(case, "skola", "2026-03-10 09:00", attendee("omar")), "skola", "2026-03-10 10:00")
    case = declined(case, "fk", "2026-03-10 09:00")
    return forwarded(case, "vc", "soc", "2026-03-10 09:00", covered=False)


def test_7b_a_new_time_asks_everybody_again_but_an_invited_agency_that_said_no() -> None:
    case = moved(answered_case(), "2026-03-27 09:00", "2026-03-11 09:00")
    meeting = coming(case)
    assert {s.agency: meeting.standing_of(s.agency) for s in meeting.summonses} == {
        "bup": "sent",
        "skola": "sent",
        "fk": "declined",
        "vc": "forwarded",
        "soc": "held_back",
    }
    assert case.state is State.SUMMONED
    assert {s.agency for s in meeting.missing()} == {"bup", "skola"}


def test_7c_a_new_time_raises_round_and_sequence_by_one_and_keeps_the_uid() -> None:
    before, after = coming(answered_case()), coming(moved(answered_case(), "2026-03-27 09:00", "2026-03-11 09:00"))
    assert (after.round, after.sequence, after.uid) == (before.round + 1, before.sequence + 1, before.uid)
    assert (after.day, after.clock) == (day("2026-03-27"), "09:00")
    assert after.moved == stamp(ANNA, "2026-03-11 09:00")
    assert before.moved is None


def test_those_named_for_the_old_time_keep_their_invites_until_their_agency_says_otherwise() -> None:
    before, after = coming(answered_case()), coming(moved(answered_case(), "2026-03-27 09:00", "2026-03-11 09:00"))
    assert [who.key for _, who in after.attendees()] == [who.key for _, who in before.attendees()]
    assert after.uninvited == before.uninvited


def test_r125_a_moved_summons_is_received_anew() -> None:
    case = moved(answered_case(), "2026-03-27 09:00", "2026-03-11 09:00")
    summons = coming(case).summons_of("bup")
    assert summons is not None
    assert (summons.received, summons.sent_at) == (None, instant("2026-03-11 09:00"))
    assert coming(received(case, "bup", "2026-03-11 10:00")).standing_of("bup") == "received"


@pytest.mark.parametrize(
    "changes, asks_again",
    [
        ({"place": "rum 3, exempelgatan 1"}, False),  # written otherwise
        ({"link": "https://mote.exempel.invalid/rum"}, False),
        ({"length": 90}, True),
        ({"mode": Mode.DIGITAL}, True),
        ({"place": "Rum 4, Exempelgatan 1"}, True),
    ],
)
def test_only_a_change_that_matters_asks_again(changes: dict[str, Any], *, asks_again: bool) -> None:
    case = answered_case()
    meeting = coming(moved(case, "2026-03-26 13:00", "2026-03-11 09:00", **changes))
    before = coming(case)
    assert (meeting.round - before.round, meeting.sequence - before.sequence) == (asks_again, asks_again)
    assert meeting.standing_of("bup") == ("sent" if asks_again else "named")


def test_an_obliged_agency_that_said_no_is_asked_about_the_new_time() -> None:
    case = moved(declined(summoned_case(), "bup", "2026-03-10 09:00"), "2026-03-27 09:00", "2026-03-11 09:00")
    assert coming(case).standing_of("bup") == "sent"


def test_moved_twice_everybody_is_asked_twice() -> None:
    case = moved(answered_case(), "2026-03-27 09:00", "2026-03-11 09:00")
    case = moved(named(case, "bup", "2026-03-11 10:00", attendee("julia")), "2026-03-30 09:00", "2026-03-12 09:00")
    assert coming(case).standing_of("bup") == "sent"
    assert coming(case).standing_of("fk") == "declined"
    assert (coming(case).round, coming(case).sequence) == (3, 2)


def test_5b6_a_meeting_stays_at_its_wall_time_over_the_change_of_clocks() -> None:
    # The clocks go forward on 29 March 2026.
    before = coming(called(PREPARING, "2026-03-27 09:00", NOW))
    after = coming(moved(called(PREPARING, "2026-03-27 09:00", NOW), "2026-03-30 09:00", "2026-03-10 09:00"))
    assert (before.clock, after.clock) == ("09:00", "09:00")
    assert (before.start.hour, after.start.hour) == (8, 7)
