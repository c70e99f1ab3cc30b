"""A real server and real programs of people, for the tests of this folder."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests import synapse
from tests.matrix.client import Person

_numbers = itertools.count()


@pytest.fixture(scope="session")
def homeserver() -> Iterator[synapse.Synapse]:
    """One Synapse for the whole run."""
    try:
        with synapse.running() as server:
            yield server
    except synapse.SynapseMissingError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


NewPerson = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def person(homeserver: synapse.Synapse, tmp_path: Path) -> AsyncIterator[NewPerson]:
    """Make people with accounts of their own, each with a signed device."""
    made: list[Person] = []

    async def _(name: str) -> Person:
        account = f"{name}{next(_numbers)}"
        homeserver.register(account)
        someone = Person(homeserver, homeserver.login(account), tmp_path)
        await someone.open()
        made.append(someone)
        return someone

    yield _
    for someone in made:
        await someone.close()
