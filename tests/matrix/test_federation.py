"""Two servers: the bot is on one, an agency on the other; they speak TLS with each other, and either may be away."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.matrix import platform
from domain.summons import Standing
from tests import synapse
from tests.authority import Authority
from tests.handlers.story import Story
from tests.matrix.both import Both, on_both
from tests.matrix.client import Person, current
from tests.synapse import Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

PATIENCE = 60.0  # seconds that two servers may take to find each other again


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Synapse, Synapse]]:
    """The bot's server and the agency's."""
    authority = Authority()
    with synapse.or_skip(authority=authority) as ours, synapse.or_skip(authority=authority) as theirs:
        yield ours, theirs


@pytest.fixture
async def across(
    servers: tuple[Synapse, Synapse], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Both]:
    """The coordinator on Slack, the bot on one server, Julia's agency on the other."""
    monkeypatch.setattr(platform, "_AGAIN", 0.2)
    ours, theirs = servers
    people: list[Person] = []

    async def person(name: str) -> Person:
        account = f"{name}{len(people)}{tmp_path.name}".replace("_", "").lower()[:40]
        theirs.register(account)
        someone = Person(theirs.url, theirs.login(account), tmp_path)
        await someone.open()
        people.append(someone)
        return someone

    async with on_both(ours, person, tmp_path) as made:
        yield made
    for someone in people:
        await someone.close()


async def test_a_summons_is_answered_across_the_federation(across: Both) -> None:
    event = await across.summons()
    shown = await across.julia.wait_for(across.story.code, patience=PATIENCE)
    assert shown["encrypted"]
    await across.julia.say(across.room, "3", thread=event)
    await across.julia.wait_for("1/2", patience=PATIENCE)
    await across.julia.say(across.room, "torsdag 10/12 14.00", thread=event)
    await across.julia.wait_for("Stämmer allt?", patience=PATIENCE)
    await across.julia.say(across.room, "ja", thread=event)
    await across.becomes(Standing.PROPOSED)
    await across.story.moves()
    await across.settle()
    await across.julia.wait(lambda e: "09.30" in current(e), PATIENCE)


async def test_while_the_agencys_server_is_away_nothing_is_lost_and_all_arrives_in_order(
    across: Both, servers: tuple[Synapse, Synapse]
) -> None:
    event = await across.summons()
    servers[1].stop()
    # What the bot says meanwhile waits on its own server.
    for start in ("09:30", "10:30", "11:30"):
        await across.story.moves(start=start)
        await across.settle()
    servers[1].start()
    await across.julia.wait(lambda e: "11.30" in current(e) and _replaces(e) == event, PATIENCE)
    said = [current(e) for e in across.julia.seen if _replaces(e) == event]
    order = [start for text in said for start in ("09.30", "10.30", "11.30") if start in text]
    assert order == ["09.30", "10.30", "11.30"]
    await across.julia.say(across.room, "1", thread=event)
    await across.becomes(Standing.RECEIVED)


async def test_while_the_bots_server_is_away_answers_wait_on_the_agencys(
    across: Both, servers: tuple[Synapse, Synapse]
) -> None:
    event = await across.summons()
    servers[0].stop()
    await across.julia.say(across.room, "3", thread=event)
    await across.julia.say(across.room, "torsdag 10/12 14.00", thread=event)
    await across.julia.say(across.room, "ja", thread=event)
    servers[0].start()
    await across.becomes(Standing.PROPOSED)
    assert len(await _journal(across.story)) == 1


async def _journal(story: Story) -> list[str]:
    return [row.entry.action for row in await story.journal("summons.proposed")]


def _replaces(event: dict) -> str:  # type: ignore[type-arg]
    relation = event["content"].get("m.relates_to", {})
    return str(relation["event_id"]) if relation.get("rel_type") == "m.replace" else ""
