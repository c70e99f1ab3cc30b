from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from demo.slack.seed import Seed
from demo.slack.serving import serving
from demo.slack.stand_in import StandIn
from tests import npm
from tests.contract_slack import emulator


class PostingClient(AsyncWebClient):
    """A client that puts in the body what the library puts in the address; the emulator reads no other place."""

    async def api_call(self, api_method: str, **more: Any) -> AsyncSlackResponse:
        if more.get("params"):
            more = {"data": more["params"]}
        return await super().api_call(api_method, **{**more, "http_verb": "POST"})


@dataclass
class World:
    """A Slack under test, the ids in it, and the two things a test cannot do through the Web API alone."""

    api_url: str
    token: str
    secret: str
    client: AsyncWebClient
    channel: str
    archive: str
    anna: str
    bot_user: str
    trigger: Callable[[str | None], Awaitable[str]]
    let_pass: Callable[[float], Awaitable[None]]


@pytest.fixture(scope="session")
def emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if reason := npm.missing():
        pytest.skip(reason)
    with emulator.running(tmp_path_factory.mktemp("emulate")) as url:
        yield url


@pytest.fixture(params=["stand-in", "emulate"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "emulate":
        yield await _emulated(request.getfixturevalue("emulator_url"))
        return
    now = [1_796_000_000.0]

    async def let_pass(seconds: float) -> None:
        now[0] += seconds

    seed = Seed().team("T0", "Exempel")
    seed.person("U0ANNA", "anna", "Anna Exempel", "T0").person("U0JULIA", "julia", "Julia Exempel", "T0")
    seed.channel("C0ONE", "ett", "T0", ["U0ANNA", "U0JULIA"]).channel("C0OLD", "arkiv", "T0", ["U0ANNA"])
    slack = StandIn(seed, clock=lambda: now[0], rate_limited=False)
    slack.archive("C0OLD")

    async def trigger(view: str | None) -> str:
        return slack.state.triggers.issue("U0ANNA", "T0", view)

    async with serving(slack):
        client = PostingClient(token=slack.bot_token(), base_url=slack.api_url, retry_handlers=[])
        yield World(
            api_url=slack.api_url,
            token=slack.bot_token(),
            secret=slack.state.app.signing_secret,
            client=client,
            channel="C0ONE",
            archive="C0OLD",
            anna="U0ANNA",
            bot_user="U0BOT",
            trigger=trigger,
            let_pass=let_pass,
        )


async def _emulated(url: str) -> World:
    client = PostingClient(token=emulator.TOKEN, base_url=url, retry_handlers=[])
    users = {user["name"]: user["id"] for user in (await client.users_list())["members"]}
    channels = {held["name"]: held for held in (await client.conversations_list())["channels"]}
    if not channels["arkiv"]["is_archived"]:
        await client.conversations_join(channel=channels["arkiv"]["id"])
        await client.conversations_archive(channel=channels["arkiv"]["id"])
    await client.conversations_join(channel=channels["ett"]["id"])

    async def trigger(view: str | None) -> str:
        held = {"user_id": users["anna"]} | ({"view_id": view} if view else {})
        return str((await client.api_call("views.generateTriggerId", json=held))["trigger_id"])

    return World(
        api_url=url,
        token=emulator.TOKEN,
        secret=emulator.SECRET,
        client=client,
        channel=channels["ett"]["id"],
        archive=channels["arkiv"]["id"],
        anna=users["anna"],
        bot_user=users["bot"],
        trigger=trigger,
        let_pass=asyncio.sleep,
    )
