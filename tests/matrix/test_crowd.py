"""A room with very many members: the bot asks about all at once, and doctor counts them.

How many is told by MEMBERS (2000 takes half a minute). Nobody of them has an account: to the bot who is asked into
a room is in it. They are written into the server's own file: inviting them takes it a quarter of a second each.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter
from typing import Any

import aiohttp
import pytest

from bot.matrix.checks import findings
from domain.directory import Directory, Staff
from domain.summons import Standing
from tests.handlers.story import Story
from tests.matrix.both import Both, moved
from tests.matrix.client import current
from tests.matrix.crowd import fill
from tests.synapse import Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

MANY = int(os.environ.get("MEMBERS", "150"))
#: How many questions a summons may cost, however many are in the room.
FEW = 60


@pytest.fixture
def asked(both: Both, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what the bot asks of its server, by the kind of question."""
    found: Counter[str] = Counter()
    token, request = both.platform.session.settings.token, aiohttp.ClientSession._request  # noqa: SLF001 - where all pass

    async def counting(self: aiohttp.ClientSession, method: str, url: Any, **more: Any) -> Any:
        if token in str(more.get("headers")):
            found[f"{method} {str(url).split('/v3/')[-1].split('/')[0].split('?')[0]}"] += 1
        return await request(self, method, url, **more)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", counting)
    return found


async def test_very_many_members_cost_few_questions(both: Both, homeserver: Synapse, asked: Counter[str]) -> None:
    members = [f"@m{number}:{homeserver.name}" for number in range(MANY)]
    before, seconds = _megabytes(), []
    began = await _moves_among(both, homeserver, members)
    seconds.append(time.monotonic() - began)
    began = time.monotonic()
    asked.clear()
    await both.story.summoned()
    await both.settle()
    seconds.append(time.monotonic() - began)
    assert await both.standing() is Standing.UNDELIVERED, "nobody knows who they are"
    assert _but_reading(asked) < FEW, asked
    assert any(f"{MANY} members" in line for line in await _doctor(both.story))

    await _knows(both, members)
    began = time.monotonic()
    asked.clear()
    await both.story.moves()
    await both.settle()
    await both.julia.wait(lambda event: "Kallelse" in current(event) and event["room_id"] == both.room)
    seconds.append(time.monotonic() - began)
    assert await both.standing() is Standing.SENT
    assert _but_reading(asked) < FEW, asked
    assert not [line for line in await _doctor(both.story) if "members" in line]
    asked.clear()
    assert await both.platform.gone([f"matrix:{member}" for member in members]) == frozenset()
    assert _but_reading(asked) == 0, "whoever has never spoken with the bot is not asked for"
    told = "%d members: %.1f s to come in, %.1f s to see that nothing may be said, %.1f s to summon, %+.0f MB"
    logging.getLogger(__name__).info(told, MANY, *seconds, _megabytes() - before)


def _but_reading(asked: Counter[str]) -> int:
    return sum(asked.values()) - asked["GET sync"]


async def _moves_among(both: Both, server: Synapse, members: list[str]) -> float:
    """Have BUP move to a room with all of them, ask the bot in, and wait for it; return when it was asked."""
    both.room = await both.julia.room_with(members[0])
    await asyncio.to_thread(fill, server, both.room, members[0], members[1:])
    known = await both.story.reading(lambda reader: reader.directory)
    await both.story.writing(lambda tx: tx.replace_directory(moved(known, both.room), "operator"))
    await both.julia.session.client.invite_user(both.room, both.platform.session.settings.user)  # type: ignore[arg-type]
    began = time.monotonic()
    await both.come(both.room)
    return began


async def _knows(both: Both, members: list[str]) -> None:
    known = await both.story.reading(lambda reader: reader.directory)
    kim = next(iter(known.staff_of("bup")))
    more = {
        f"matrix:{user}": Staff(f"matrix:{user}", "bup", kim.name, kim.title, identities=(f"matrix:{user}",))
        for user in members
    }
    changed = Directory(dict(known.agencies), {**known.staff, **more})
    await both.story.writing(lambda tx: tx.replace_directory(changed, "operator"))


async def _doctor(story: Story) -> list[str]:
    return [str(line) async for line in findings(story.bot.settings)]


def _megabytes() -> float:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - as short as it is
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
