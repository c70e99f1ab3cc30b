"""Pictures on Slack: kept as a file, shown in a message that holds their words, and never at the cost of another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.slack import pictures
from demo.slack.state.records import Message
from handlers.ui.outgoing import Bar, Picture
from tests.bot.slack.workspace import Workspace, workspace

ANNA = "slack:person:T0/U0ANNA"
PICTURE = Picture(
    "Statistik: Socialtjänsten, kvartal 3 2026",
    (Bar("Planer i tid", "6 av 9", "Planer i tid: 6 av 9", 6 / 9), Bar("Nej", "visas inte", "Nej: visas inte", None)),
    "sip-2026-3.png",
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "READING", (0.0, 0.01, 0.01))


def shown(here: Workspace) -> list[Message]:
    return [held for held in here.slack.person("anna").messages() if held.blocks]


async def test_a_picture_stands_in_the_direct_messages_with_all_it_says_for_who_does_not_see_it() -> None:
    """Slack knows the file only once it has read it: the first attempt to show it is refused."""
    async with workspace() as here:
        sent = await here.platform.transport.deliver(ANNA, PICTURE, "k", None)
        (message,) = shown(here)
        assert sent == Sent(Receipt(message.channel, message.ts))
        assert message.text == PICTURE.title
        (block,) = message.blocks
        assert block["alt_text"] == f"{PICTURE.title}. Planer i tid: 6 av 9. Nej: visas inte."
        file = here.slack.state.files.find(block["slack_file"]["id"])
        assert file is not None
        assert file.content.startswith(b"\x89PNG")
        assert len(here.calls("chat.postMessage")) == 2
        assert "alt_txt" not in here.calls("files.getUploadURLExternal")[0].args, "the file could not be shared"


async def test_a_picture_that_may_have_arrived_is_looked_for() -> None:
    async with workspace() as here:
        here.slack.state.files.read_after = 0
        here.slack.faults.drop_after("chat.postMessage")
        assert isinstance(await here.platform.transport.deliver(ANNA, PICTURE, "k", None), Unknown)
        since = datetime.now(UTC) - timedelta(minutes=1)
        assert await here.platform.transport.find(ANNA, PICTURE, "k", since, None) is not None
        assert await here.platform.transport.find(ANNA, PICTURE, "other", since, None) is None


async def test_without_the_scope_there_is_no_picture_and_the_words_go_out_all_the_same() -> None:
    async with workspace() as here:
        for install in here.slack.directory.installations.values():
            install.scopes = frozenset({"chat:write", "im:write"})
        assert await here.platform.transport.deliver(ANNA, PICTURE, "k", None) == Never("missing_scope")


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.upload", "files.completeUploadExternal"])
async def test_until_it_is_shown_nobody_has_seen_it_and_it_is_sent_anew(method: str) -> None:
    async with workspace() as here:
        here.slack.faults.drop_after(method)
        assert isinstance(await here.platform.transport.deliver(ANNA, PICTURE, "k", None), NotSent)
        assert shown(here) == []


async def test_a_file_that_slack_never_comes_to_know_is_taken_away() -> None:
    async with workspace() as here:
        here.slack.state.files.read_after = 99
        assert await here.platform.transport.deliver(ANNA, PICTURE, "k", None) == Never("invalid_blocks")
        assert shown(here) == []
        assert [file.deleted for file in here.slack.state.files.all()] == [True]


async def test_a_picture_that_cannot_be_drawn_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(asyncio, "to_thread", fails)
    async with workspace() as here:
        assert await here.platform.transport.deliver(ANNA, PICTURE, "k", None) == Never("not_drawn")
        assert here.calls("files.getUploadURLExternal") == []
