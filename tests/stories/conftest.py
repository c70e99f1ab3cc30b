"""Each story is told on every platform, and must leave the same journal on all."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.slack import transport
from tests.stories.memory import in_memory
from tests.stories.slack import SlackWorld, over_slack
from tests.stories.world import World
from tests.synapse import Synapse

if TYPE_CHECKING:
    from tests.stories.company import Company
    from tests.stories.matrix import MatrixWorld

MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it


NOT_OVER_MATRIX = {
    "test_each_person_is_answered_in_their_own_language": "Matrix tells no bot which language somebody reads",
}


@pytest.fixture(scope="session", autouse=True)
def _unhurried_workspace() -> Iterator[None]:
    """Let the workspace take all messages at once: here the days pass faster than Slack's limits would allow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "_RATE", 1_000_000.0)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for databases: in memory where the system has such a place, since each step is made durable."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="sipbot-story-") as place:
        yield Path(place)


@pytest.fixture(autouse=True)
def _nothing_goes_wrong_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let no error be caught and logged, for instance in a letter that could not be composed."""
    yield
    assert [
        r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR and "error" in r.__dict__
    ] == []


@pytest.fixture(scope="session")
def company(homeserver: Synapse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The people of all stories that are told over Matrix."""
    # The library of Matrix is loaded for those stories alone.
    from tests.stories.company import Company  # noqa: PLC0415

    within = MEMORY if os.access(MEMORY, os.W_OK) else tmp_path_factory.mktemp("company")
    with tempfile.TemporaryDirectory(dir=within, prefix="sipbot-company-") as place:
        yield Company(homeserver, Path(place))


@pytest.fixture(params=["memory", "slack", pytest.param("matrix", marks=[pytest.mark.matrix, pytest.mark.slow])])
async def world(request: pytest.FixtureRequest, folder: Path, empty_database: Path) -> AsyncIterator[World]:
    """A platform with the bot on it. What is told on another than the one in memory is told there too, and compared."""
    if request.param == "memory":
        async with in_memory(Path(shutil.copyfile(empty_database, folder / "memory.db"))) as found:
            yield found
        return
    async with _over(request, folder, empty_database) as told:
        yield told
        journal = await told.journal()
    given = request.node.callspec.params.items()
    parameters = {name: value for name, value in given if name != "world" and not name.startswith("_")}
    async with in_memory(Path(shutil.copyfile(empty_database, folder / "memory.db"))) as again:
        await request.function(world=again, **parameters)
        assert same_order(await again.journal()) == same_order(journal)


def _over(
    request: pytest.FixtureRequest, folder: Path, empty_database: Path
) -> AbstractAsyncContextManager[SlackWorld | MatrixWorld]:
    if request.param == "slack":
        return over_slack(folder, empty_database)
    if request.function.__name__ in NOT_OVER_MATRIX:
        pytest.skip(NOT_OVER_MATRIX[request.function.__name__])
    from tests.stories.matrix import over_matrix  # noqa: PLC0415 - as above

    return over_matrix(folder, empty_database, request.getfixturevalue("company"))


def same_order(journal: list[str]) -> list[str]:
    """Return a journal in which letters that went out together stand in one order: which arrives first is chance."""
    runs = itertools.groupby(journal, lambda line: line.startswith("letter."))
    return [line for are_letters, run in runs for line in (sorted(run) if are_letters else run)]
