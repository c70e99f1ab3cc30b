"""Every look at a case is a line of its journal, wherever it was (PDL 4 kap. 3 §)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.mail.transport import MailTransport
from bot.time_guard import TimeGuard
from bot.watch.anchoring import Anchoring, to_file, to_mailbox
from handlers import limits
from handlers.steps import calendar_feed
from tests.handlers import town
from tests.handlers.story import MAIL_FROM, MOVED, OPENING, SUMMONS, Story, as_asked, parsed

ANNA = town.BY_NAME["anna"].id


async def looks(story: Story, action: str) -> list[str]:
    return [row.entry.actor for row in await story.journal(action)]


async def test_each_form_about_a_case_that_opens_is_a_line(story: Story) -> None:
    await story.summoned()
    before = len(await looks(story, "read.form"))
    for word in ("samtycke", "flytta", "återta", "svar", "lämna"):
        await story.ask(story.anna, f"{word} {story.code}")
        await story.anna.cancel()
    rows = (await story.journal("read.form"))[before:]
    assert [row.entry.actor for row in rows] == [ANNA] * 5
    assert len({row.entry.details["form"] for row in rows}) == 5
    assert {row.entry.agency for row in rows} == {"soc"}


async def test_a_form_that_a_button_opens_too(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.propose", {"date": "2026-12-09", "start": "10:00"})
    assert (await looks(story, "read.form"))[-1] == town.BY_NAME["julia"].id


async def test_a_list_is_a_line_once_a_day(story: Story) -> None:
    await story.summoned()
    for _ in range(3):
        await story.command(story.anna, "lista")
    assert await looks(story, "read.list") == [ANNA]
    await story.until("2026-11-24 09:00")
    await story.command(story.anna, "lista")
    assert await looks(story, "read.list") == [ANNA, ANNA]


async def test_the_home_page_likewise(story: Story) -> None:
    await story.summoned()
    for _ in range(2):
        await story.julia.open_home()
        await story.settle()
    assert await looks(story, "read.home") == [town.BY_NAME["julia"].id]


async def test_an_agency_whose_case_it_is_not_leaves_no_line(story: Story) -> None:
    await story.summoned()
    await story.command(story.pia, "lista")
    assert await looks(story, "read.list") == []


async def test_what_a_feed_shows_names_its_cases(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    julia = town.BY_NAME["julia"].id
    await story.writing(lambda tx: tx.feeds.give(julia, "an invented secret"))
    feed = await story.reading(lambda reader: calendar_feed.read(story.bot.services, reader, "an invented secret"))
    assert feed is not None
    assert (feed.staff.id, feed.codes) == (julia, (story.code,))


@pytest.mark.parametrize("decisions", [["start"], ["start", "later"]])
async def test_nobody_opens_more_cases_in_an_hour_than_anybody_does(
    story: Story, monkeypatch: pytest.MonkeyPatch, decisions: list[str]
) -> None:
    """A need that is noted for later is a case too; by those one person could open as many as they liked."""
    monkeypatch.setattr(limits, "MOST", {"case.opened": len(decisions), "summons.sent": 120})
    for decision in decisions:
        await story.opens(decision=decision)
    await story.ask(story.anna, "ny")
    outcome = await story.submit(story.anna, dict(OPENING), stay=True)
    assert story.says("limit.reached") in str(outcome)
    await story.anna.cancel()
    await story.until("2026-11-23 10:30")
    await story.opens()


async def test_nobody_summons_more_in_an_hour_than_anybody_does(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each agency counts; whoever has done that much waits, and everybody else does not."""
    monkeypatch.setattr(limits, "MOST", {"case.opened": 30, "summons.sent": 3})
    await story.summoned()
    lines = len(await story.journal("summons.sent"))
    assert lines >= 3
    await story.opens()
    await story.records_consent()
    view = await story.ask(story.anna, f"kalla {story.code}")
    outcome = await story.submit(story.anna, await as_asked(story.anna, view, SUMMONS, {}), stay=True)
    assert story.says("limit.reached") in str(outcome)
    await story.anna.cancel()
    assert await story.journal("summons.sent") == []
    await story.until("2026-11-23 10:30")
    await story.summons()


async def test_nobody_moves_meetings_more_often_in_an_hour_than_anybody_does(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each move is a message to every agency and a mail to everybody who comes."""
    monkeypatch.setattr(limits, "MOST", {"meeting.moved": 1, "case.opened": 30, "summons.sent": 120})
    await story.summoned()
    await story.moves()
    view = await story.ask(story.anna, f"flytta {story.code}")
    outcome = await story.submit(story.anna, await as_asked(story.anna, view, MOVED, {"start": "10:30"}), stay=True)
    assert story.says("limit.reached") in str(outcome)
    assert len(await story.journal("meeting.moved")) == 1
    assert await story.journal("summons.sent") != []


async def test_an_anchor_is_added_and_the_file_proves_the_journal(story: Story, tmp_path: Path) -> None:
    await story.summoned()
    file = tmp_path / "anchors"
    anchoring = Anchoring(story.bot.database, [to_file(file)], TimeGuard(story.clock))
    assert await anchoring.run()
    await story.moves()
    assert await anchoring.run()
    lines = file.read_text().splitlines()
    assert len(set(lines)) == len(lines) == 2
    root, _, _ = lines[0].partition(" at ")
    assert len(root) == 64


async def test_an_anchor_that_cannot_be_written_is_said_and_stops_nothing(
    story: Story, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    places = [to_file(tmp_path / "no" / "anchors"), to_file(tmp_path / "anchors")]
    assert not await Anchoring(story.bot.database, places, TimeGuard(story.clock)).run()
    assert "no anchor was written" in caplog.text
    assert (tmp_path / "anchors").read_text(), "the other place has it all the same"


async def test_an_anchor_is_mailed_and_its_line_is_the_one_that_a_file_holds(story: Story, tmp_path: Path) -> None:
    await story.summoned()
    assert story.bot.mail is not None
    sender = MailTransport(story.bot.mail, MAIL_FROM, "Boten", story.clock)
    words = story.bot.services.speak("sv")
    places = [to_file(tmp_path / "anchors"), to_mailbox(sender.deliver, "ankare@exempel.invalid", words)]
    assert await Anchoring(story.bot.database, places, TimeGuard(story.clock)).run()
    (mail,) = [parsed(kept) for kept in story.postbox.mails if kept.recipient == "ankare@exempel.invalid"]
    assert mail.get_content().splitlines()[0] == (tmp_path / "anchors").read_text().strip()
    story.postbox.refuses.add("ankare@exempel.invalid")
    assert not await Anchoring(story.bot.database, places[1:], TimeGuard(story.clock)).run()
