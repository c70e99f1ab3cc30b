"""The stand-in in a thread, and what it tells of what happens."""

from __future__ import annotations

import asyncio
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.running import running_slack
from demo.slack.seed import sample_seed
from demo.slack.stand_in import StandIn
from demo.slack.state.stream import Happening


def test_a_plain_test_uses_it_without_a_loop_of_its_own() -> None:
    with running_slack(sample_seed(), rate_limited=False) as slack:
        client = WebClient(token=slack.slack.bot_token(), base_url=slack.api_url, retry_handlers=[])
        ts = client.chat_postMessage(channel="C0ONE", text="Hej")["ts"]
        anna = slack.people["anna"]
        assert anna.newest("ett").ts == ts
        assert [held.text for held in anna.unread()] == ["Hej"]
        anna.read()
        assert (anna.unread(), anna.view, anna.home, anna.direct_messages()) == ([], None, None, [])
        assert (anna.only_visible_to_me(), anna.controls()) == ([], [])
        assert anna.type("/case").failure == "dispatch_failed"
        assert anna.say("Hej", "ett").answer is not None
        slack.until(lambda held: len(held.calls) == 1)
        slack.do(lambda held: held.revoke())
        with pytest.raises(SlackApiError):
            client.auth_test()


def test_an_outage_is_a_refused_connection() -> None:
    with running_slack() as slack:
        client = WebClient(token="xoxb-T0", base_url=slack.api_url, retry_handlers=[])
        with slack.down(), pytest.raises(URLError, match="refused"):
            client.auth_test()
        assert client.auth_test()["ok"]


def test_one_can_wait_for_what_does_not_come() -> None:
    with running_slack() as slack, pytest.raises(TimeoutError):
        slack.until(lambda held: bool(held.calls), seconds=0.1)


async def test_everything_that_happens_is_told(slack: StandIn, client: AsyncWebClient) -> None:
    told: list[Happening] = []

    async def listen() -> None:
        async for happening in slack.state.stream.subscribe():
            told.append(happening)  # noqa: PERF401 - the list is read while it grows

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    posted = await client.chat_postMessage(channel="C0ONE", text="Hej")
    await client.chat_update(channel="C0ONE", ts=posted["ts"], text="Nu")
    await slack.person("anna").type("/case")
    await slack.until(lambda: bool(told) and told[-1].kind == "bot_request")
    listening.cancel()
    kinds = [happening.kind for happening in told]
    assert kinds == ["message_posted", "api_call", "message_updated", "api_call", "bot_request"]
    assert told[1].data["call"].method == "chat.postMessage"
    assert told[-1].data["sent"].answer.failure == "dispatch_failed"
    assert list(slack.state.stream.recent) == told
