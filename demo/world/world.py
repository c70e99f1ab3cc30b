"""The demo world as a whole: stand-ins for Slack and Matrix, mail server, the bot as it is, a clock that can be moved.

The bot does not know that it is in a demo: it gets signed requests over HTTP, calls the Web API over HTTP, and sends
mail by SMTP. Only its clock is another.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.app import Bot, build
from bot.clock import MovableClock
from bot.settings import Settings
from demo.listening import Listener
from demo.matrix.held import Event
from demo.matrix.homeserver import Homeserver
from demo.matrix.person import Person as MatrixPerson
from demo.matrix.platform import MatrixInMemory, MatrixOf
from demo.slack.people.person import Person as SlackPerson
from demo.slack.serving import Server
from demo.slack.stand_in import StandIn
from demo.world.clockwork import Clockwork
from demo.world.figures import COUNTED_ON, invented
from demo.world.kept import Kept, gathered, read_kept, restore, write_kept
from demo.world.people import demo_directory, demo_seed, demo_users, furnish
from demo.world.postbox import Postbox
from demo.world.texts import Language, Texts, texts
from demo.world.troubles import Troubles
from demo.world.watching import Watch
from domain.days import WorkCalendar
from storage.encryption.cipher import fresh_key
from storage.migrate import migrate

# A Monday morning with Christmas a month ahead, so that holidays can be met by moving the clock.
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class World:
    """Everything of one demo, in one event loop. A folder that held a world before is taken up where it was left."""

    def __init__(self, folder: Path, language: Language = "sv", start: datetime = START) -> None:
        self.folder = folder
        self._kept: Kept | None = read_kept(folder)
        self.language: Language = language if self._kept is None else self._kept.language
        self.clock = MovableClock(start if self._kept is None else self._kept.now)
        self.postbox = Postbox()
        self.slack = StandIn(demo_seed(self.words), clock=lambda: self.clock.now().timestamp(), rate_limited=False)
        self.matrix = Homeserver(
            lambda: self.clock.now().timestamp(), None if self._kept is None else self._kept.matrix
        )
        furnish(self.matrix, self.words)
        self._matrix_people = {user.name: MatrixPerson(user, self.matrix, self._hear) for user in demo_users()}
        self.troubles = Troubles(self.slack)
        self.watch = Watch()
        self._slack_server = Server(self.slack)
        self._bot: Bot | None = None
        self._bot_door: Listener | None = None
        self._clockwork: Clockwork | None = None

    @property
    def words(self) -> Texts:
        """Return the demo's own texts."""
        return texts(self.language)

    @property
    def bot(self) -> Bot:
        """Return the running bot.

        Raises:
            RuntimeError: the world is not open.
        """
        if self._bot is None:
            raise RuntimeError("the world is not open")
        return self._bot

    @property
    def calendar(self) -> WorkCalendar:
        """Return the region's working days."""
        return self.bot.services.rules.calendar

    @property
    def zone(self) -> ZoneInfo:
        """Return the region's time zone."""
        return self.bot.settings.zone

    def now(self) -> datetime:
        """Return the world's time on the wall."""
        return self.clock.now().astimezone(self.zone)

    def person(self, name: str) -> SlackPerson | MatrixPerson:
        """Return somebody by their short name, wherever they are; raises NotVisible for nobody."""
        found = self._matrix_people.get(name)
        return self.slack.person(name) if found is None else found

    async def _hear(self, event: Event) -> None:
        """Have the bot hear what somebody did on Matrix."""
        for platform in self.bot.platforms:
            if isinstance(platform, MatrixInMemory):
                await platform.hear(event)

    async def open(self) -> None:
        """Start all parts and let them know of each other."""
        await self._slack_server.start()
        settings = self._settings(await self.postbox.open())
        await asyncio.to_thread(migrate, settings.sipbot_database_url)
        self._bot = bot = build(settings, self.clock, [MatrixOf(self.matrix)])
        self._clockwork = Clockwork(bot.database, bot.scheduler, bot.courier, self.clock)
        directory = demo_directory(self.words)
        await asyncio.wrap_future(bot.database.write(lambda tx: tx.replace_directory(directory, "operator")))
        self._bot_door = Listener(self.watch.around(bot.web))
        await self._bot_door.start()
        self.slack.connect(self._bot_door.url)
        if self._kept is None:
            await asyncio.wrap_future(bot.database.write(lambda tx: tx.figures.grow(invented(), COUNTED_ON)))
        else:
            restore(self._kept, self.slack, self.postbox)
        await bot.start("web")
        if bot.answers is not None:
            await bot.answers.start()  # they come by mail, which is not the web's part

    def _settings(self, smtp_url: str) -> Settings:
        return Settings.model_construct(
            slack_signing_secret=SecretStr(self.slack.state.app.signing_secret),
            slack_bot_token=SecretStr(self.slack.bot_token()),
            slack_app_token=SecretStr(""),
            slack_api_url=f"{self._slack_server.url}/api/",
            sipbot_database_url=f"sqlite:///{self.folder / 'sipbot.db'}",
            sipbot_secret_keys=(SecretStr(self._key()),),
            sipbot_smtp_url=SecretStr(smtp_url),
            sipbot_mail_from="sip@kalender.exempel.invalid",
            sipbot_lmtp_port=0,  # any free one
            sipbot_language=self.language,
        )

    def _key(self) -> str:
        """Return the world's key, which lives as long as its folder."""
        place = self.folder / "key"
        if not place.exists():
            place.touch(mode=0o600)
            place.write_text(fresh_key())
        return place.read_text()

    @property
    def _time(self) -> Clockwork:
        if self._clockwork is None:
            raise RuntimeError("the world is not open")
        return self._clockwork

    async def pulse(self) -> None:
        """Let happen what is due at this moment."""
        await self._time.pulse()

    async def settle(self) -> None:
        """Let everything happen that begins now; half a minute passes when letters need it."""
        await self._time.settle()

    async def move_to(self, instant: datetime) -> None:
        """Let time pass until `instant`; what falls due on the way happens in its order."""
        await self._time.move_to(instant)

    def keep(self) -> None:
        """Write down what the stand-in and the mail server hold; the bot keeps its own database."""
        write_kept(self.folder, gathered(self.slack, self.matrix, self.postbox, self.clock.now(), self.language))

    async def close(self) -> None:
        """Stop everything."""
        if self._bot_door is not None:
            await self._bot_door.stop()
        if self._bot is not None:
            await self._bot.stop()
        await self._slack_server.stop()
        await self.postbox.close()


@asynccontextmanager
async def open_world(folder: Path | None = None, language: Language = "sv") -> AsyncIterator[World]:
    """Open a world, in a folder that is kept or in one that goes with it."""
    place = folder or Path(tempfile.mkdtemp(prefix="sipbot-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    world = World(place, language)
    try:
        await world.open()
        yield world
        if folder is not None:
            world.keep()
    finally:
        await world.close()
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
