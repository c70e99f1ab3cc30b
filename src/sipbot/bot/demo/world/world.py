"""The demo world as a whole: stand-in Slack, mail server, and the bot as it is, on a clock that can be moved.

The bot does not know that it is in a demo: it gets signed requests over HTTP, calls the Web API over HTTP, and sends
mail by SMTP. Only its clock is another.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

import uvicorn
from pydantic import SecretStr

from sipbot.bot.app import Bot, build
from sipbot.bot.clock import MovableClock
from sipbot.bot.demo.slack.serving import Server
from sipbot.bot.demo.slack.stand_in import StandIn
from sipbot.bot.demo.world.people import demo_seed
from sipbot.bot.demo.world.postbox import Postbox
from sipbot.bot.directory_file import read_directory
from sipbot.bot.settings import Settings
from sipbot.storage.cipher import fresh_key
from sipbot.storage.schema import migrate

# A Monday morning with Christmas a month ahead, so that holidays can be met by moving the clock.
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

# The clock moves in steps no longer than this, so that everything falls due in its order.
LONGEST_STEP = timedelta(minutes=30)

# So often letters are looked for before the demo goes on without those that wait for better times.
MOST_ROUNDS = 30


class World:
    """Everything of one demo, in one event loop."""

    def __init__(self, folder: Path, start: datetime = START) -> None:
        self.folder = folder
        self.clock = MovableClock(start)
        self.postbox = Postbox()
        self.slack = StandIn(demo_seed(), clock=lambda: self.clock.now().timestamp(), rate_limited=False)
        self.slack_server = Server(self.slack)
        self.bot: Bot | None = None
        self._web: uvicorn.Server | None = None
        self._serving: asyncio.Task[None] | None = None
        # The clock stands while letters are under way: a lease must not run out because a day was skipped.
        self._turn = asyncio.Lock()

    async def open(self, language: Literal["sv", "en"] = "sv") -> None:
        """Start all parts and let them know of each other."""
        await self.slack_server.start()
        settings = self._settings(await self.postbox.open(), language)
        await asyncio.to_thread(migrate, settings.sipbot_database_url)
        self.bot = bot = build(settings, self.clock)
        with as_file(files("sipbot.bot.demo.world") / "directory.toml") as path:
            directory = read_directory(path)
        await asyncio.wrap_future(bot.database.write(lambda tx: tx.replace_directory(directory, "operator")))
        await self._serve(bot)
        await bot.start("web")

    def _settings(self, smtp_url: str, language: Literal["sv", "en"]) -> Settings:
        return Settings.model_construct(
            slack_signing_secret=SecretStr(self.slack.state.app.signing_secret),
            slack_bot_token=SecretStr(self.slack.bot_token()),
            slack_app_token=SecretStr(""),
            slack_api_url=f"{self.slack_server.url}/api/",
            sipbot_database_url=f"sqlite:///{self.folder / 'sipbot.db'}",
            sipbot_secret_keys=(SecretStr(self._key()),),
            sipbot_smtp_url=SecretStr(smtp_url),
            sipbot_mail_from="sip@kalender.exempel.invalid",
            sipbot_language=language,
        )

    def _key(self) -> str:
        """Return the world's key, which lives as long as its folder."""
        place = self.folder / "key"
        if not place.exists():
            place.write_text(fresh_key())
            place.chmod(0o600)
        return place.read_text()

    async def _serve(self, bot: Bot) -> None:
        config = uvicorn.Config(bot.web, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off")
        self._web = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._web.serve())
        while not self._web.started:
            await asyncio.sleep(0.005)
        port = self._web.servers[0].sockets[0].getsockname()[1]
        self.slack.connect(f"http://127.0.0.1:{port}")

    async def settle(self) -> None:
        """Let everything that is due now happen: reminders fall due, letters arrive."""
        async with self._turn:
            await self._settle()

    async def _settle(self) -> None:
        if self.bot is None:
            return
        await self.bot.ticker.tick()
        for _ in range(MOST_ROUNDS):
            await self.bot.courier.deliver_due()
            if not await self._something_waits(self.bot):
                return
            # Letters to one place go out a second apart, by the same clock that the demo moves.
            self.clock.move_to(self.clock.now() + timedelta(seconds=1))

    async def _something_waits(self, bot: Bot) -> bool:
        waiting = await asyncio.wrap_future(bot.database.read(lambda reader: reader.outbox.oldest_waiting()))
        return waiting is not None

    async def move_to(self, instant: datetime) -> None:
        """Let time pass until `instant`; what falls due on the way happens in its order."""
        while self.clock.now() < instant:
            async with self._turn:
                self.clock.move_to(min(instant, self.clock.now() + LONGEST_STEP))
                await self._settle()
                # What was gathered for one message goes out a few seconds later.
                self.clock.move_to(self.clock.now() + timedelta(seconds=15))
                await self._settle()

    async def close(self) -> None:
        """Stop everything."""
        if self.bot is not None:
            await self.bot.stop()
        if self._web is not None and self._serving is not None:
            self._web.should_exit = True
            await self._serving
        await self.slack_server.stop()
        await self.postbox.close()


@asynccontextmanager
async def open_world(folder: Path | None = None, language: Literal["sv", "en"] = "sv") -> AsyncIterator[World]:
    """Open a world, in a folder that is kept or in one that goes with it."""
    place = folder or Path(tempfile.mkdtemp(prefix="sipbot-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    world = World(place)
    try:
        await world.open(language)
        yield world
    finally:
        await world.close()
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
