"""Element's own encryption, trusting only signed devices, reads all that the bot says and is read by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from domain.address import Address, Kind
from domain.directory import Directory
from domain.summons import Standing
from tests import npm
from tests.matrix.client import Person
from tests.matrix.element import Element
from tests.matrix.test_both import Both, both  # noqa: F401 - the same story
from tests.synapse import Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow, pytest.mark.skipif(bool(npm.missing()), reason=npm.missing())]

NewPerson = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def sven(homeserver: Synapse, both: Both) -> AsyncIterator[Element]:  # noqa: F811
    """Sven of BUP, whose program is Element's library."""
    name = f"sven{abs(hash(both.room))}"
    homeserver.register(name)
    element = Element(homeserver, homeserver.login(name))
    await element.open()
    await both.julia.session.client.invite_user(both.room, element.user)  # type: ignore[arg-type]
    await element("join", room=both.room)
    directory = await both.story.reading(lambda reader: reader.directory)
    known = directory.staff["slack:T0/U0SVEN"]
    staff = {**directory.staff, known.id: replace(known, identities=(f"matrix:{element.user}", *known.identities))}
    changed = Directory(dict(directory.agencies), staff)
    assert changed.agencies["bup"].addresses == (Address("matrix", Kind.ROOM, both.room),)
    await both.story.writing(lambda tx: tx.replace_directory(changed, "operator"))
    yield element
    await element.close()


async def test_a_summons_is_read_answered_and_changed_in_place(both: Both, sven: Element) -> None:  # noqa: F811
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
