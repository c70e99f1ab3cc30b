"""Reads the stream as the bot does and writes down what it took: a program for `test_kill.py` to end in the middle."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from bot.matrix.server.session import MatrixSession, MatrixSettings
from bot.matrix.server.stream import Stream
from bot.matrix.talk.arrivals import Kind
from storage.encryption.cipher import Keyring


async def read(settings: MatrixSettings, key: str, place: Path) -> None:
    session = MatrixSession(settings, Keyring([key]))
    await session.open()
    stream = Stream(session)
    await stream.resume()
    with place.open("a") as taken:
        while True:
            await stream.step(1000)
            while (waiting := await session.store.next()) is not None:
                arrived = waiting.arrived
                if arrived is not None and arrived.kind is Kind.WORD:
                    # Taken under its name, as the inbox of the bot's database does: a second time changes nothing.
                    taken.write(f"{arrived.event} {arrived.text} {arrived.sure}\n")
                    taken.flush()
                    os.fsync(taken.fileno())
                await session.store.done(waiting.event)


if __name__ == "__main__":
    url, user, token, store, key, place = sys.argv[1:]
    asyncio.run(read(MatrixSettings(url, user, token, store=Path(store)), key, Path(place)))
