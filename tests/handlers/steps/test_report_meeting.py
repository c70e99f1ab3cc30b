"""`/sip hållet`: how the meeting went and who is responsible now (R31, R35, R40, R135, R140-R142)."""

from __future__ import annotations

import pytest

from domain.case import State
from domain.report import NoFollowUp, NoLead, Outcome, Report
from tests.handlers.story import HELD, Story, Table, as_asked, buttons, elements, merged, plain


async def after_the_meeting(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.until("2026-12-08 15:00")


async def report(story: Story) -> Report:
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.report is not None
    return meeting.report


async def test_what_the_meeting_must_settle_is_asked_for(story: Story) -> None:
    table: Table = [
        ({"consent_confirmed": None}, {"consent_confirmed"}),  # R135
        ({"attended": []}, {"attended"}),
        ({"need_remains": None}, {"need_remains"}),  # R141
        ({"lead": None}, {"lead"}),  # R140
        ({"follow_up_on": None}, {"follow_up_on"}),  # R142
        ({"follow_up_on": "2026-12-08"}, {"follow_up_on"}),
        ({"follow_up_on": "2026-12-01"}, {"follow_up_on"}),
        ({"lead": "U0OVE"}, {"lead"}),
        ({"lead": "pia"}, {"lead"}),  # R62: of an agency outside the consent
    ]
    await after_the_meeting(story)
    view = await story.ask(story.anna, f"hållet {story.code}")
    await story.refusals(story.anna, view, HELD, table)
    assert (await story.case()).coming_meeting is not None


@pytest.mark.parametrize("lead, key", [("leif", "held.warn_lead_kind"), ("omar", "held.warn_lead_absent")])
async def test_r36_r197_an_unusual_lead_is_warned_of_and_not_refused(story: Story, lead: str, key: str) -> None:
    await after_the_meeting(story)
    outcome = await story.reports(lead=lead)
    assert not outcome.errors
    assert story.says(key) in story.answered


async def test_responsibility_passes_to_the_one_who_was_named(story: Story) -> None:
    """R35."""
    await after_the_meeting(story)
    await story.reports()
    case = await story.case()
    assert (case.responsible, case.lead_agency) == ("slack:T0/U0JULIA", "bup")
    assert case.coordinator == "slack:T0/U0ANNA"
    assert any(story.says("note.you_lead.title", code=story.code, agency="", target="").strip() in plain(m.blocks)
               for m in story.messages("julia"))  # fmt: skip


async def test_or_why_nobody_and_no_day_was_named(story: Story) -> None:
    """R140, R142."""
    await after_the_meeting(story)
    outcome = await story.reports(
        lead=None, no_lead="person_undecided", follow_up_on=None, no_follow_up="waiting_for_decision"
    )
    assert not outcome.errors
    told = await report(story)
    assert (told.no_lead, told.no_follow_up) == (NoLead.PERSON_UNDECIDED, NoFollowUp.WAITING_FOR_DECISION)
    assert (await story.case()).responsible == "slack:T0/U0ANNA"


async def test_what_was_left_open_is_completed_in_the_same_form(story: Story) -> None:
    await after_the_meeting(story)
    await story.reports(lead=None, no_lead="not_present", follow_up_on=None, no_follow_up="calendars")
    outcome = await story.reports()
    assert not outcome.errors
    told = await report(story)
    assert told.follow_up_on is not None
    assert (await story.case()).responsible == "slack:T0/U0JULIA"


async def test_before_it_begins_a_meeting_cannot_have_been_held(story: Story) -> None:
    await story.summoned()
    outcome = await story.reports()
    assert set(outcome.errors) == {"outcome"}


async def test_called_off_beforehand_everybody_is_told(story: Story) -> None:
    await story.summoned()
    outcome = await story.reports(
        outcome="not_held", consent_confirmed=None, attended=None, lead=None, follow_up_on=None, need_remains=None
    )
    assert not outcome.errors
    assert (await story.case()).state is State.PREPARING
    for place in ("bup", "skola", "fk"):
        summons, notice = story.messages(place)
        assert buttons(summons.blocks) == []
        assert notice.thread_ts == summons.ts


async def test_not_held_leads_to_a_new_time(story: Story) -> None:
    """Process 7C: a new date, or withdrawal."""
    await after_the_meeting(story)
    await story.reports(
        outcome="not_held", consent_confirmed=None, attended=None, lead=None, follow_up_on=None, need_remains=None
    )
    assert (await report(story)).outcome is Outcome.NOT_HELD
    assert story.says("summons.over.held.title", code=story.code).strip() in plain(story.messages("bup")[0].blocks)
    outcome = await story.summons(date="2026-12-16")
    assert not outcome.errors
    assert (await story.case()).state is State.SUMMONED


async def test_what_was_held_is_not_taken_back(story: Story) -> None:
    await after_the_meeting(story)
    await story.reports(lead=None, no_lead="not_present")
    outcome = await story.reports(outcome="not_held", lead=None, follow_up_on=None)
    assert set(outcome.errors) == {"outcome"}


async def test_the_chair_may_report_though_of_another_agency(story: Story) -> None:
    """R55, R135: the chair is the one who is reminded, so the chair can do it."""
    await story.summoned(chair="julia")
    await story.until("2026-12-08 16:01")
    reminder = story.shown("julia", "nag.done")
    assert story.reminder_keys(reminder.blocks)[0].startswith("report_meeting")
    await story.julia.press("nag.done", source=reminder)
    await story.form(story.julia)
    outcome = await story.submit(story.julia, merged(HELD, {}))
    assert not outcome.errors
    assert (await report(story)).recorded.by == "slack:T0/U0JULIA"


async def test_nobody_else_reports(story: Story) -> None:
    await after_the_meeting(story)
    outcome = await story.command(story.omar, f"hållet {story.code}")
    assert story.omar.view is None
    told = story.says("right.steering", name="Anna Exempelberg").strip()
    assert told in plain(outcome.messages[-1].blocks)


async def test_the_unit_goes_on_when_somebody_is_away(story: Story) -> None:
    """R40: a coordinator of the same unit, or its manager."""
    await after_the_meeting(story)
    outcome = await story.reports(story.karin)
    assert not outcome.errors


async def test_the_answer_tells_until_when_the_plan_is_to_be_sent_and_by_whom(story: Story) -> None:
    """R161, R194: four working days; after the first meeting by samordningsansvarig."""
    await after_the_meeting(story)
    await story.reports()
    assert "14 december 2026" in story.answered
    assert "Anna Exempelberg" in story.answered


async def test_what_was_said_of_a_protected_place_is_asked_nowhere(story: Story) -> None:
    await story.opens(flags=["protected"])
    await story.records_consent()
    await story.summons(place=None)
    view = await story.ask(story.anna, f"hållet {story.code}")
    assert "follow_up_place" not in {block["block_id"] for block in view.blocks}


async def test_a_lead_outside_the_directory_is_named_in_the_report_itself(story: Story) -> None:
    """R140, R35: the coordinator goes on being asked."""
    outside = "Robin Exempelgran, sjuksköterska, Hälsohuset Exempel"
    await story.held(lead=None, no_lead="outside", lead_outside=outside)
    case = await story.case()
    assert (case.lead, case.lead_outside, case.responsible) == ("", outside, "slack:T0/U0ANNA")
    await story.until("2026-12-10 09:00")
    assert story.reminded("open_points") == []


async def test_one_lead_is_named_and_not_two(story: Story) -> None:
    """R140: somebody outside is asked for only while nobody is picked, and does not count when sent all the same."""
    await story.summoned()
    await story.until("2026-12-08 15:00")
    view = await story.ask(story.anna, f"hållet {story.code}")
    outside = "Robin Exempelgran, sjuksköterska, Hälsohuset Exempel"
    await as_asked(story.anna, view, HELD, {"lead": None, "no_lead": "outside", "lead_outside": outside})
    view.values["lead"] = {"lead": {"type": "users_select", "selected_user": "U0JULIA"}}
    await story.submit(story.anna, {}, checked=False)
    case = await story.case()
    assert (case.lead, case.lead_outside) == ("slack:T0/U0JULIA", "")


async def test_how_the_person_took_part_is_kept_beside_who_attended(story: Story) -> None:
    """R19, R20: to be there and to take part are two things."""
    await story.held(person="through")
    assert (await report(story)).person == "through"
    (row,) = await story.journal("meeting.held")
    assert row.entry.details["person"] == "through"


async def test_place_and_attendees_of_the_follow_up_reach_the_next_summons(story: Story) -> None:
    """R142."""
    await story.held(lead="anna", follow_up_place="Sammanträdesrum 7", follow_up_with=["skola"])
    await story.sends_plan()
    view = await story.ask(story.anna, f"kalla {story.code}")
    shown = str(view.blocks)
    assert "Sammanträdesrum 7" in shown
    (agencies,) = [e for e in elements(view.blocks) if e.get("action_id", "").startswith("agencies")] or [{}]
    assert [o["value"] for o in agencies["initial_options"]] == ["skola"]


async def test_the_follow_up_is_not_held_at_somebodys_home(story: Story) -> None:
    """Law 4D.1: what is agreed on for the follow-up goes out with its summons."""
    await story.summoned()
    await story.until("2026-12-08 15:00")
    view = await story.ask(story.anna, f"hållet {story.code}")
    await story.refusals(story.anna, view, HELD, [({"follow_up_place": "hemma hos familjen"}, {"follow_up_place"})])
