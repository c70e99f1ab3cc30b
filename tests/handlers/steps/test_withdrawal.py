"""`/sip återta`: at once, from any state, at any hour, without the reason (R76-R79)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.case import State
from domain.matters.closure import Ground
from tests.handlers import town
from tests.handlers.people import disclosure
from tests.handlers.story import Story, buttons, plain


async def at_night(story: Story, day: str = "2026-11-24") -> None:
    await story.until(f"{day} 02:30")


async def told_that_it_ended(story: Story, place: str) -> str:
    """Return the words of the notice in an agency's channel."""
    return plain(story.shown(place, "closing.confirm").blocks)


async def test_every_concerned_agency_is_told_now_also_at_night(story: Story) -> None:
    """R77, R44: omedelbart."""
    await story.summoned()
    await at_night(story)
    await story.withdraws()
    for place in ("bup", "skola", "fk"):
        assert story.code in await told_that_it_ended(story, place)
    told = [s for s in disclosure.everything_shown(story) if s.channel == "C0BUP"][-1]
    assert told.at.astimezone(story.bot.settings.zone).strftime("%H:%M") == "02:30"


async def test_those_whom_it_covered_are_told_that_the_consent_is_withdrawn_and_nothing_more(story: Story) -> None:
    """R44, R77: why is the person's own matter, and so is how it was said."""
    await story.summoned()
    await story.withdraws()
    withdrawn = await told_that_it_ended(story, "bup")
    assert story.says("ending.withdrawn.text") in withdrawn
    for word in ("ångra", "muntlig", "skriftlig", "därför", "eftersom", "anna"):
        assert word not in withdrawn.lower()


async def test_who_was_no_longer_covered_is_told_that_it_has_ended_and_not_why(story: Story) -> None:
    """R77: that a consent is withdrawn is told to those whom it covered, and to nobody else."""
    await story.summoned()
    await story.records_consent(agencies=["bup", "skola"])
    await story.withdraws()
    ended = await told_that_it_ended(story, "fk")
    assert story.says("ending.stopped.text") in ended
    assert "återta" not in ended


async def test_the_unit_that_opened_the_case_and_its_coordinator_hear_that_the_lead_has_ended_it(story: Story) -> None:
    """R77, R174."""
    await story.active()
    await story.withdraws(story.julia)
    assert story.says("ending.withdrawn.text") in await told_that_it_ended(story, "soc")
    told = story.says("note.withdrawn.text", name="Julia Påhittlind")
    assert any(told in plain(message.blocks) for message in story.messages("anna"))
    assert not any(told in plain(message.blocks) for message in story.messages("julia"))


async def test_anybody_of_a_concerned_agency_may_record_it_and_the_lead_is_told(story: Story) -> None:
    """R71, R76."""
    await story.summoned()
    await story.withdraws(story.sven)
    case = await story.case()
    assert case.state is State.CLOSED
    (row,) = await story.journal("consent.withdrawn")
    assert (row.entry.actor, row.entry.agency) == (town.BY_NAME["sven"].id, "bup")
    told = story.says("note.withdrawn.text", name="Sven Exempelsjö")
    assert any(told in plain(message.blocks) for message in story.messages("anna"))


async def test_who_was_never_told_of_the_case_may_not_record_it(story: Story) -> None:
    await story.summoned()
    await story.command(story.pia, f"återta {story.code}")
    assert story.pia.view is None


async def test_a_case_without_a_consent_has_none_to_withdraw(story: Story) -> None:
    """R71, R80."""
    await story.opens()
    outcome = await story.command(story.anna, f"återta {story.code}")
    assert story.anna.view is None
    assert story.says("withdraw.no_consent", code=story.code) in plain(outcome.messages[-1].blocks)


async def test_open_summonses_are_recalled_and_calendars_cleared(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", others="Kim Exempelask, Psykolog, kim.exempelask@exempel.invalid")
    await story.withdraws()
    summons = story.messages("bup")[0]
    assert buttons(summons.blocks) == []
    assert story.methods_to("julia") == ["REQUEST 0", "CANCEL 1"]
    assert len(story.mails("kim.exempelask@exempel.invalid")) == 2


async def test_the_reminders_stop(story: Story) -> None:
    await story.summoned()
    await story.withdraws()
    for person, place in ((story.julia, "bup"), (story.omar, "skola"), (story.leif, "fk")):
        await story.press(person, "closing.confirm", source=story.shown(place, "closing.confirm"))
    await story.until("2027-01-15 12:00")
    assert story.reminders() == []


async def test_reminders_that_stand_are_taken_away(story: Story) -> None:
    await story.summoned()
    await story.until("2026-11-25 09:00")
    assert story.open_reminders("bup") != []
    await story.withdraws()
    assert story.open_reminders("bup") == []


async def test_everything_written_stays(story: Story) -> None:
    """R79."""
    await story.summoned()
    before = await story.journal()
    await story.withdraws()
    case = await story.case()
    assert len(case.consents) == 1
    assert len(case.meetings) == 1
    assert (await story.journal())[: len(before)] == before
    assert [row.entry.action for row in await story.journal("consent.withdrawn")] == ["consent.withdrawn"]


async def _consented(story: Story) -> None:
    await story.opens()
    await story.records_consent()


async def _summoned(story: Story) -> None:
    await story.summoned()


async def _ready(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.names(story.julia, "julia")


async def _held(story: Story) -> None:
    await story.held()


async def _active(story: Story) -> None:
    await story.active()


async def _closing(story: Story) -> None:
    await story.closing()


@pytest.mark.parametrize(
    "reach, state",
    [
        (_consented, State.PREPARING),
        (_summoned, State.SUMMONED),
        (_ready, State.READY),
        (_held, State.PLAN_DRAFT),
        (_active, State.ACTIVE),
        (_closing, State.CLOSING),
    ],
)
async def test_it_closes_the_case_from_any_state(story: Story, reach: object, state: State) -> None:
    """R76, R78, R176, R49: it waits for no meeting, nor for the morning."""
    assert callable(reach)
    await reach(story)
    assert (await story.case()).state is state
    night = (story.today() + timedelta(days=1)).isoformat()
    await at_night(story, night)
    await story.withdraws(story.anna)
    case = await story.case()
    assert case.state is State.CLOSED
    assert case.closure is not None
    assert case.closure.ground is Ground.WITHDRAWN
    for notice in case.closure.notices:
        assert notice.delivered_at is not None
        heard = notice.delivered_at.astimezone(story.bot.settings.zone)
        assert f"{heard:%Y-%m-%d %H:%M}" == f"{night} 02:30"


async def test_a_case_that_was_denied_has_nothing_to_withdraw(story: Story) -> None:
    await story.opens(decision="deny", denial_reason="Bara en verksamhet berörs")
    outcome = await story.command(story.anna, f"återta {story.code}")
    assert story.anna.view is None
    assert story.says("withdraw.denied", code=story.code) in plain(outcome.messages[-1].blocks)


async def test_it_takes_a_tick_in_the_box(story: Story) -> None:
    await story.summoned()
    await story.ask(story.anna, f"återta {story.code}")
    outcome = await story.submit(story.anna, {"form": "oral"}, checked=False)
    assert set(outcome.errors) == {"sure"}
    assert (await story.case()).state is State.SUMMONED


async def test_a_summons_on_its_way_is_stopped(story: Story) -> None:
    """What has not been told is not told any more; that the case has ended is."""
    await story.opens()
    await story.records_consent()
    arrives_again = story.nothing_arrives()
    await story.summons()
    await story.withdraws()
    arrives_again()
    await story.until("2026-11-23 12:00")
    for place in ("bup", "skola", "fk"):
        assert [buttons(m.blocks) for m in story.messages(place)] == [["closing.confirm"]]


async def test_an_invite_on_its_way_is_stopped(story: Story) -> None:
    await story.summoned()
    story.postbox.away = True
    await story.names(story.julia, "julia")
    await story.withdraws()
    await story.until("2026-11-23 12:00")
    invites = [(kept.state, kept.why.split(" ")[0]) for kept in await story.letters("invite")]
    assert sorted(invites) == [
        ("dropped", "never_invited"),
        ("dropped", "uninvited"),
        ("sent", ""),
        ("waiting", "recipient"),
    ], "the coordinator was invited before, and her cancellation waits for the mail server"


async def test_a_managers_note_on_its_way_is_stopped(story: Story) -> None:
    await story.summoned()
    arrives_again = story.nothing_arrives()
    await story.press(story.julia, "summons.decline", {"reason": "no_staff"})
    await story.withdraws()
    arrives_again()
    await story.until("2026-11-23 12:00")
    assert story.messages("birgit") == []


async def test_the_notice_goes_before_all_else(story: Story) -> None:
    """R77."""
    await story.held()
    arrives_again = story.nothing_arrives()
    await story.sends_plan()
    await story.withdraws()
    arrives_again()
    await story.until("2026-12-08 18:00")
    assert "closing.confirm" in buttons(story.messages("bup")[-1].blocks)
    assert all("plan.received" not in buttons(m.blocks) for m in story.messages("bup"))


async def test_an_agency_that_was_only_held_back_is_not_told(story: Story) -> None:
    """It never heard of the case."""
    await story.opens(agencies=["bup"])
    await story.records_consent(agencies=["bup"])
    await story.summons(agencies=["bup"])
    await story.press(story.julia, "summons.forward", {"agency": "skola"})
    await story.withdraws()
    assert story.messages("skola") == []
    assert story.code in await told_that_it_ended(story, "bup")


async def test_an_agency_without_chat_is_told_in_its_mailbox(story: Story) -> None:
    await story.summoned(agencies=["bup", "polis"])
    await story.withdraws()
    (mail,) = story.mails("polis.brevlada@exempel.invalid")
    assert story.code in str(mail["Subject"])
    case = await story.case()
    assert case.closure is not None
    notice = case.closure.notice_of("polis")
    assert notice is not None
    assert notice.delivered_at is not None


async def test_after_it_no_summons_can_be_answered(story: Story) -> None:
    await story.summoned()
    button = story.shown("bup")
    await story.withdraws()
    await story.press(story.julia, "closing.confirm")
    outcome = await story.command(story.anna, f"kalla {story.code}")
    assert story.anna.view is None
    assert outcome.text
    assert buttons(next(m for m in story.messages("bup") if m.ts == button.ts).blocks) == []


async def test_the_coordinator_is_told_whom_it_reached(story: Story) -> None:
    await story.summoned()
    await story.withdraws()
    for name in ("Barn- och ungdomspsykiatrin", "Påhittskolan", "Försäkringskassan"):
        assert name in story.answered
