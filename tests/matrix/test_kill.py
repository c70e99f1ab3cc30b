"""A bot that is killed again and again while people write loses nothing that they wrote."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.matrix.login import log_in
from bot.matrix.server.session import MatrixSession, MatrixSettings
from bot.matrix.server.stream import Stream
from storage.encryption.cipher import Keyring, fresh_key
from tests.matrix.client import Person
from tests.synapse import PASSWORD, Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
WORDS = 60
PATIENCE = 120.0

NewPerson = Callable[[str], Awaitable[Person]]


async def test_every_word_is_taken_though_the_bot_is_killed_while_it_reads(
    homeserver: Synapse, person: NewPerson, tmp_path: Path
) -> None:
    key, taken = fresh_key(), tmp_path / "taken"
    homeserver.register("killed")
    reach = MatrixSettings(homeserver.url, f"@killed:{homeserver.name}", "", store=tmp_path / "matrix.db")
    kept = await log_in(reach, PASSWORD, Keyring([key]))
    anna = await person("anna")
    room = await _met(anna, MatrixSettings(homeserver.url, kept.user, kept.token, store=reach.store), key)
    arguments = [homeserver.url, kept.user, kept.token, str(reach.store), key, str(taken)]
    writing = asyncio.create_task(_write(anna, room))
    kills = 0
    chance = random.Random(7)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        before = len(_taken(taken))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.matrix.reader",
            *arguments,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        # Killed a moment after it has begun to take words, somewhere in the middle of what it does. On a machine so
        # busy that the starts alone take too long it may read on at last.
        spared = time.monotonic() > until - PATIENCE / 2
        while (spared or len(_taken(taken)) == before) and time.monotonic() < until:
            if _whole(taken):
                break
            await asyncio.sleep(0.01)  # another process writes the file
        await asyncio.sleep(chance.uniform(0, 0.3))
        process.kill()
        await process.wait()
        kills += 1
        if writing.done() and _whole(taken):
            break
    await writing
    found = _taken(taken)
    assert sorted({text for _, text, _ in found}) == sorted(f"word{number}" for number in range(WORDS))
    assert len({event for event, _, _ in found}) == WORDS
    assert {sure for _, _, sure in found} == {"True"}
    assert kills > 2


async def _met(anna: Person, settings: MatrixSettings, key: str) -> str:
    """Bring Anna and the bot into one room."""
    session = MatrixSession(settings, Keyring([key]))
    await session.open()
    stream = Stream(session)
    await stream.resume()
    await stream.step(0)
    room = await session.create_room("killed", anna.user)
    await anna.join_next()
    await stream.step(0)
    await session.close()
    return room


async def _write(anna: Person, room: str) -> None:
    for number in range(WORDS):
        await anna.say(room, f"word{number}")
        if number % 10 == 9:
            # A fresh key for the room, so that keys too are under way when the bot dies.
            await anna.session.store.crypto.remove_outbound_group_session(room)  # type: ignore[arg-type]
        await asyncio.sleep(0.1)


def _taken(place: Path) -> list[tuple[str, str, str]]:
    lines = place.read_text().splitlines() if place.exists() else []
    return [(event, text, sure) for event, text, sure in (line.split(" ") for line in lines if line.count(" ") == 2)]


def _whole(place: Path) -> bool:
    return len({text for _, text, _ in _taken(place)}) == WORDS
