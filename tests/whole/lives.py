"""Lives: stories on any database, whose Slack and mail server can be taken away while they go on."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from starlette.types import Message as AsgiMessage

from sipbot.bot.app import build
from sipbot.bot.clock import MovableClock
from sipbot.bot.demo.slack.serving import Server
from sipbot.bot.demo.slack.stand_in import StandIn
from sipbot.bot.demo.world.postbox import Postbox
from sipbot.bot.settings import Settings
from sipbot.storage.cipher import fresh_key
from tests.handlers import town
from tests.handlers.story import MAIL_FROM, MONDAY, Story, buttons, method_of, parsed

_VARYING = re.compile(r"SIP-\w{5}-\w|\d+")


class Life(Story):
    """A story whose Slack can be stopped and started again on the same port: `life.server`."""

    server: Server

    async def calm(self) -> None:
        """Let time pass until nothing waits to be sent any more."""
        while True:
            await self.settle()
            counts = await self.reading(lambda reader: reader.outbox.counts())
            if not counts.waiting + counts.taken:
                return
            ready = await self.writing(lambda tx: tx.outbox.next_ready())
            assert ready is not None
            self.clock.move_to(max(self.clock.now() + timedelta(seconds=1), ready))

    async def metric(self, name: str) -> float:
        """Return one number of `GET /metrics`."""
        lines = (await _get(self.bot.web, "/metrics")).splitlines()
        return float(next(line for line in lines if line.startswith(name)).rpartition(" ")[2])

    def picture(self) -> Counter[tuple[str, ...]]:
        """Return what everybody has before them, codes and numbers left out: the messages that stand, and the mails."""
        seen: Counter[tuple[str, ...]] = Counter()
        for message in self.slack.state.messages.everywhere():
            if not message.deleted and message.only_for is None:
                what = "file" if message.files else _VARYING.sub("…", message.text)
                thread = "in a thread" if message.thread_ts else ""
                seen[(self.place(message.channel), thread, what, *buttons(message.blocks))] += 1
        for mail in self.postbox.mails:
            message = parsed(mail)
            seen[(mail.recipient, method_of(message), _VARYING.sub("…", str(message["Subject"])))] += 1
        return seen


async def _get(app: Any, path: str) -> str:
    sent: list[AsgiMessage] = []

    async def receive() -> AsgiMessage:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: AsgiMessage) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "root_path": ""}
    await app(scope, receive, send)
    return b"".join(message.get("body", b"") for message in sent).decode()


@asynccontextmanager
async def living(folder: Path, url: str, postbox: Postbox | None = None, **changes: Any) -> AsyncIterator[Life]:
    """Tell a story on the database of a URL, which must be at the newest schema; `changes` are settings."""
    clock = MovableClock(MONDAY)
    slack = StandIn(town.seed(), clock=lambda: clock.now().timestamp(), rate_limited=False)
    postbox = postbox or Postbox()
    server = Server(slack)
    await server.start()
    chosen = {
        "slack_signing_secret": SecretStr(slack.state.app.signing_secret),
        "slack_bot_token": SecretStr(slack.bot_token()),
        "slack_api_url": slack.api_url,
        "sipbot_database_url": url,
        "sipbot_secret_keys": (SecretStr(fresh_key()),),
        "sipbot_smtp_url": SecretStr(await postbox.open()),
        "sipbot_mail_from": MAIL_FROM,
    }
    bot = build(Settings.model_construct(**(chosen | changes)), clock)
    await asyncio.wrap_future(bot.database.write(lambda tx: tx.replace_directory(town.directory(), "operator")))
    slack.connect(bot.web)
    await bot.start("web")
    life = Life(bot, slack, postbox, clock, folder)
    life.server = server
    try:
        yield life
    finally:
        await bot.stop()
        await server.stop()
        await postbox.close()
