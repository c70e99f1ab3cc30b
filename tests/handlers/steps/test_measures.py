"""The measures of the plan by category, bearer and dates; its versions side by side; each recipient's own way."""

from __future__ import annotations

from typing import Any

from domain.matters.measure import Bearer, Progress
from domain.matters.plan import Channel
from tests.handlers.story import Story, plain

MEASURE: dict[str, Any] = {"who": "bup", "sort": "contact", "starts": "2026-12-10"}


async def noted(story: Story, **changes: Any) -> None:
    """The first measure: the form opens at once."""
    outcome = await story.fill(story.anna, "åtgärd", MEASURE, changes)
    assert not outcome.errors, outcome.errors


async def test_who_answers_for_it_tells_which_principal_answers(story: Story) -> None:
    """R139, R152, R153, R154."""
    await story.held(lead="anna")
    await noted(story)
    (found,) = (await story.case()).measures
    assert (found.number, found.agency, found.bearer, found.progress) == (1, "bup", Bearer.REGION, Progress.PLANNED)


async def test_the_persons_own_measures_have_their_place(story: Story) -> None:
    """R155."""
    await story.held(lead="anna")
    await noted(story, who="person", sort="everyday")
    (found,) = (await story.case()).measures
    assert (found.agency, found.bearer) == ("", Bearer.PERSON)


async def test_others_than_agencies_can_answer_for_one(story: Story) -> None:
    """R156."""
    await story.held(lead="anna")
    await noted(story, who="other", sort="other")
    assert [measure.bearer for measure in (await story.case()).measures] == [Bearer.OTHER]


async def test_once_there_are_some_they_are_shown_with_a_button_to_each(story: Story) -> None:
    await story.held(lead="anna")
    await noted(story)
    await story.command(story.anna, f"åtgärd {story.code}")
    assert story.says("measure.list.text") in story.whispered(story.anna)


async def test_it_cannot_end_before_it_begins_and_no_unknown_agency_answers_for_it(story: Story) -> None:
    await story.held(lead="anna")
    view = await story.ask(story.anna, f"åtgärd {story.code}")
    table: list[tuple[dict[str, Any], set[str]]] = [
        ({"ends": "2026-12-01"}, {"ends"}),
        ({"who": None}, {"who"}),
        ({"sort": None}, {"sort"}),
    ]
    await story.refusals(story.anna, view, MEASURE, table)
    assert (await story.case()).measures == ()


async def test_after_the_first_meeting_the_unit_that_called_it_still_writes_the_plan(story: Story) -> None:
    """R194: the lead of another agency has taken over, and Anna notes what was agreed on."""
    await story.held(lead="julia")
    await noted(story)
    await story.sends_plan()
    await story.command(story.anna, f"åtgärd {story.code}")
    assert story.says("measure.list.text") not in story.whispered(story.anna)
    assert len((await story.case()).plans[-1].measures) == 1


async def test_before_the_meeting_there_are_none(story: Story) -> None:
    await story.summoned()
    await story.command(story.anna, f"åtgärd {story.code}")
    assert story.says("measure.too_early", code=story.code) in story.whispered(story.anna)


async def test_the_plan_holds_the_measures_and_an_agency_is_shown_its_own(story: Story) -> None:
    """R152, R159, R170; law 4C: each agency sees what it answers for itself."""
    await story.held(lead="anna")
    await noted(story)
    await story.sends_plan()
    assert [m.number for m in (await story.case()).plans[-1].measures] == [1]
    shown = plain(story.shown("bup", "plan.received").blocks)
    assert story.says("measure.own") in shown
    assert story.says("sort.contact") in shown


async def test_the_case_shows_its_measures_and_versions(story: Story) -> None:
    """R170."""
    await story.held(lead="anna")
    await noted(story)
    await story.sends_plan()
    await story.command(story.anna, f"visa {story.code}")
    shown = story.whispered(story.anna)
    assert story.says("measure.heading") in shown
    assert story.says("versions.heading") in shown
    assert story.says("versions.count", count=1, bearers="regionen 1") in shown


async def test_each_recipient_gets_the_plan_in_the_way_agreed_on(story: Story) -> None:
    """R143, R203."""
    await story.held(lead="anna")
    outcome = await story.sends_plan(exceptions=["person:post", "bup:system"])
    assert not outcome.errors
    plan = (await story.case()).plans[-1]
    ways = [plan.channel_of(who) for who in ("person", "bup", "soc")]
    assert ways == [Channel.POST, Channel.SYSTEM, Channel.SECURE_MAIL]
    rows = {row.entry.agency: row.entry.details["channel"] for row in await story.journal("plan.sent")}
    assert rows == {"person": "post", "bup": "system", "soc": "secure_mail"}
    assert story.says("channel.system") in plain(story.shown("bup", "plan.received").blocks)


async def test_one_recipient_has_one_way_and_the_yes_came_before_the_sending(story: Story) -> None:
    """R144, R203, R206."""
    await story.held(lead="anna")
    await story.until("2026-12-09 09:00")
    view = await story.ask(story.anna, f"plan {story.code}")
    base = {
        "approved": ["yes"],
        "responsible": "region",
        "recipients": ["person", "soc", "bup"],
        "channel": "secure_mail",
        "sent_on": "2026-12-09",
    }
    table: list[tuple[dict[str, Any], set[str]]] = [
        ({"exceptions": ["person:post", "person:system"]}, {"exceptions"}),
        ({"exceptions": ["relative:post"]}, {"exceptions"}),
        ({"approved_on": "2026-12-07"}, {"approved_on"}),
        ({"approved_on": "2026-12-10"}, {"approved_on"}),
        ({"recipients": ["person", "soc", "bup", "relative"]}, {"recipients"}),
    ]
    await story.refusals(story.anna, view, base, table)


async def test_it_is_asked_whether_contact_details_go_with_the_plan(story: Story) -> None:
    """R32."""
    await story.held(lead="anna")
    await story.sends_plan()
    assert story.says("plan.contacts_missing") in story.answered
    assert not (await story.case()).plans[-1].contacts_checked


async def test_those_close_to_the_person_get_it_when_the_consent_says_so(story: Story) -> None:
    """R83, R161."""
    await story.held(lead="anna")
    await story.records_consent(extras=["relatives"])
    outcome = await story.sends_plan(recipients=["person", "relative", "soc", "bup"])
    assert not outcome.errors
    assert [n.agency for n in (await story.case()).plans[-1].notices] == ["bup"]


async def test_an_agency_is_not_shown_what_another_answers_for(story: Story) -> None:
    """Law 4C."""
    await story.held(lead="anna", attended=["soc", "bup", "skola"])
    await noted(story)
    await story.sends_plan(recipients=["person", "soc", "bup", "skola"])
    assert story.says("measure.own") not in plain(story.shown("skola", "plan.received").blocks)


async def test_t12_asks_the_agency_how_its_measure_goes_and_its_press_settles_it(story: Story) -> None:
    """R162, R166, T12: the next word that was promised about it."""
    await story.held(lead="anna")
    await noted(story, reports_on="2026-12-22")
    await story.until("2026-12-18 12:00")
    assert story.reminded("promised_answer") == [("2026-12-18 08:00", "bup")]
    await story.press(story.julia, "nag.done")
    (found,) = (await story.case()).measures
    assert (found.progress, found.reports_on) == (Progress.ONGOING, None)
    await story.until("2026-12-31 12:00")
    assert len(story.reminded("promised_answer")) == 1


async def changed(story: Story, place: str) -> list[str]:
    """Return what an agency was told of changes of the plan."""
    title = story.says("plan_changed.title", code=story.code)
    return [shown for card in story.messages(place) if title in (shown := plain(card.blocks))]


async def test_r44_the_other_agencies_hear_that_the_plan_has_changed_since_it_was_sent(story: Story) -> None:
    """Once for all that changes within the hour; each sees what it answers for itself, and nothing of the others."""
    await story.active(lead="anna")
    await noted(story)
    await story.command(story.anna, f"åtgärd {story.code}")
    await story.press(story.anna, "measure.change", {"sort": "everyday"}, source=story.anna.only_visible_to_me()[-1])
    assert await changed(story, "bup") == [], "more may be changed yet"
    await story.until("2026-12-08 17:00")
    (told,) = await changed(story, "bup")
    assert story.says("sort.everyday") in told
    (other,) = await changed(story, "fk")
    assert story.says("sort.everyday") not in other
    assert await changed(story, "soc") == [], "whose own staff changed it"


async def test_r44_before_the_plan_is_sent_nothing_is_told_of_its_making(story: Story) -> None:
    await story.held(lead="anna")
    await noted(story)
    await story.until("2026-12-08 17:00")
    assert await changed(story, "bup") == []


async def test_r44_a_withdrawal_takes_back_what_was_about_to_be_told(story: Story) -> None:
    await story.active(lead="anna")
    await noted(story)
    await story.withdraws()
    await story.until("2026-12-08 17:00")
    assert await changed(story, "bup") == []
