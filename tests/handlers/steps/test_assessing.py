"""A need is noted, judged, denied, declined, and taken up again (R4, R88, R93-R102, R202, R205)."""

from __future__ import annotations

from typing import Any

from domain.case import State
from domain.matters.need import Finding, Fossam
from tests.handlers.story import Story, elements, plain

ASSESSMENT = {"noticed_on": "2026-11-20", "noticed_by": "staff", "ongoing": "yes", "decision": "start"}


async def assesses(story: Story, **changes: Any) -> Any:
    return await story.fill(story.anna, "bedöm", ASSESSMENT, changes)


async def test_r88_t1_a_need_that_waits_for_its_assessment_is_reminded_of(story: Story) -> None:
    await story.opens(decision="later", noticed_on="2026-11-23")
    assert (await story.case()).state is State.NOTICED
    await story.until("2026-12-03 12:00")
    days = [(at[:10], where) for at, where in story.reminded("assess")]
    assert ("2026-11-26", "anna") in days
    assert ("2026-12-02", "maria") in days, "the unit's manager after seven working days"
    await assesses(story)
    assert (await story.case()).state is State.ASSESSED
    before = len(story.reminded("assess"))
    await story.until("2026-12-07 12:00")
    assert len(story.reminded("assess")) == before


async def test_without_an_assessment_no_consent_is_asked_for(story: Story) -> None:
    await story.opens(decision="later")
    await story.command(story.anna, f"samtycke {story.code}")
    assert story.anna.view is None
    assert story.says("consent.state_noticed", code=story.code) in story.whispered(story.anna)


async def test_r97_r98_what_was_found_and_why_is_shown_again(story: Story) -> None:
    await story.opens(findings=["coordinate", "asked", "needed"], reasons=["sent_around"])
    assert (await story.case()).findings == {Finding.COORDINATE, Finding.ASKED, Finding.NEEDED}
    await story.command(story.anna, f"visa {story.code}")
    for key in ("finding.coordinate", "finding.asked", "finding.needed", "reason.sent_around"):
        assert story.says(key) in story.whispered(story.anna)
    assert "Bedömt av Anna Exempelberg" in story.whispered(story.anna)


async def test_r4_that_a_plan_is_needed_is_asked_and_its_lack_is_warned_of(story: Story) -> None:
    await story.opens()
    assert story.says("open.warn_needed") in story.answered
    await story.opens(findings=["needed"])
    assert story.says("open.warn_needed") not in story.answered


async def test_r102_r205_when_nothing_is_ongoing_the_two_questions_are_asked(story: Story) -> None:
    await story.opens(ongoing="no", age_band="adult")
    assert story.says("open.nothing_ongoing") in story.answered


async def test_r202_an_offer_that_was_declined_is_documented_and_can_be_taken_up_again(story: Story) -> None:
    await story.opens(decision="declined")
    assert (await story.case()).state is State.REFUSED
    outcome = await story.records_consent()
    assert not outcome.errors
    assert (await story.case()).state is State.PREPARING


async def test_r96_a_denied_case_is_judged_anew_and_keeps_the_earlier_no(story: Story) -> None:
    await story.opens(decision="deny", denial_reason="Behovet rör en enda verksamhet")
    await assesses(story, noticed_on="2026-11-23")
    case = await story.case()
    assert case.state is State.ASSESSED
    assert [denial.reason for denial in case.earlier_denials] == ["Behovet rör en enda verksamhet"]
    assert case.noticed_on.isoformat() == "2026-11-23", "the thirty days run from the new notice (R90)"


async def test_what_has_been_judged_with_a_yes_is_not_judged_again(story: Story) -> None:
    await story.opens()
    await story.command(story.anna, f"bedöm {story.code}")
    assert story.anna.view is None
    assert story.says("assess.done", code=story.code) in story.whispered(story.anna)


async def test_r101_fossam_is_asked_for_at_the_later_assessment_and_its_answer_is_kept(story: Story) -> None:
    await story.opens(decision="later", ongoing="no")
    outcome = await assesses(story, ongoing="no")
    assert set(outcome.errors) == {"fossam"}
    await assesses(story, ongoing="no", fossam="contacted", decision="deny", denial_reason="Annat stöd räcker")
    assert (await story.case()).fossam is Fossam.CONTACTED


async def test_law_4d_2_a_number_typed_after_a_command_is_refused(story: Story) -> None:
    await story.command(story.anna, "ny 19121212-1212")
    assert story.anna.view is None
    assert story.says("field.forbidden.personal_number") in story.whispered(story.anna)


async def test_no_agency_hears_of_a_need_that_was_only_noted(story: Story) -> None:
    await story.opens(decision="later")
    await story.until("2026-12-10 12:00")
    for place in ("bup", "skola", "fk"):
        assert all(story.code not in plain(message.blocks) for message in story.messages(place))


async def test_a_case_that_was_denied_shows_the_way_to_judge_it_anew(story: Story) -> None:
    """R96; process 7A."""
    await story.opens(decision="deny", denial_reason="Behovet tillgodoses av en verksamhet")
    outcome = await story.command(story.anna, f"visa {story.code}")
    labels = [e["text"]["text"] for e in elements(outcome.messages[-1].blocks) if e["type"] == "button"]
    assert story.says("step.assess.do") in labels
