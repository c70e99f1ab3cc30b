"""The meeting is prepared with the person; those who stand by them are roles (R20, R37, R42, R82, R103-R113)."""

from __future__ import annotations

from typing import Any

from domain.matters.companion import Does, Role
from domain.matters.preparation import Premeeting, TakingPart, Task
from tests.handlers.story import Story, plain


async def consented(story: Story, **changes: Any) -> None:
    await story.opens(**changes)
    await story.records_consent(extras=["premeeting", "relatives"])


async def prepares(story: Story, **values: Any) -> Any:
    """Open the checklist and fill it in."""
    await story.command(story.anna, f"förbered {story.code}")
    await story.anna.press("case.step", source=story.anna.only_visible_to_me()[-1])
    await story.form(story.anna)
    return await story.submit(story.anna, values)


async def adds(story: Story, **values: Any) -> Any:
    return await story.fill(story.anna, "närstående", values, {})


async def test_r104_r110_the_checklist_says_what_is_left_and_what_to_ask(story: Story) -> None:
    await consented(story)
    await story.command(story.anna, f"förbered {story.code}")
    card = story.whispered(story.anna)
    for number in range(1, 10):
        assert story.says(f"ask.purpose_{number}") in card
    for number in range(1, 9):
        assert story.says(f"ask.goal_{number}") in card
    assert story.says("ask.child_1") in card, "the case is about a child (R112)"
    await prepares(story, done=["informed", "purpose"])
    assert (await story.case()).preparation.done == {Task.INFORMED, Task.PURPOSE}
    assert story.says("prepare.done", task=story.says("task.informed")) in story.answered
    assert story.says("prepare.left", task=story.says("task.people")) in story.answered
    assert story.says("task.aids") not in story.answered, "no interpreter is needed"


async def test_what_one_can_press_stands_above_the_questions(story: Story) -> None:
    """They are a page long: on a phone nobody came as far as the buttons below them."""
    await consented(story)
    await story.command(story.anna, f"förbered {story.code}")
    card = story.whispered(story.anna)
    order = ["prepare.tasks", "step.preparing.do", "step.companion.do", "prepare.questions", "prepare.child"]
    places = [card.index(story.says(key)) for key in order]
    assert places == sorted(places)


async def test_r19_r20_r111_how_the_person_takes_part_and_hears_of_it_is_kept_and_told(story: Story) -> None:
    await consented(story)
    await story.summons()
    await prepares(story, ways=["part", "letter"], told_after="letter")
    known = (await story.case()).preparation
    assert known.ways == {TakingPart.PART, TakingPart.LETTER}
    for place in ("bup", "skola"):
        assert story.says("taking_part.part").casefold() in plain(story.messages(place)[0].blocks).casefold()
    assert story.says("told_after.letter") in story.answered


async def test_r126_r127_the_persons_wish_is_conveyed_to_the_agency_it_concerns(story: Story) -> None:
    await consented(story)
    await story.summons()
    await prepares(story, wanted=["sven"])
    assert "Sven Exempelsjö" in plain(story.messages("bup")[0].blocks)
    assert "Sven Exempelsjö" not in plain(story.messages("skola")[0].blocks)


async def test_r62_nobody_outside_the_consent_can_be_wished_for(story: Story) -> None:
    await consented(story)
    outcome = await prepares(story, wanted=["pia"])
    assert set(outcome.errors) == {"wanted"}


async def test_r84_r103_a_pre_meeting_needs_its_own_consent(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    outcome = await prepares(story, premeeting="planned")
    assert set(outcome.errors) == {"premeeting"}
    await story.records_consent(extras=["premeeting"])
    await prepares(story, premeeting="planned")
    assert (await story.case()).preparation.premeeting is Premeeting.PLANNED
    assert "beslutas inget" in story.says("prepare.premeeting.hint")


async def test_r37_r197_the_wish_for_a_lead_is_kept_and_another_choice_is_only_warned_of(story: Story) -> None:
    await consented(story)
    await story.summons()
    await prepares(story, lead_wish="sven")
    await story.names(story.julia, "julia")
    await story.until("2026-12-08 15:00")
    outcome = await story.reports(lead="julia")
    assert not outcome.errors
    assert story.says("held.warn_lead_wish") in story.answered


async def test_without_consent_nothing_is_prepared(story: Story) -> None:
    await story.opens()
    await story.command(story.anna, f"förbered {story.code}")
    assert story.says("prepare.consent_first", code=story.code) in story.whispered(story.anna)


# ---- those who stand by the person ---------------------------------------------------------------------------


async def test_r23_r24_r42_r106_related_persons_come_as_roles_and_every_summons_says_so(story: Story) -> None:
    await consented(story)
    await story.summons()
    await adds(story, role="related", does=["attends", "plan"])
    await adds(story, role="related", does=["attends"])
    await adds(story, role="supporter", does=["attends"])
    case = await story.case()
    assert [(c.role, c.number) for c in case.companions] == [(Role.RELATED, 1), (Role.RELATED, 2), (Role.SUPPORTER, 1)]
    card = plain(story.messages("bup")[0].blocks)
    for name in ("Närstående 1", "Närstående 2", "Stödperson 1"):
        assert name in card
    await adds(story, remove="related_1")
    assert "Närstående 1" not in plain(story.messages("bup")[0].blocks)
    await adds(story, role="related", does=["attends"])
    assert "Närstående 3" in plain(story.messages("bup")[0].blocks), "a number is never used for somebody else"


async def test_r42_r83_without_consent_nobody_close_is_let_in_and_a_narrowed_one_shows_them_no_more(
    story: Story,
) -> None:
    await story.opens()
    await story.records_consent()
    assert set((await adds(story, role="related", does=["attends"])).errors) == {"role"}
    await story.records_consent(extras=["relatives"])
    await story.summons()
    assert not (await adds(story, role="related", does=["attends"])).errors
    await story.records_consent(extras=[])
    assert "Närstående 1" not in plain(story.messages("bup")[0].blocks)


async def test_r57_r82_a_lawful_representative_may_come_in_the_persons_place(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    await story.summons()
    assert not (await adds(story, role="representative", does=["instead"])).errors
    (companion,) = (await story.case()).companions
    assert companion.does == {Does.INSTEAD}
    assert "Laglig företrädare 1" in plain(story.messages("bup")[0].blocks)
    await story.records_consent(extras=["relatives"])
    assert set((await adds(story, role="supporter", does=["instead"])).errors) == {"does"}


# ---- T5 ------------------------------------------------------------------------------------------------------


async def test_r30_r55_r105_t5_what_is_missing_before_the_meeting_is_reminded_of(story: Story) -> None:
    await story.opens(flags=["interpreter"])
    await story.records_consent()
    await story.summons(secretary="karin")
    await prepares(story, done=["aids"])
    await story.until("2026-12-08 12:00")
    assert story.reminded("ready_meeting") == []
    await story.opens(noticed_on="2026-12-07")
    await story.records_consent()
    await story.summons(date="2026-12-22")
    for who in (
        story.julia,
        story.omar,
        story.leif,
    ):  # else phoning them would stand first, and one line a case is shown
        await story.press(who, "summons.received")
    await story.until("2026-12-22 12:00")
    assert [(at[:10], where) for at, where in story.reminded("ready_meeting")] == [
        ("2026-12-15", "anna"),
        ("2026-12-21", "anna"),
    ]
