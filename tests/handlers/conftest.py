"""Fixtures of the stories."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError

from sipbot import templates
from sipbot.bot.slack import carrier
from sipbot.storage.schema import migrate
from tests.handlers import disclosure
from tests.handlers.story import Story, telling

MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it


class KeysForWords(templates.Words):
    """Stands in for texts that are not written yet: each is its key and what is put in."""

    def __call__(self, key: str, /, **params: object) -> str:
        try:
            return super().__call__(key, **params)
        except (templates.MissingWords, UndefinedError):
            return f"{key} {' '.join(str(value) for value in params.values())}"

    def long(self, name: str, /, **params: object) -> str:
        try:
            return super().long(name, **params)
        except (FileNotFoundError, UndefinedError):
            return f"{name} {' '.join(str(value) for value in params.values())}\n"


@pytest.fixture(scope="session", autouse=True)
def _words() -> Iterator[None]:
    real = templates.load

    @cache
    def load(language: str, zone: str) -> KeysForWords:
        written = (Path(templates.__file__).parent / language / "messages.po").exists()
        texts = real(language, zone)._texts if written else {}  # noqa: SLF001 - these words stand in for a while
        return KeysForWords(language, texts, ZoneInfo(zone))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "load", load)
        yield


@pytest.fixture(scope="session", autouse=True)
def _unhurried_workspace() -> Iterator[None]:
    """Let the workspace take all messages at once: here the days pass faster than Slack's limits would allow."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrier, "_RATE", 1_000_000.0)
        yield


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database at the newest schema, made once and copied for each story."""
    path = tmp_path_factory.mktemp("empty") / "sipbot.db"
    migrate(f"sqlite:///{path}")
    return path


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
    """A story of its own; at its end nothing may have been told that may not stand where it was told (law 4D)."""
    async with telling(folder, empty_database) as told:
        yield told
        disclosure.check(told, [await told.case(code) for code in told.codes])
