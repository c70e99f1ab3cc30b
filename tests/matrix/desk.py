"""Cases that are there before the bot starts: put into its database by its own handlers, with no platform."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any

from bot.app import build_services
from bot.clock import SystemClock
from bot.gateway import Gateway
from bot.settings import Settings
from handlers.ui.events import Command, Sender, Submit
from handlers.ui.forms import Field
from handlers.ui.responses import Ask, Say
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database
from storage.journal import OPENED, SYSTEM
from tests.handlers.story import CONSENT, OPENING, SUMMONS


class Desk:
    """Somebody's desk, without any chat. Days are counted from today, since the bot runs by the real clock."""

    def __init__(self, settings: Settings, identity: str) -> None:
        keyring = Keyring(settings.keys)
        self.database = open_database(settings.sipbot_database_url, keyring, SystemClock())
        self._gateway = Gateway(self.database, build_services(settings, keyring), lambda: None)
        self._sender = Sender(identity)
        self._numbers = 0

    def close(self) -> None:
        self.database.close()

    async def opens(self, *agencies: str) -> str:
        """Open a case and return its code."""
        today = dt.datetime.now(dt.UTC).date()
        await self._fills("ny", {**OPENING, "noticed_on": today.isoformat(), "agencies": agencies})
        rows = await self.reading(lambda reader: reader.journal.read(SYSTEM))
        codes: list[str] = [row.entry.after for row in rows if row.entry.action == OPENED]
        return codes[-1]

    async def summons(self, code: str, chair: str, *agencies: str) -> None:
        """Record the consent and summon to a working day in three weeks."""
        today = dt.datetime.now(dt.UTC).date()
        day = today + dt.timedelta(days=21 - today.weekday() + 1)
        until = (today + dt.timedelta(days=180)).isoformat()
        await self._fills(f"samtycke {code}", {**CONSENT, "agencies": agencies, "valid_until": until})
        values = {**SUMMONS, "date": day.isoformat(), "agencies": agencies, "chair": chair}
        await self._fills(f"kalla {code}", values)

    async def reading(self, work: Any) -> Any:
        return await asyncio.wrap_future(self.database.read(work))

    async def _fills(self, words: str, values: Mapping[str, Any]) -> None:
        self._numbers += 1
        key = f"desk:{self._sender.identity}:{self._numbers}"
        asked = await self._gateway(Command(self._sender, key, words))
        assert isinstance(asked, Ask), asked
        fields = [part for part in asked.form.parts if isinstance(part, Field)]
        sent = {field.name: _given(values.get(field.name, field.initial)) for field in fields}
        sent |= {"confirmed": ("yes",)} if "date" in values else {}  # who knows on which day this runs
        form = asked.form
        said = await self._gateway(Submit(self._sender, f"{key}:sent", form.name, form.token, sent))
        assert isinstance(said, Say), said


def _given(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value
