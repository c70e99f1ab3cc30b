"""Who is told of what, in the running bot: names, aliases, receipts, and the directory of today (R62, R123; law 4D)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.directory import Directory
from domain.summons import Standing
from handlers.directory_change import replace_directory
from tests.handlers import town
from tests.handlers.story import Story, buttons, plain


async def moves_to(story: Story, name: str, agency: str) -> None:
    """Let somebody go over to another agency, by an import of the directory."""

    def change(known: Directory) -> Directory:
        who = town.BY_NAME[name].id
        return Directory(known.agencies, {**known.staff, who: replace(known.staff[who], agency=agency)})

    await story.writing(lambda tx: replace_directory(story.bot.services, tx, change(tx.directory), "operator"))
    await story.settle()


# ---- who comes ----------------------------------------------------------------------------------------------


async def test_r123_every_card_shows_who_comes_when_somebody_is_named_later(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.names(story.omar, "omar")
    for place in ("bup", "skola", "fk"):
        card = plain(story.messages(place)[0].blocks)
        assert "Julia Påhittlind" in card
        assert "Omar Testholm" in card
    await story.press(story.omar, "summons.decline", {"reason": "no_staff"})
    assert "Omar Testholm" not in plain(story.messages("bup")[0].blocks)


async def test_r62_an_invited_agency_that_has_said_no_no_longer_sees_who_comes(story: Story) -> None:
    await story.summoned()
    await story.press(story.leif, "summons.decline", {"reason": "no_contact"})
    await story.names(story.julia, "julia")
    assert "Julia Påhittlind" not in plain(story.messages("fk")[0].blocks)


async def test_after_a_move_only_those_who_have_said_so_anew_are_shown_as_coming(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.moves()
    assert "Julia Påhittlind" not in plain(story.messages("skola")[0].blocks)


async def test_4d_3_before_other_agencies_a_unit_goes_by_its_alias(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    card = plain(story.messages("skola")[0].blocks)
    assert "Julia Påhittlind (Enhet B)" in card
    assert "Anna Exempelberg, Enhet A" in card
    assert "psykiatrin" not in card
    assert "Barn- och ungdomspsykiatrin" in plain(story.messages("anna")[0].blocks)


# ---- who does what ------------------------------------------------------------------------------------------


async def test_4d_9_who_has_moved_to_another_agency_loses_the_case_and_the_board_at_once(story: Story) -> None:
    await story.summoned()
    await moves_to(story, "anna", "vc")
    await story.command(story.anna, f"flytta {story.code}")
    assert story.anna.view is None
    assert [plain(m.blocks) for m in story.messages("anna") if buttons(m.blocks)] == []
    assert any("case.step" in buttons(m.blocks) for m in story.messages("maria"))


async def test_4d_9_what_an_agency_answers_goes_to_whoever_stands_in(story: Story) -> None:
    await story.summoned()
    await moves_to(story, "anna", "vc")
    await story.press(story.julia, "summons.propose", {"date": "2026-12-09", "start": "10:00"})
    title = story.says("note.proposed.title", code=story.code, agency="Barn- och ungdomspsykiatrin", target="")
    assert any(title in plain(m.blocks) for m in story.messages("maria"))
    assert not any(title in plain(m.blocks) for m in story.messages("anna"))


async def test_r35_4d_9_the_first_coordinator_does_not_steer_the_case_after_the_hand_over(story: Story) -> None:
    await story.active()
    await story.command(story.anna, f"kalla {story.code}")
    assert story.anna.view is None


# ---- the follow-up ------------------------------------------------------------------------------------------


async def test_r195_r62_a_follow_up_is_attended_by_the_unit_that_called_it_and_those_it_summoned(story: Story) -> None:
    """The unit that opened the case is like any other after the hand-over."""
    await story.active()
    await story.until("2027-01-26 09:00")
    outcome = await story.summons(story.julia, date="2027-02-10", agencies=["skola"], chair="julia")
    assert not outcome.errors
    await story.until("2027-02-10 14:30")
    view = await story.ask(story.julia, f"hållet {story.code}")
    (attended,) = [block["element"] for block in view.blocks if block["block_id"] == "attended"]
    assert [option["value"] for option in attended["options"]] == ["bup", "skola"]
    assert [option["value"] for option in attended["initial_options"]] == ["bup"]


async def test_r62_after_the_hand_over_the_opening_unit_is_summoned_within_the_consent_alone(story: Story) -> None:
    await story.active()
    outcome = await story.summons(story.julia, date="2027-02-10", agencies=["soc"], chair="julia")
    assert set(outcome.errors) == {"agencies"}


# ---- consent ------------------------------------------------------------------------------------------------


async def test_r65_limits_stay_when_the_consent_is_widened(story: Story) -> None:
    await story.opens()
    await story.records_consent(extras=["exclusions"], agencies=["bup"])
    await story.records_consent(agencies=["bup", "skola"])
    consent = (await story.case()).consent
    assert consent is not None
    assert {extra.value for extra in consent.extras} == {"exclusions"}


async def test_r64_when_the_consent_ends_before_the_meeting_those_who_are_called_are_told_to_stop(story: Story) -> None:
    await story.opens()
    await story.records_consent(valid_until="2026-12-01")
    await story.summons()
    await story.until("2026-12-02 12:00")
    for place in ("bup", "skola", "fk"):
        assert story.says("expired.text") in plain(story.messages(place)[-1].blocks)
    assert any("ett möte är bokat" in plain(m.blocks) for m in story.messages("anna"))


# ---- times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes, key",
    [
        ({"date": "2026-12-12"}, "summon.warn_day_off"),
        ({"date": "2026-12-24", "start": "03:00"}, "summon.warn_hours"),
        ({"date": "2026-11-25"}, "summon.warn_notice"),
        ({"date": "2026-12-21"}, "summon.warn_deadline"),
    ],
)
@pytest.mark.parametrize("act", ["summons", "moves"])
async def test_r120_r192_an_unusual_time_is_warned_of_before_anything_is_sent(
    story: Story, act: str, changes: dict[str, str], key: str
) -> None:
    if act == "moves":
        await story.summoned()
    else:
        await story.opens()
        await story.records_consent()
    before = len(story.messages("bup"))
    outcome = await getattr(story, act)(confirmed=None, **changes)
    assert set(outcome.errors) == {"confirmed"}
    words = story.says(key, days=10, day="", last="", until="")
    assert words[-25:] in story.answered
    assert len(story.messages("bup")) == before
    assert not (await getattr(story, act)(**changes)).errors
    assert len(story.messages("bup")) > before


async def test_a_proposal_is_answered_with_a_no_and_the_proposer_hears_so(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.propose", {"date": "2026-12-09", "start": "10:00"})
    await story.press(story.anna, "proposal.keep")
    assert story.says("summons.notice.kept.title", code=story.code) in plain(story.messages("bup")[-1].blocks)
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    assert meeting.standing_of("bup") is Standing.RECEIVED
    await story.press(story.anna, "proposal.keep")
    assert story.says("proposal.answered_already.title", code=story.code) in story.whispered(story.anna)


# ---- receipts -----------------------------------------------------------------------------------------------


async def test_r161_the_receipt_of_a_plan_takes_the_button_away_and_stands_on_the_board(story: Story) -> None:
    await story.active()
    waiting = story.says("board.plan_waiting", agency="Barn- och ungdomspsykiatrin")
    assert any(waiting in plain(m.blocks) for m in story.messages("julia"))
    await story.press(story.sven, "plan.received")
    assert all("plan.received" not in buttons(m.blocks) for m in story.messages("bup"))
    confirmed = story.says("board.plan_confirmed", agency="Barn- och ungdomspsykiatrin")
    assert any(confirmed in plain(m.blocks) for m in story.messages("julia"))


async def test_r161_who_does_not_confirm_a_plan_is_reminded_like_of_the_end(story: Story) -> None:
    await story.active()
    await story.until("2026-12-17 12:00")
    assert ("2026-12-11 08:00", "bup") in story.reminded("confirm_plan")
    assert ("2026-12-16 08:00", "bup") in story.reminded("confirm_plan")


async def test_an_agency_without_chat_is_not_reminded_of_a_summons_it_never_got(story: Story) -> None:
    """R125: the coordinator phones it instead."""
    await story.summoned(agencies=["bup", "polis"])
    await story.until("2026-12-08 12:00")
    assert story.mails("polis.brevlada@exempel.invalid") == []


async def test_an_agency_without_chat_is_told_by_mail_that_the_plan_is_on_its_way(story: Story) -> None:
    await story.summoned(agencies=["bup", "polis"])
    await story.until("2026-12-08 15:00")
    await story.reports(attended=["soc", "bup", "polis"])
    await story.sends_plan(recipients=["person", "soc", "bup", "polis"])
    (mail,) = story.mails("polis.brevlada@exempel.invalid")
    assert story.says("plan.notice.title", code=story.code, version=1) == str(mail["Subject"])


async def test_r51_a_mandate_is_yes_no_or_not_known_for_each_who_comes(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", "sven", without_mandate=["sven"])
    await story.names(story.omar, "omar", mandate=None)
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    said = {who.name: who.mandate for _, who in meeting.attendees()}
    assert said == {"Julia Påhittlind": True, "Sven Exempelsjö": False, "Omar Testholm": None}
    none = story.says("board.no_mandate", name="Sven Exempelsjö")
    assert any(none in plain(message.blocks) for message in story.messages("anna"))
