"""Element's own encryption, trusting only signed devices, reads all that the bot says and is read by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from domain.summons import Standing
from tests import npm
from tests.conftest import IN_CI
from tests.matrix.both import Both
from tests.matrix.client import Person
from tests.matrix.element import Element

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.slow,
    pytest.mark.skipif(bool(npm.missing()) and not IN_CI, reason=npm.missing()),
]

NewPerson = Callable[[str], Awaitable[Person]]


async def test_a_summons_is_read_answered_and_changed_in_place(both: Both, sven: Element) -> None:
    event = await both.summons()
    shown = await sven.wait_for(both.story.code)
    assert (shown["event"], shown["wire"], shown["failed"]) == (event, "m.room.encrypted", "")
    await sven("react", room=both.room, event=event, sign="🕘")
    await sven.wait_for("räknas inte som svar")
    await sven("thread", room=both.room, root=event, text="ja")
    await sven.wait_for("1/2")
    await sven("thread", room=both.room, root=event, text="10/12 14.00")
    await sven.wait_for("Stämmer allt?")
    await sven("thread", room=both.room, root=event, text="ja")
    await both.becomes(Standing.PROPOSED)
    await both.settle()
    for _ in range(100):
        if "14.00" in await sven("shows", room=both.room, event=event):
            break
        await both.julia.sync(0.1)
    assert "10 dec" in await sven("shows", room=both.room, event=event)
    assert not [one for one in sven.seen if one["failed"]]
