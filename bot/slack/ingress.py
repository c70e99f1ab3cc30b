"""The one way in for Slack over HTTP: lets in what Slack has signed, and answers everything else plainly.

A pure ASGI application for `POST /slack/events`. Bolt itself answers 500 to a timestamp that is no number
and to a signature outside ASCII, and reads the payload before it looks at the signature; so all that is done
here, once, and Bolt is given what was read. Nothing of a body is ever logged or sent back.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.error_log import report
from bot.slack.payload import BadPayload, Payload, read_payload

Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]

LARGEST_BODY = 1_048_576
#: Seconds a request may be old, or ahead (verifying-requests-from-slack).
WINDOW = 300

_DIGITS = re.compile(rb"[0-9]{1,12}")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """The request is answered here, with this reply, and goes no further."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.reply = Reply(status, why.encode())


Dispatch: TypeAlias = Callable[[Payload], Awaitable[Reply]]


class Ingress:
    """Checks size, age, signature and shape, then hands the payload to `dispatch`.

    `now` gives seconds since the epoch: the same real time that Slack signs with. `refused` is told the
    status of each request that did not get in.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        signing_secret: str,
        *,
        now: Callable[[], float] = time.time,
        refused: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._dispatch = dispatch
        self._secret = signing_secret.encode()
        self._now = now
        self._refused = refused

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request; other kinds of scope are not for this application."""
        if scope["type"] != "http":
            raise TypeError("the Slack door speaks HTTP only")
        try:
            reply = await self._answer(scope, receive)
        except Refused as refusal:
            self._refused(refusal.reply.status)
            reply = refusal.reply
        except Exception as error:  # noqa: BLE001 - the server would log the request with it
            report(_logger, "a Slack request failed", error)
            reply = Reply(500, b"internal error")
        await _send(send, reply)

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Reply:
        if scope["method"] != "POST":
            raise Refused(405, "only POST")
        headers = _single(scope["headers"])
        body = await _body(headers, receive)
        self._verify(headers, body)
        try:
            content_type = headers.get(b"content-type", b"").decode("latin-1")
            payload = read_payload(body, content_type)
        except BadPayload:
            raise Refused(400, "bad payload") from None
        return await self._dispatch(payload)

    def _verify(self, headers: Mapping[bytes, bytes], body: bytes) -> None:
        stamp = headers.get(b"x-slack-request-timestamp", b"")
        if not self._secret or not _DIGITS.fullmatch(stamp):
            raise Refused(401, "unsigned")
        if abs(self._now() - int(stamp)) > WINDOW:
            raise Refused(401, "too old")
        mac = hmac.new(self._secret, b"v0:" + stamp + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(b"v0=" + mac.encode(), headers.get(b"x-slack-signature", b"")):
            raise Refused(401, "wrong signature")


def _single(raw: Any) -> dict[bytes, bytes]:
    """Headers by lower-case name; a header given twice counts as not given, for none of ours may be."""
    headers: dict[bytes, bytes] = {}
    twice: set[bytes] = set()
    for raw_name, value in raw:
        name = bytes(raw_name).lower()
        if name in headers:
            twice.add(name)
        headers[name] = bytes(value)
    return {name: value for name, value in headers.items() if name not in twice}


async def _body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    length = headers.get(b"content-length", b"0")
    if not _DIGITS.fullmatch(length) or int(length) > LARGEST_BODY:
        raise Refused(413, "too large")
    body = bytearray()
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise Refused(400, "cut off")
        body += event.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise Refused(413, "too large")
        if not event.get("more_body", False):
            return bytes(body)


async def _send(send: Send, reply: Reply) -> None:
    headers = {"content-type": reply.content_type, "content-length": str(len(reply.body)), **reply.headers}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": reply.body})
