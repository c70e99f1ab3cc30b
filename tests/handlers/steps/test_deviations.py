"""Deviations: suggested, reported by whoever finds one, answered in writing by the unit concerned (R181-R183, T17)."""

from __future__ import annotations

from typing import Any

from domain.matters.deviation import Fault, Remedy
from tests.handlers.story import Story, plain

REPORT: dict[str, Any] = {"fault": "absence", "agency": "skola"}
ANSWER: dict[str, Any] = {"remedy": "routine", "on": "2026-12-15"}


async def reported(story: Story, **changes: Any) -> None:
    await story.held(lead="anna")
    outcome = await story.fill(story.anna, "avvikelse", REPORT, changes)
    assert not outcome.errors, outcome.errors


async def test_what_went_wrong_is_reported_to_the_unit_it_concerns(story: Story) -> None:
    """R181, R182: its kind, which unit, who reported it and when."""
    await reported(story)
    (found,) = (await story.case()).deviations
    assert (found.fault, found.agency, found.by_agency) == (Fault.ABSENCE, "skola", "soc")
    shown = plain(story.shown("rikard", "deviation.answer").blocks)
    assert story.says("fault.absence") in shown


async def test_its_manager_hears_of_it_where_there_is_one(story: Story) -> None:
    """R183: managers solve it."""
    await reported(story, agency="bup")
    assert story.says("fault.absence") in plain(story.shown("birgit", "deviation.answer").blocks)


async def test_an_obliged_agency_that_stayed_away_is_suggested(story: Story) -> None:
    """R114, R182: one press opens the form with all of it filled in."""
    await story.held(lead="anna")
    shown = plain(story.shown("anna", "deviation.new").blocks)
    assert story.says("fault.not_answered") in shown
    await story.press(story.anna, "deviation.new", {})
    (found,) = (await story.case()).deviations
    assert (found.fault, found.agency) == (Fault.NOT_ANSWERED, "skola")
    assert not any("deviation.new" in str(m.blocks) for m in story.messages("anna"))


async def test_the_answer_reaches_whoever_reported_it(story: Story) -> None:
    """R183."""
    await reported(story)
    await story.press(story.rikard, "deviation.answer", ANSWER)
    (found,) = (await story.case()).deviations
    assert found.answer is not None
    assert (found.answer.remedy, f"{found.answer.on}") == (Remedy.ROUTINE, "2026-12-15")
    assert any(story.says("remedy.routine") in plain(m.blocks) for m in story.messages("anna"))
    assert not any("deviation.answer" in str(m.blocks) for m in story.messages("rikard"))


async def test_anybody_who_may_see_the_case_can_report_one_also_of_the_unit_that_leads_it(story: Story) -> None:
    """R181: whoever finds it."""
    await story.held(lead="anna")
    outcome = await story.fill(story.julia, "avvikelse", {"fault": "cooperation", "agency": "soc"}, {})
    assert not outcome.errors
    (found,) = (await story.case()).deviations
    assert (found.agency, found.by_agency) == ("soc", "bup")


async def test_only_the_unit_concerned_answers(story: Story) -> None:
    await reported(story)
    token = story.shown("rikard", "deviation.answer")
    assert token is not None
    await story.command(story.julia, f"visa {story.code}")
    assert "deviation.answer" not in str(story.messages("julia"))


async def test_t17_asks_the_unit_and_then_its_manager(story: Story) -> None:
    """R183, T17: ten and fifteen working days."""
    await reported(story, agency="bup")
    await story.sends_plan()
    await story.until("2027-01-08 12:00")
    assert story.reminded("deviation") == [("2026-12-22 08:00", "bup"), ("2027-01-04 08:00", "birgit")]


async def test_an_agency_outside_the_consent_is_no_choice(story: Story) -> None:
    """R62."""
    await story.held(lead="anna")
    view = await story.ask(story.anna, f"avvikelse {story.code}")
    table: list[tuple[dict[str, Any], set[str]]] = [({"agency": None}, {"agency"}), ({"fault": None}, {"fault"})]
    await story.refusals(story.anna, view, REPORT, table)
    assert "'vc'" not in str(view.blocks)


async def test_the_manager_has_a_list_of_what_waits_for_an_answer(story: Story) -> None:
    """R183: without a code, the command shows what the own unit has not answered."""
    await reported(story, agency="bup")
    await story.command(story.birgit, "avvikelse")
    assert f"{story.code}: {story.says('fault.absence')}" in story.whispered(story.birgit)
    await story.press(story.birgit, "deviation.answer", ANSWER)
    await story.command(story.birgit, "avvikelse")
    assert story.says("deviation.list.none") in story.whispered(story.birgit)


async def test_the_unit_sees_its_own_in_the_case_and_no_other_unit_does(story: Story) -> None:
    """R183; law 4C."""
    await reported(story, agency="bup")
    await story.command(story.julia, f"visa {story.code}")
    assert story.says("fault.absence") in story.whispered(story.julia)
    await story.command(story.omar, f"visa {story.code}")
    assert story.says("fault.absence") not in story.whispered(story.omar)


async def test_the_same_is_not_reported_twice_while_it_waits(story: Story) -> None:
    await reported(story)
    outcome = await story.fill(story.julia, "avvikelse", REPORT, {})
    assert not outcome.errors
    assert len((await story.case()).deviations) == 1


async def test_once_the_consent_is_withdrawn_no_other_agency_hears_of_one(story: Story) -> None:
    """R77."""
    await story.held(lead="anna")
    await story.withdraws()
    await story.command(story.anna, f"avvikelse {story.code}")
    assert story.says("deviation.withdrawn", code=story.code) in story.whispered(story.anna)
    assert (await story.case()).deviations == ()
