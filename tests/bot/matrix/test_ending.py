"""A bot that is ended while its server is slow ends: a file that stays open would keep the process alive for ever."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from bot.matrix.server.session import MatrixSession, MatrixSettings
from bot.matrix.server.store import MatrixStore
from storage.encryption.cipher import Keyring, fresh_key
from storage.errors import Undecipherable


async def _says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


def _threads_of_files() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "connection_worker" in thread.name}


@pytest.mark.parametrize("later", [0.0, 0.01, 0.2])
async def test_a_session_that_is_cancelled_while_it_opens_closes_its_file(tmp_path: Path, later: float) -> None:
    server = await asyncio.start_server(_says_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = MatrixSettings(f"http://127.0.0.1:{port}", "@sip:hs.example", "t", store=tmp_path / "m.db")
    before = _threads_of_files()
    opening = asyncio.create_task(MatrixSession(settings, Keyring([fresh_key()])).open())
    while not (tmp_path / "m.db").exists() or _threads_of_files() == before:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.01)
    await asyncio.sleep(later)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert await _none_more_than(before)
    server.close()


async def test_a_session_that_cannot_even_begin_to_connect_closes_its_file(tmp_path: Path) -> None:
    settings = MatrixSettings("nonsense", "no id", "t", store=tmp_path / "m.db")
    before = _threads_of_files()
    with pytest.raises(ValueError, match="User IDs"):
        await MatrixSession(settings, Keyring([fresh_key()])).open()
    assert await _none_more_than(before)


async def test_a_file_that_is_under_other_secret_keys_is_closed_again(tmp_path: Path) -> None:
    ours = MatrixStore(tmp_path / "m.db", "@sip:hs.example", Keyring([fresh_key()]))
    await ours.open()
    await ours.close()
    before = _threads_of_files()
    with pytest.raises(Undecipherable):
        await MatrixStore(tmp_path / "m.db", "@sip:hs.example", Keyring([fresh_key()])).open()
    assert await _none_more_than(before)


async def _none_more_than(before: set[threading.Thread]) -> bool:
    for _ in range(100):
        if _threads_of_files() <= before:
            return True
        await asyncio.sleep(0.02)
    return False
