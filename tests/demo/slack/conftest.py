from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.serving import serving
from demo.slack.stand_in import StandIn


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_796_000_000.0

    def __call__(self) -> float:
        return self.now

    def on(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[StandIn]:
    held = StandIn(clock=clock)
    async with serving(held):
        yield held


@pytest.fixture
async def client(slack: StandIn) -> AsyncWebClient:
    """A client as the bot has it, but without the library's own retries."""
    return AsyncWebClient(token=slack.bot_token(), base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def client_with(slack: StandIn) -> Callable[[str | None], AsyncWebClient]:
    def _(token: str | None) -> AsyncWebClient:
        return AsyncWebClient(token=token, base_url=slack.api_url, retry_handlers=[])

    return _
