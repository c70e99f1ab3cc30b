"""Lives: stories on any database, whose Slack and mail server can be taken away while they go on."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr
from starlette.types import Message as AsgiMessage

from bot.app import build
from bot.clock import MovableClock
from bot.settings import Settings
from demo.slack.serving import Server
from demo.slack.stand_in import StandIn
from storage.encryption.cipher import fresh_key
from tests.handlers import town
from tests.handlers.letters.post_office import PostOffice
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

    async def metrics(self) -> str:
        """Return what `GET /metrics` says."""
        return await _get(self.bot.web, "/metrics")

    async def metric(self, name: str) -> float:
        """Return one number of the metrics."""
        lines = (await self.metrics()).splitlines()
        return float(next(line for line in lines if line.startswith(name)).rpartition(" ")[2])

    def picture(self) -> Counter[tuple[str, ...]]:
        """Return what everybody has before them, codes and numbers left out: the messages that stand, and the mails."""
        seen: Counter[tuple[str, ...]] = Counter()
        for message in self.slack.state.messages.everywhere():
            if not message.deleted and message.only_for is None:
                what = "file" if message.files else _VARYING.sub("…", message.text)
                thread = "in a thread" if message.thread_ts else ""
                seen[(self.place(message.channel), thread, what, *buttons(message.blocks))] += 1
        for kept in self.postbox.mails:
            mail = parsed(kept)
            seen[(kept.recipient, method_of(mail), _VARYING.sub("…", str(mail["Subject"])))] += 1
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
async def living(
    folder: Path, url: str, smtp_url: str = "", language: Literal["sv", "en"] = "sv"
) -> AsyncIterator[Life]:
    """Tell a story on a database at the newest schema; its mails go to `smtp_url`, or to its own post office."""
    clock = MovableClock(MONDAY)
    slack = StandIn(town.seed(), clock=lambda: clock.now().timestamp(), rate_limited=False)
    postbox = PostOffice()
    server = Server(slack)
    await server.start()
    own_url = await postbox.open()
    chosen = Settings.model_construct(
        slack_signing_secret=SecretStr(slack.state.app.signing_secret),
        slack_bot_token=SecretStr(slack.bot_token()),
        slack_api_url=slack.api_url,
        sipbot_database_url=url,
        sipbot_secret_keys=(SecretStr(fresh_key()),),
        sipbot_smtp_url=SecretStr(smtp_url or own_url),
        sipbot_mail_from=MAIL_FROM,
        sipbot_language=language,
    )
    bot = build(chosen, clock)
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
