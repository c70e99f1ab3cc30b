"""A visitor to a database: the program as it is now, opened on what a version before has left.

No chat and no mail server is there: letters are given to carriers that note them and bring them nowhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx2 as httpx
import msgspec
from pydantic import SecretStr

from bot.app import Bot, build
from bot.clock import MovableClock
from bot.delivery.courier import Courier
from bot.delivery.letter_work import CaseLetters
from bot.delivery.outcome import Receipt, Sent
from bot.delivery.transport import Delivery
from bot.metrics import Metrics
from bot.settings import Settings
from domain.case import Case
from handlers.ui.cards import Button, Card
from handlers.ui.events import Command, Press, Sender, Submit
from handlers.ui.outgoing import Outgoing
from handlers.ui.responses import Response
from storage.audit import Break, Walk
from storage.export import export_case
from storage.journal import JournalRow
from storage.outbox.letter import Rank
from storage.posts import Post
from storage.transaction import Reader, Transaction
from tests.handlers.story import MAIL_FROM
from tests.storage.versions.described import case_in_words

T = TypeVar("T")

PUBLIC = "https://sip.exempel.invalid"
# Long enough for every letter to be tried again after trouble, and shorter than a night.
ROUNDS, STEP = 40, timedelta(minutes=5)
# More than the letters that wait to answer somebody.
MANY = 1000


@dataclass
class Note:
    """A carrier that takes every letter and notes its key."""

    prefix: str
    keys: list[str] = field(default_factory=list)

    def pause(self, address: str) -> float:
        return 0.0

    async def alive(self) -> bool:
        return True

    async def room(self, rank: int) -> None:
        return

    async def deliver(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        self.keys.append(key)
        return Sent(
            Receipt("C0NOTE", str(len(self.keys)))
            if self.prefix == "slack:"
            else Receipt(message=f"<{len(self.keys)}@exempel.invalid>")
        )

    async def find(
        self, address: str, composed: Outgoing, key: str, since: datetime, post: Post | None
    ) -> Receipt | None:
        return None


class Visitor:
    """Reads, presses, sends forms and lets letters go out."""

    def __init__(self, bot: Bot, clock: MovableClock) -> None:
        self.bot = bot
        self.clock = clock
        self._arrivals = 0

    async def reading(self, work: Callable[[Reader], T]) -> T:
        return await asyncio.wrap_future(self.bot.database.read(work))

    async def writing(self, work: Callable[[Transaction], T]) -> T:
        return await asyncio.wrap_future(self.bot.database.write(work))

    async def case(self, code: str) -> Case:
        return await self.reading(lambda reader: reader.cases.get(code))

    async def tells(self, code: str) -> dict[str, Any]:
        """Return all that is held on a case, in words that no version changes."""
        return await self.reading(lambda reader: case_in_words(reader, code))

    async def journal(self, code: str, action: str) -> list[JournalRow]:
        rows = await self.reading(lambda reader: reader.journal.read(code))
        return [row for row in rows if row.entry.action == action]

    async def types(self, identity: str, text: str) -> Response:
        return await self.bot.gateway(Command(Sender(identity, "sv-SE"), self._key(), text))

    async def acts(self, kept: Mapping[str, Any]) -> Response:
        """Press a kept button or send a kept form, as the one who had it before them."""
        sender = Sender(f"slack:T0/{kept['who']}", "sv-SE")
        if kept["kind"] == "press":
            return await self.bot.gateway(
                Press(sender, self._key(), kept["name"], kept["token"], "https://svar.invalid")
            )
        values = {name: tuple(v) if isinstance(v, list) else v for name, v in kept["values"].items()}
        return await self.bot.gateway(Submit(sender, self._key(), kept["name"], kept["token"], values))

    async def turns(self, identity: str, button: Button) -> Card:
        """Press a button that is answered with a card, and return the card, which goes out as a letter."""
        key = self._key()
        await self.bot.gateway(
            Press(Sender(identity, "sv-SE"), key, button.action, button.token, "https://svar.invalid")
        )
        lent = await self.writing(
            lambda tx: tx.outbox.claim(tx.now, MANY, "visitor", timedelta(hours=1), (Rank.ANSWER,))
        )
        whisper = next(claim.letter for claim in lent if claim.letter.key == f"whisper:{key}")
        return msgspec.json.decode(str(whisper.args["card"]), type=Card)

    def _key(self) -> str:
        self._arrivals += 1
        return f"visit:{self._arrivals}"

    async def delivers(self) -> list[str]:
        """Let the courier bring all that waits, and return the keys of the letters in the order they were carried."""
        transports = [Note("slack:"), Note("mail:")]
        outcome = CaseLetters(self.bot.services)
        courier = Courier(self.bot.database, transports, outcome, self.clock, Metrics(), "visitor")
        await self.writing(lambda tx: tx.outbox.release())
        for _ in range(ROUNDS):
            await courier.deliver_due()
            self.clock.move_to(self.clock.now() + STEP)
        return [key for carrier in transports for key in carrier.keys]

    async def overview(self, secret: str) -> tuple[int, str]:
        """Read an overview at its secret address; return the answer's status and what it said."""
        transport = httpx.ASGITransport(app=self.bot.web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            response = await client.get(f"/kalender/{secret}.ics")
        return response.status_code, response.text

    async def breaks(self) -> list[Break]:
        """Prove the whole journal; return what does not hold."""
        walk = Walk()
        while not walk.done:
            await self.reading(lambda reader: reader.audit.go_on(walk, 500))
        return [*walk.breaks, *await self.reading(lambda reader: list(reader.audit.gone()))]

    async def export(self, code: str) -> dict[str, Any]:
        return await self.reading(lambda reader: export_case(reader, code))


@asynccontextmanager
async def visiting(url: str, keys: list[str], at: datetime) -> AsyncIterator[Visitor]:
    """Open a database that is at the newest schema, at a moment."""
    clock = MovableClock(at)
    chosen = Settings.model_construct(
        sipbot_database_url=url,
        sipbot_secret_keys=tuple(SecretStr(key) for key in keys),
        sipbot_smtp_url=SecretStr("smtp://127.0.0.1:9"),  # so that mail counts as set up; nothing is sent there
        sipbot_mail_from=MAIL_FROM,
        sipbot_public_url=PUBLIC,
        sipbot_feed=True,
    )
    bot = build(chosen, clock)
    try:
        yield Visitor(bot, clock)
    finally:
        await bot.stop()
