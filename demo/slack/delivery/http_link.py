"""The way to a bot over HTTP: signed requests to an address, or straight into an ASGI application."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlencode

import aiohttp
from starlette.types import ASGIApp, Message

from demo.slack.delivery.delivery import BotAnswer, Delivery, Failure, Forgery
from demo.slack.state.records import App

PATH = "/slack/events"
ACK_SECONDS = 3.0

Raw: TypeAlias = tuple[int, dict[str, str], bytes]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return Slack's signature `v0=…` of a body at a time."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encoded(delivery: Delivery) -> tuple[str, bytes]:
    """Return the media type and body of a request: a form for commands and acts, JSON for events."""
    if delivery.kind == "events_api":
        return "application/json", json.dumps(delivery.payload).encode()
    form = delivery.payload
    if delivery.kind == "interactive":
        form = {"payload": json.dumps(delivery.payload)}
    return "application/x-www-form-urlencoded", urlencode(form).encode()


class HttpLink:
    """Requests to a bot's `/slack/events`.

    `bot` is the address of the bot (with or without the path) or an ASGI application in this event loop.
    `signing_clock` is real time unless said otherwise: a bot checks signatures by its own clock.
    """

    def __init__(
        self,
        bot: str | ASGIApp,
        app: App,
        *,
        signing_clock: Callable[[], float] = time.time,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        if isinstance(bot, str):
            bot = bot.rstrip("/")
            bot = bot if bot.endswith(PATH) else bot + PATH
        self.bot = bot
        self.ack_seconds = ack_seconds
        self._app = app
        self._clock = signing_clock
        self._running: set[asyncio.Task[Raw]] = set()

    def signed(self, body: bytes, forgery: Forgery | None = None) -> dict[str, str]:
        """Return the headers that sign a body, or forge a signature."""
        forged = forgery or Forgery()
        timestamp = forged.timestamp if forged.timestamp is not None else str(int(self._clock()))
        made = signature(forged.secret or self._app.signing_secret, timestamp, body)
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": made if forged.signature is None else forged.signature,
        }

    async def send(self, delivery: Delivery) -> BotAnswer:
        """Send a request; what takes longer than three seconds counts as a time-out and goes on by itself."""
        kind, body = encoded(delivery)
        headers = {"Content-Type": kind, **self.signed(body, delivery.forgery)}
        if delivery.retry:
            headers |= {
                "X-Slack-Retry-Num": str(delivery.retry),
                "X-Slack-Retry-Reason": delivery.retry_reason,
            }
        return await self.send_raw(body, headers)

    async def send_raw(self, body: bytes, headers: dict[str, str]) -> BotAnswer:
        """Send any bytes with any headers to the bot's address."""
        headers = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", **headers}
        began = time.perf_counter()
        task = asyncio.ensure_future(self._request(body, headers))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        done, _ = await asyncio.wait({task}, timeout=self.ack_seconds)
        elapsed = (time.perf_counter() - began) * 1000
        if not done:
            if isinstance(self.bot, str):
                task.cancel()
            return BotAnswer(None, b"", elapsed, failure="operation_timeout")
        failed = task.exception()
        if isinstance(failed, (aiohttp.ClientError, OSError)):
            return BotAnswer(None, b"", elapsed, failure="dispatch_failed")
        status, answer_headers, answer = task.result()
        failure: Failure | None = None if status == 200 else "http_service_error"  # noqa: PLR2004 - HTTP's OK
        return BotAnswer(status, answer, elapsed, answer_headers, failure)

    async def _request(self, body: bytes, headers: dict[str, str]) -> Raw:
        if not isinstance(self.bot, str):
            return await asgi_post(self.bot, PATH, headers, body)
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.bot, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return response.status, dict(response.headers), await response.read()

    async def close(self) -> None:
        """Wait for what still runs in the bot after a time-out."""
        await asyncio.gather(*self._running, return_exceptions=True)


async def asgi_post(app: ASGIApp, path: str, headers: dict[str, str], body: bytes) -> Raw:
    """Post to an ASGI application in this process and return its answer."""
    sent: list[Message] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(len(body)).encode()))

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": raw,
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    answered = {name.decode().lower(): value.decode() for name, value in start.get("headers", [])}
    return start["status"], answered, content
