"""Marks and the person's own last day, set and lifted at any time, with what follows at once (R89, R91, R109, R198)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, update

from domain.case import Flag
from domain.matters.need import WishReason
from domain.rules import meeting_deadline
from storage.schema.tables import post
from storage.sql.statement import Statement
from tests.handlers import town
from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.letters.test_auditor import addresses, alarms, runs, with_an_administrator
from tests.handlers.people import disclosure
from tests.handlers.story import Story, buttons, parts_of, plain


@pytest.fixture
async def calendars(folder: Path, empty_database: Path) -> AsyncIterator[Calendars]:
    async with answering(folder, empty_database) as found:
        yield found


async def marks(story: Story, *flags: str, **changes: Any) -> Any:
    if "protected" in flags:
        story.protected_since.setdefault(story.code, story.clock.now())
    return await story.fill(story.anna, "märk", {"flags": list(flags)}, changes)


def standing_in_channels(story: Story) -> list[str]:
    return [
        text for text in (plain(m.blocks) for place in town.CHANNELS.values() for m in story.messages(place)) if text
    ]


async def test_r109_when_protection_comes_later_what_stood_in_channels_is_taken_back(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.moves()
    assert standing_in_channels(story)
    await marks(story, "protected")
    assert not [text for text in standing_in_channels(story) if story.code in text]
    assert all(file.deleted for file in story.slack.state.files.all())
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    assert (meeting.place, meeting.link) == ("", "")


async def test_r109_a_damaged_row_stops_no_protection_and_is_told_of(story: Story) -> None:
    """Law 4D.4: taking back is the safest act of all. What cannot be found is named to whoever can look for it."""
    await with_an_administrator(story)
    await story.summoned()
    await story.names(story.julia, "julia")
    before = len(standing_in_channels(story))
    kept = await story.reading(lambda reader: addresses(reader).seal(f"summons:{story.code}:1:skola"))
    await runs(story, Statement(update(post).values(message="1.1").where(post.c.surface == bindparam("of"))), of=kept)
    await marks(story, "protected")
    assert (await story.case()).protected
    left = [text for text in standing_in_channels(story) if story.code in text]
    assert 0 < len(left) < before
    assert story.says("mark.done_protected_but.title", code=story.code) in story.answered
    assert [row.entry.details for row in await story.journal("messages.left_behind")] == [{"messages": 1}]
    await story.settle()
    (told,) = alarms(story)
    assert story.says("lapse.damaged", count=1) in told


async def test_the_summons_goes_on_with_one_person_alone(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await marks(story, "protected")
    card = plain(story.messages("julia")[-1].blocks)
    assert story.code in card
    assert "13.00" not in card


async def test_r109_calendars_lose_the_meeting_and_have_it_again_when_the_protection_is_lifted(
    calendars: Calendars,
) -> None:
    story = calendars.story
    await story.summoned()
    await story.names(story.julia, "julia")
    await marks(story, "protected")
    for name in ("anna", "julia"):
        assert [i.method for i in calendars.invitations(name)] == ["REQUEST", "CANCEL"]
        # The meeting goes on without calendars: nobody may read that they need not come, nor its time once more.
        mail = story.mails_to(name)[-1]
        words = "".join(dict(parts_of(mail))["text/plain"]) + str(mail["subject"])
        assert "inte inställt" in words
        assert not [word for word in ("avbokat", "inte komma", "13.00") if word in words.lower()]
    outcome = await marks(story)
    assert set(outcome.errors) == {"certain"}, "it is not lifted by a slip"
    await marks(story, certain=["yes"])
    for name in ("anna", "julia"):
        assert [i.method for i in calendars.invitations(name)] == ["REQUEST", "CANCEL", "REQUEST"]
    assert story.code in "\n".join(standing_in_channels(story))


async def test_r89_an_acute_mark_is_set_and_lifted_and_the_agencies_see_it(story: Story) -> None:
    await story.summoned()
    await marks(story, "acute")
    assert (await story.case()).flags == {Flag.ACUTE}
    card = plain(story.messages("bup")[0].blocks)
    assert story.says("summons.acute") in card
    assert story.says("summons.by", day="") not in card, "no later day beside it"
    await marks(story)
    assert story.says("summons.acute") not in plain(story.messages("bup")[0].blocks)


async def test_r91_r198_the_persons_wish_comes_later_with_its_reason_and_can_be_taken_back(story: Story) -> None:
    await story.opens()
    outcome = await marks(story, meeting_by="2027-01-20")
    assert set(outcome.errors) == {"reason"}
    await marks(story, meeting_by="2027-01-20", reason="later")
    case, rules = await story.case(), story.bot.services.rules
    assert meeting_deadline(case, rules.profile, rules.calendar).isoformat() == "2027-01-20"
    assert case.meeting_by_reason is WishReason.LATER
    await marks(story, lifted=["yes"])
    case = await story.case()
    assert meeting_deadline(case, rules.profile, rules.calendar).isoformat() == "2026-12-20"


async def test_r105_an_interpreter_is_noted_later(story: Story) -> None:
    await story.opens()
    await marks(story, "interpreter")
    assert (await story.case()).flags == {Flag.INTERPRETER}
    assert story.says("flag.interpreter") in "\n".join(plain(m.blocks) for m in story.messages("anna"))


async def test_a_case_that_has_ended_is_marked_no_more(story: Story) -> None:
    await story.summoned()
    await story.withdraws()
    await story.command(story.anna, f"märk {story.code}")
    assert story.anna.view is None


async def test_nothing_but_the_code_is_told_of_a_mark(story: Story) -> None:
    await story.summoned()
    await marks(story, "protected")
    disclosure.check(story, [await story.case()])


async def test_4d_4_managers_lose_what_they_were_to_know_of_a_case_that_becomes_protected(story: Story) -> None:
    await story.summoned()
    await story.until("2026-12-01 12:00")
    assert story.code in plain(story.shown("birgit").blocks)
    await marks(story, "protected")
    await story.until("2026-12-03 12:00")
    for name in ("birgit", "rikard"):
        assert not any(story.code in plain(m.blocks) for m in story.messages(name))


@pytest.mark.parametrize("how", ["protected", "narrowed"])
async def test_4d_4_a_word_to_a_manager_is_taken_back_when_they_may_know_of_the_case_no_longer(
    story: Story, how: str
) -> None:
    """It stood for good in their direct messages, with the code and what their unit had answered (R62)."""
    await story.summoned()
    await story.press(story.julia, "summons.decline", {"reason": "no_staff"})
    assert any(story.code in plain(m.blocks) for m in story.messages("birgit"))
    if how == "protected":
        await marks(story, "protected")
    else:
        await story.records_consent(agencies=["fk", "skola"])
    await story.until("2026-11-24 12:00")
    assert not any(story.code in plain(m.blocks) for m in story.messages("birgit"))


async def test_4d_4_a_deviation_goes_from_the_manager_to_whoever_is_named(story: Story) -> None:
    await story.held(lead="anna")
    outcome = await story.fill(story.julia, "avvikelse", {"fault": "cooperation", "agency": "soc"}, {})
    assert not outcome.errors
    assert "deviation.answer" in buttons(story.shown("maria", "deviation.answer").blocks)
    await marks(story, "protected")
    assert story.messages("maria") == []
    assert "deviation.answer" in buttons(story.shown("anna", "deviation.answer").blocks)


async def test_4d_4_whoever_has_answered_need_not_be_called_because_the_case_becomes_protected(story: Story) -> None:
    await story.summoned(agencies=["fk"])
    await story.press(story.leif, "summons.decline", {"reason": "no_contact"})
    await marks(story, "protected")
    told = story.says("note.nobody_named.title", code=story.code, agency="Försäkringskassan", target="")
    assert [m for m in story.messages("anna") if told in plain(m.blocks)] == []
