"""The short way to the workspace: what the SDK would send over HTTP is handed to the stand-in in this process.

Carrying a call between two ends of one event loop costs more than answering it. What is carried stays the same: the
arguments as the SDK wrote them, encoded, and the answer as JSON. Troubles of the line, and whatever is no plain call,
go over HTTP; the way itself is walked by `test_main_job.py`, `tests/bot/slack` and `tests/whole`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import pytest
from yarl import URL

from bot.slack.api import SlackApi
from demo.slack.api.web_api import Reply
from demo.slack.stand_in import StandIn


@dataclass(frozen=True)
class Answer:
    """An answer as the SDK reads it."""

    reply: Reply

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def headers(self) -> dict[str, str]:
        return self.reply.headers

    @property
    def content_type(self) -> str:
        return self.reply.content_type().partition(";")[0]

    async def json(self) -> Any:
        return json.loads(self.reply.body())


@dataclass
class Session:
    """The session of a line to Slack, with the short way for plain calls."""

    far: aiohttp.ClientSession
    slack: StandIn

    def __getattr__(self, name: str) -> Any:
        return getattr(self.far, name)

    def request(self, verb: str, url: str, **given: Any) -> AbstractAsyncContextManager[Any]:
        """Answer a request of the SDK."""
        method = url.removeprefix(self.slack.api_url)
        plain = verb == "POST" and method != url and not given.get("files") and not self.slack.faults.in_force
        return self._near(method, **given) if plain else self.far.request(verb, url, **given)

    @asynccontextmanager
    async def _near(self, method: str, *, headers: dict[str, str], **given: Any) -> AsyncIterator[Answer]:
        if given.get("json") is not None:
            kind, body = "application/json", json.dumps(given["json"])
        else:
            kind, body = "application/x-www-form-urlencoded", encoded(given.get("data") or {})
        query = encoded(given.get("params") or {})
        token = headers.get("Authorization", "")
        yield Answer(await self.slack.api.answer(method, kind, body.encode(), query, token))


def encoded(fields: Mapping[str, Any]) -> str:
    """Return the fields of a form as they are sent; yarl takes an eighth of the time of the standard library."""
    return URL.build(query={name: str(value) for name, value in fields.items()}).raw_query_string


@contextmanager
def near(slack: StandIn) -> Iterator[None]:
    """Let all lines that lead to a workspace take the short way."""
    opened = cast("property", vars(SlackApi)["session"]).fget
    assert opened is not None
    known: dict[int, Session] = {}

    def session(line: SlackApi) -> Session:
        far = opened(line)
        return known.setdefault(id(far), Session(far, slack))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SlackApi, "session", property(session))
        yield
