"""Fixtures of the stories."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.mail.reading_process import ReadingProcess
from bot.mail.reply import Reading, read_reply
from bot.slack import transport
from tests.handlers.at_hand import at_hand
from tests.handlers.people import disclosure
from tests.handlers.story import Story, telling

MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it


@pytest.fixture(scope="session", autouse=True)
def _unhurried_workspace() -> Iterator[None]:
    """Let the workspace take all messages at once: here the days pass faster than Slack's limits would allow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "_RATE", 1_000_000.0)
        yield


@pytest.fixture(autouse=True)
def _mails_are_read_here() -> Iterator[None]:
    """Spare each story a process that reads its mails; that process has tests of its own, and the whole program too."""

    async def read(
        reader: ReadingProcess, data: bytes, *, recipient: str | None = None, envelope_from: str | None = None
    ) -> Reading:
        return read_reply(data, reader.rules, recipient=recipient, envelope_from=envelope_from)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadingProcess, "read", read)
        yield


@pytest.fixture(autouse=True)
def _database_at_hand() -> Iterator[None]:
    """Spare each story the way to the database's threads and back."""
    with at_hand():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a story's database: in memory where the system has such a place, since each step is made durable."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="sipbot-story-") as place:
        yield Path(place)


@pytest.fixture
async def story(folder: Path, empty_database: Path) -> AsyncIterator[Story]:
    """A story of its own.

    At its end nothing may have been told that may not stand where it was told (law 4D), and the auditor finds nothing.
    """
    async with telling(folder, empty_database) as told:
        yield told
        disclosure.check(told, [await told.case(code) for code in told.codes])
        if not told.lapses_planted:
            assert await told.lapses() == []
