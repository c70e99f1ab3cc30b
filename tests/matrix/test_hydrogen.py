"""Hydrogen in Chromium, which knows no threads: a reaction is pressed, and a reply to the question binds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from domain.summons import Standing
from tests.conftest import IN_CI
from tests.matrix import hydrogen
from tests.matrix.both import Both, NewPerson
from tests.synapse import Synapse

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.slow,
    pytest.mark.skipif(bool(hydrogen.missing()) and not IN_CI, reason=hydrogen.missing()),
]


async def test_a_reaction_is_pressed_and_the_question_answered(
    both: Both, homeserver: Synapse, person: NewPerson
) -> None:
    sven = await person("sven")
    await both.julia.session.client.invite_user(both.room, sven.user)  # type: ignore[arg-type]
    await sven.join_next()
    await both.knows_as_sven(sven.user)
    async with hydrogen.opened() as page:
        await page.logs_in(homeserver, sven.user[1:].partition(":")[0])
        await sven.signs()
        await page.opens_the_room()
        await both.summons()
        await page.reads(both.story.code)
        await page.presses("✅", both.story.code)
        await page.reads("räknas inte som svar")
        assert await both.standing() is Standing.SENT
        await page.replies("räknas inte som svar", "ja")
        await both.becomes(Standing.RECEIVED)
        await both.settle()
        await page.reads("bekräftade mottagandet")  # Hydrogen knows no edits: it shows what changed as said anew
        if folder := os.environ.get("TEST_SHOTS"):
            await page.page.screenshot(path=Path(folder) / "hydrogen.png")
