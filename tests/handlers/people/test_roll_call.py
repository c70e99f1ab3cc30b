"""Who has no account any more has left (R40): found daily, taken out of the directory, and told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.slack.workspace import roll
from bot.watch import roll_call
from domain.directory import Directory
from tests.handlers import town
from tests.handlers.story import Story, buttons, plain

ANNA = town.BY_NAME["anna"].id


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll.gone, "__defaults__", (0.0,))


async def with_an_administrator(story: Story) -> None:
    known = town.directory()
    staff = {key: replace(who, admin=who.id == town.BY_NAME["rikard"].id) for key, who in known.staff.items()}
    await story.writing(lambda tx: tx.replace_directory(Directory(known.agencies, staff), "operator"))


def closes(story: Story, *names: str) -> None:
    """Close people's accounts in the workspace."""
    users = story.slack.directory.users
    for name in names:
        user = town.BY_NAME[name].user
        users[user] = replace(users[user], deleted=True)


def told(story: Story) -> list[str]:
    title = story.says("alarm.left.title")
    return [plain(m.blocks) for m in story.messages("rikard") if title in plain(m.blocks)]


async def test_r40_the_unit_takes_over_from_whose_account_was_closed(story: Story) -> None:
    await with_an_administrator(story)
    await story.summoned()
    closes(story, "anna")
    assert await story.bot.roll.run() == {ANNA}
    await story.settle()
    assert any("case.step" in buttons(m.blocks) for m in story.messages("maria"))
    assert ANNA not in (await story.reading(lambda reader: reader.directory)).staff
    assert len(told(story)) == 1
    assert "Anna " not in told(story)[0]


async def test_r40_what_an_agency_answers_then_reaches_somebody_who_is_there(story: Story) -> None:
    await with_an_administrator(story)
    await story.summoned()
    closes(story, "anna")
    await story.bot.roll.run()
    await story.press(story.julia, "summons.decline", {"reason": "time"})
    title = story.says("note.declined_obliged.title", code=story.code, agency="Barn- och ungdomspsykiatrin")
    assert any(title in plain(m.blocks) for m in story.messages("maria"))


async def test_it_is_told_once_though_the_file_brings_them_back(story: Story) -> None:
    await with_an_administrator(story)
    closes(story, "pia")
    await story.bot.roll.run()
    await with_an_administrator(story)
    await story.bot.roll.run()
    await story.settle()
    assert len(told(story)) == 1


async def test_whose_accounts_are_open_stay(story: Story) -> None:
    await with_an_administrator(story)
    before = await story.reading(lambda reader: reader.directory)
    assert await story.bot.roll.run() == frozenset()
    assert await story.reading(lambda reader: reader.directory) == before


async def test_many_at_once_are_not_believed(story: Story) -> None:
    """A workspace whose accounts were all switched off by mistake must not empty the directory."""
    await with_an_administrator(story)
    before = await story.reading(lambda reader: reader.directory)
    closes(story, "anna", "karin", "julia", "omar", "pia")
    await story.bot.roll.run()
    assert roll_call.FEW < 5
    assert await story.reading(lambda reader: reader.directory) == before


async def test_while_slack_cannot_be_asked_nobody_is_gone(story: Story) -> None:
    await with_an_administrator(story)
    closes(story, "anna")
    story.slack.faults.outage()
    assert await story.bot.roll.run() == frozenset()
