"""The stand-in's rarer answers: Socket Mode's rough side, and refusals that seldom come."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.delivery.delivery import Delivery
from demo.slack.serving import Server
from demo.slack.stand_in import StandIn

EVENT = Delivery("events_api", {"type": "event_callback"})
COMMAND = Delivery("slash_commands", {"command": "/case"})


# ---- Socket Mode, spoken by hand


async def opened(slack: StandIn, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    client = AsyncWebClient(base_url=slack.api_url)
    url = (await client.apps_connections_open(app_token=slack.state.app.app_token))["url"]
    held = await session.ws_connect(url)
    assert (await held.receive_json())["type"] == "hello"
    return held


async def test_noise_on_the_socket_acknowledges_nothing(slack: StandIn) -> None:
    async with aiohttp.ClientSession() as session, await opened(slack, session) as held:
        sending = asyncio.create_task(slack.dispatch.send(COMMAND))
        envelope = await held.receive_json()
        for noise in ("{", "[]", "{}", json.dumps({"envelope_id": "other"})):
            await held.send_str(noise)
        await asyncio.sleep(0.02)
        assert not sending.done()
        await held.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "Hej"}})
        answer = await sending
        assert (answer.status, answer.json()) == (200, {"text": "Hej"})
        assert slack.sockets.unacknowledged == {}


async def test_a_command_nobody_acknowledged_is_not_sent_again(slack: StandIn) -> None:
    slack.sockets.ack_seconds = 0.02
    async with aiohttp.ClientSession() as session, await opened(slack, session):
        assert (await slack.dispatch.send(COMMAND)).failure == "operation_timeout"
        assert slack.sockets.unacknowledged == {}


async def test_an_event_comes_again_with_its_number_and_reason(slack: StandIn) -> None:
    slack.sockets.ack_seconds = 0.02
    async with aiohttp.ClientSession() as session, await opened(slack, session) as held:
        await slack.dispatch.send(EVENT)
        first = await held.receive_json()
        await slack.sockets.redeliver()
        again = await held.receive_json()
        assert again["envelope_id"] == first["envelope_id"]
        assert (first["retry_attempt"], again["retry_attempt"]) == (0, 1)
        assert again["retry_reason"] == "timeout"


async def test_envelopes_go_to_the_connections_in_turn(slack: StandIn) -> None:
    slack.sockets.ack_seconds = 0.02
    async with (
        aiohttp.ClientSession() as session,
        await opened(slack, session) as one,
        await opened(slack, session) as other,
    ):
        await slack.dispatch.send(COMMAND)
        await slack.dispatch.send(COMMAND)
        for held in (one, other):
            assert (await held.receive_json())["payload"] == {"command": "/case"}


async def test_slack_asks_the_bot_to_connect_anew(slack: StandIn) -> None:
    async with aiohttp.ClientSession() as session, await opened(slack, session) as held:
        await slack.sockets.disconnect()
        assert (await held.receive_json())["type"] == "disconnect"
        assert (await held.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING)
    await slack.until(lambda: slack.sockets.connections == 0)


# ---- refusals that seldom come


@pytest.mark.parametrize(
    "method,args,error",
    [
        ("chat.update", {"channel": "C0ONE", "ts": "1.000001"}, "message_not_found"),
        ("conversations.history", {"channel": "C0ONE", "oldest": "x"}, "invalid_ts_oldest"),
        ("conversations.history", {"channel": "C0ONE", "limit": "x"}, "invalid_limit"),
        ("conversations.list", {"cursor": "b3RoZXI6MQ=="}, "invalid_cursor"),
        ("files.getUploadURLExternal", {"filename": "a.txt"}, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": "[]"}, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": "[{}]"}, "file_not_found"),
        ("reactions.add", {"channel": "C0OUT", "timestamp": "1.000001", "name": "eyes"}, "not_in_channel"),
        ("blocks.validate", {"blocks": [{"type": "x"}]}, "invalid_blocks"),
        ("blocks.validate", {"message": "7"}, "invalid_message"),
        ("blocks.validate", {"view": "{"}, "invalid_view"),
        ("users.info", {}, "invalid_arguments"),
    ],
)
async def test_the_rarer_refusals(client: AsyncWebClient, method: str, args: dict[str, Any], error: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json=args)
    assert caught.value.response["error"] == error


async def test_an_archived_channel_is_left_alone(slack: StandIn, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0ONE", text="x"))["ts"]
    slack.archive("C0ONE")
    for call in (client.chat_update(channel="C0ONE", ts=ts, text="y"), client.conversations_join(channel="C0ONE")):
        with pytest.raises(SlackApiError, match="is_archived"):
            await call
    shown = await client.conversations_list(exclude_archived=True)
    assert "ett" not in [channel["name"] for channel in shown["channels"]]


async def test_a_response_url_takes_json_alone(slack: StandIn) -> None:
    url = slack.state.base_url + slack.state.response_urls.issue("T0", "C0ONE", "U0ANNA").path
    async with aiohttp.ClientSession() as session, session.post(url, data=b"text=x") as answer:
        assert (answer.status, await answer.text()) == (400, "invalid_payload")


async def test_a_server_that_stops_waits_for_what_it_is_doing() -> None:
    server = Server(StandIn())
    await server.start()
    client = AsyncWebClient(token="xoxb-T0", base_url=server.slack.api_url, retry_handlers=[])
    server.slack.faults.delay(0.05)
    calling = asyncio.create_task(client.auth_test())
    await asyncio.sleep(0.02)
    await server.stop()
    assert (await calling)["ok"] is True
