"""Purpose and questions in words (law 4D): only where the operator lets them stand, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import platforms
from tests.handlers.people import disclosure
from tests.handlers.steps.test_marking import marks
from tests.handlers.story import SUMMONS, Story, plain, telling

AIM = "Vem stöttar skolvägen på morgonen?"


@pytest.fixture
async def worded(folder: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Story]:
    """A chat in which words may stand, as on an authority's own server."""
    monkeypatch.setattr(platforms, "worded", lambda _: lambda _readers: True)
    async with telling(folder, empty_database) as told:
        yield told
        disclosure.check(told, [await told.case(code) for code in told.codes])


@pytest.fixture
async def text_beside_slack(folder: Path, empty_database: Path) -> AsyncIterator[Story]:
    """The policy is `text`, and the people of this story are on Slack."""
    async with telling(folder, empty_database, sipbot_chat_policy="text") as told:
        yield told


async def test_4d_r123_every_agency_that_is_summoned_reads_them(worded: Story) -> None:
    await worded.summoned(aim=AIM)
    for agency in ("bup", "skola", "fk"):
        assert AIM in plain(worded.shown(agency).blocks)


async def test_4d_they_stand_in_no_mail_no_journal_and_no_other_room(worded: Story) -> None:
    await worded.summoned(aim=AIM)
    await worded.names(worded.julia, "julia")
    mails = [mail.as_string() for mail in worded.mails_to("julia")]
    assert mails
    assert [mail for mail in mails if "skolv" in mail] == []
    assert [row for row in await worded.journal() if "skolv" in repr(row)] == []
    assert [m for m in worded.messages("anna") if AIM in plain(m.blocks)] == []


async def test_4d_a_protected_case_is_not_asked_for_them(worded: Story) -> None:
    await worded.opens(flags=["protected"])
    await worded.records_consent()
    form = await worded.ask(worded.anna, f"kalla {worded.code}")
    assert worded.says("summon.aim") not in repr(form.blocks)


async def test_4d_a_case_that_becomes_protected_shows_them_no_longer(worded: Story) -> None:
    await worded.summoned(aim=AIM)
    await marks(worded, "protected")
    assert AIM not in repr([plain(m.blocks) for who in ("bup", "julia") for m in worded.messages(who)])


async def test_4d_2_personal_numbers_are_refused_there_too(worded: Story) -> None:
    await worded.opens()
    await worded.records_consent()
    form = await worded.ask(worded.anna, f"kalla {worded.code}")
    await worded.refusals(worded.anna, form, SUMMONS, [({"aim": "19121212-1212"}, {"aim"})])


async def test_4d_on_slack_they_are_neither_asked_for_nor_shown(text_beside_slack: Story) -> None:
    story = text_beside_slack
    await story.opens()
    await story.records_consent()
    form = await story.ask(story.anna, f"kalla {story.code}")
    assert story.says("summon.aim") not in repr(form.blocks)
