"""Keys that do not come: they are asked for again, and if that helps nothing, the person is told plainly."""

from __future__ import annotations

from typing import Any

import pytest

from bot.matrix.server.stream import Stream
from domain.summons import Standing
from tests import npm
from tests.matrix.both import Both
from tests.matrix.client import current
from tests.matrix.element import Element

pytestmark = [pytest.mark.matrix, pytest.mark.slow]


class Losing:
    """Loses the keys that come with messages, until it is told to stop; `lost` counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lost = 0
        self.losing = True
        take = Stream._to_device  # noqa: SLF001 - where keys come in

        async def losing(stream: Stream, raw: dict[str, Any]) -> None:
            if self.losing and raw["type"] == "m.room.encrypted":
                self.lost += 1
                return
            await take(stream, raw)

        monkeypatch.setattr(Stream, "_to_device", losing)


@pytest.mark.skipif(bool(npm.missing()), reason=npm.missing())
async def test_a_key_that_was_lost_is_asked_for_and_the_answer_counts(
    both: Both, sven: Element, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Element gives its own key once more to whom it had given it before."""
    event = await both.summons()
    await sven.wait_for(both.story.code)
    losing = Losing(monkeypatch)
    ask = type(both.platform.session).ask_for_key

    async def asking(*arguments: Any) -> None:
        losing.losing = False
        await ask(*arguments)

    monkeypatch.setattr(type(both.platform.session), "ask_for_key", asking)
    await sven("thread", room=both.room, root=event, text="1")
    await both.becomes(Standing.RECEIVED)
    assert losing.lost >= 1


async def test_a_message_that_stays_unreadable_is_told_to_its_writer_once(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await both.summons()
    both.platform._stream._patience = 0.5  # noqa: SLF001 - a minute is long for a test
    losing = Losing(monkeypatch)
    await both.julia.session.store.crypto.remove_outbound_group_session(both.room)  # type: ignore[arg-type]
    await both.julia.say(both.room, "1", thread=event)
    told = await both.julia.wait_for("kunde inte läsa")
    assert losing.lost >= 1
    assert told["content"]["m.relates_to"]["event_id"] == event
    assert await both.standing() is Standing.SENT
    # Written again as the word asks, it counts: by then the writer's program has made a new key.
    losing.losing = False
    await both.julia.session.store.crypto.remove_outbound_group_session(both.room)  # type: ignore[arg-type]
    await both.julia.say(both.room, "1", thread=event)
    await both.becomes(Standing.RECEIVED)
    assert len([e for e in both.julia.seen if "kunde inte läsa" in current(e)]) == 1
