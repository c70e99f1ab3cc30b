"""A real server and real programs of people, for the tests of this folder."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.matrix.server.session import MatrixSettings
from storage.encryption.cipher import fresh_key
from tests import synapse
from tests.matrix.bare import Bot
from tests.matrix.both import Both, on_both
from tests.matrix.client import Person
from tests.matrix.element import Element

_numbers = itertools.count()


NewPerson = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def person(homeserver: synapse.Synapse, tmp_path: Path) -> AsyncIterator[NewPerson]:
    """Make people with accounts of their own, each with a signed device."""
    made: list[Person] = []

    async def _(name: str) -> Person:
        account = f"{name}{next(_numbers)}"
        homeserver.register(account)
        someone = Person(homeserver.url, homeserver.login(account), tmp_path)
        await someone.open()
        made.append(someone)
        return someone

    yield _
    for someone in made:
        await someone.close()


@pytest.fixture
async def bot(homeserver: synapse.Synapse, tmp_path: Path) -> AsyncIterator[Bot]:
    name = f"bot{tmp_path.name}".replace("_", "").lower()
    homeserver.register(name)
    login = homeserver.login(name)
    settings = MatrixSettings(homeserver.url, login.user, login.token, store=tmp_path / "matrix.db")
    made = await Bot(settings, fresh_key()).open()
    await made.session.machine.generate_recovery_key()
    await made.stream.step(0)
    yield made
    await made.session.close()


@pytest.fixture
async def both(homeserver: synapse.Synapse, person: NewPerson, tmp_path: Path) -> AsyncIterator[Both]:
    """A story over both platforms."""
    async with on_both(homeserver, person, tmp_path) as made:
        yield made


@pytest.fixture
async def sven(homeserver: synapse.Synapse, both: Both) -> AsyncIterator[Element]:
    """Sven of BUP, whose program is Element's library."""
    name = f"sven{abs(hash(both.room))}"
    homeserver.register(name)
    element = Element(homeserver, homeserver.login(name))
    await element.open()
    await both.julia.session.client.invite_user(both.room, element.user)  # type: ignore[arg-type]
    await element("join", room=both.room)
    await both.knows_as_sven(element.user)
    yield element
    await element.close()
