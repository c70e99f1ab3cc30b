"""A bare bot on the same library, for the bench of Matrix: it reads what is said, and says it again."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.matrix.client import Person
from tests.synapse import Login


async def echo(url: str, login: Login, folder: Path) -> None:
    """Answer each message with its own words, until the process is ended."""
    bot = Person(url, login, folder)
    await bot.open()
    print("ready", flush=True)
    answered = len(bot.seen)
    while True:
        await bot.sync(30.0)
        for room in bot.invited:
            await bot.session.join(room)
        bot.invited.clear()
        fresh, answered = bot.seen[answered:], len(bot.seen)
        for event in fresh:
            if event["sender"] != bot.user and event["encrypted"]:
                await bot.say(event["room_id"], event["content"]["body"])


if __name__ == "__main__":
    homeserver, user, token, device, place = sys.argv[1:]
    asyncio.run(echo(homeserver, Login(user, token, device), Path(place)))
