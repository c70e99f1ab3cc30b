"""The world of the memory platform: the bot's own parts among people, rooms and mail, and a clock moved by hand.

No network, no web server, no platform's words: what people do goes to the gateway as it is, and what the courier
carries is looked at as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from bot.app import build_services
from bot.clock import MovableClock
from bot.delivery.courier import ONE_AT_A_TIME, Courier
from bot.delivery.letter_work import CaseLetters
from bot.gateway import Gateway
from bot.metrics import Metrics
from bot.platform import Surroundings
from bot.scheduler import Scheduler
from bot.settings import Settings
from demo.memory.faults import Faults
from demo.memory.mailbox import Mailbox
from demo.memory.person import Person
from demo.memory.platform import Memory
from demo.memory.transport import PLATFORM
from demo.world.clockwork import Clockwork
from domain.directory import Directory
from handlers import calendar_replies
from handlers.services import Ids
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database

MAIL_FROM = "sip@kalender.exempel.invalid"


class World:
    """The bot, its people and their chat.

    `directory` names the agencies and their staff; those whose identity begins with `memory:` are in the chat, and each
    agency's room holds its own staff. `outsiders` are in the chat too, but not in the directory. The database at
    `database_url` must be at the newest schema. `ids` are drawn at random unless they are given.
    """

    def __init__(
        self,
        database_url: str,
        directory: Directory,
        start: datetime,
        outsiders: Iterable[str] = (),
        settings: Mapping[str, Any] | None = None,
        ids: Ids | None = None,
    ) -> None:
        chosen = Settings.model_construct(
            sipbot_database_url=database_url,
            sipbot_secret_keys=(SecretStr(fresh_key()),),
            sipbot_mail_from=MAIL_FROM,
            **(settings or {}),
        )
        keyring = Keyring(chosen.keys)
        self.clock = MovableClock(start)
        self.zone = chosen.zone
        services = replace(build_services(chosen, keyring), mail_from=MAIL_FROM)
        self.services = services if ids is None else replace(services, ids=ids)
        self.database = open_database(database_url, keyring, self.clock)
        self.faults = Faults()
        self.mailbox = Mailbox(self.faults)
        self._directory = directory
        metrics = Metrics()
        around = Surroundings(
            settings=chosen,
            gateway=Gateway(self.database, self.services, _nobody_waits),
            services=self.services,
            database=self.database,
            metrics=metrics,
            clock=self.clock,
            secret=keyring.derive,
            calendar_file=lambda _invite: b"",
        )
        self.platform = Memory(directory, tuple(outsiders), self.faults).build(around)
        self.chat, self.people = self.platform.chat, self.platform.people
        transports = (self.platform.transport, self.mailbox)
        # Letters go one after the other, so that what is played again happens in the same order again.
        courier = Courier(
            self.database,
            transports,
            CaseLetters(self.services),
            self.clock,
            metrics,
            PLATFORM,
            concurrency=ONE_AT_A_TIME,
        )
        scheduler = Scheduler(self.database, self.services, metrics, _nobody_waits, self.clock)
        self._scheduler = scheduler
        self._time = Clockwork(self.database, scheduler, courier, self.clock)

    @property
    def breaches(self) -> list[str]:
        """What went beyond the neutral language until now."""
        return [
            *self.platform.transport.breaches,
            *(breach for person in self.people.values() for breach in person.breaches),
        ]

    async def open(self) -> None:
        """Let the bot know who is who."""
        await asyncio.wrap_future(self.database.write(lambda tx: tx.replace_directory(self._directory, "operator")))

    async def close(self) -> None:
        """Close the database."""
        await asyncio.to_thread(self.database.close)

    def person(self, name: str) -> Person:
        """Return somebody in the chat by the end of their identity."""
        return self.people[name]

    def now(self) -> datetime:
        """Return the time on the wall."""
        return self.clock.now().astimezone(self.zone)

    async def settle(self) -> None:
        """Let everything happen that begins now."""
        await self._time.settle()

    async def pulse(self) -> None:
        """Let happen what is due at this moment, and no more."""
        await self._time.pulse()

    async def keep_house(self) -> None:
        """Let the bot forget what is no longer needed, as it does every six hours."""
        await self._scheduler.keep_house()

    async def until(self, moment: datetime) -> None:
        """Let time pass until a moment (without a zone: on the wall); what falls due on the way happens in order."""
        wall = moment if moment.tzinfo is not None else moment.replace(tzinfo=self.zone)
        await self._time.move_to(wall.astimezone(UTC))

    async def calendar_answers(self, address: str, kind: str, *, by: str = "", proposed: datetime | None = None) -> str:
        """Let the calendar at an address answer its newest invite; return in one word what became of it."""
        mail = self.mailbox.answer(address, kind, self.clock.now(), by=by, proposed=proposed)
        write = self.database.write(lambda tx: calendar_replies.receive(self.services, tx, mail))
        return await asyncio.wrap_future(write)


def _nobody_waits() -> None:
    """Nothing has to be woken: letters go out when the clock is looked at."""
