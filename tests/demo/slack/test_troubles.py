"""Rate limits and faults: what goes wrong between a bot and Slack, and what was done in spite of it."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.api.web import ConnectionDropped
from demo.slack.faults import Fault
from demo.slack.serving import Server, serving
from demo.slack.stand_in import StandIn
from tests.demo.slack.conftest import Clock


async def post(client: AsyncWebClient, channel: str = "C0ONE") -> Any:
    return await client.chat_postMessage(channel=channel, text="x")


def texts(slack: StandIn, channel: str = "C0ONE") -> list[str]:
    return [held.text for held in slack.state.messages.in_channel(channel)]


# ---- rate limits


async def test_a_channel_takes_a_burst_and_then_one_message_a_second(
    slack: StandIn, client: AsyncWebClient, clock: Clock
) -> None:
    for _ in range(slack.limits.burst):
        await post(client)
    with pytest.raises(SlackApiError) as caught:
        await post(client)
    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert response.headers["Retry-After"] == "1"
    await post(client, "C0TWO")
    clock.on(1)
    await post(client)
    with pytest.raises(SlackApiError):
        await post(client)
    assert len(texts(slack)) == slack.limits.burst + 1


async def test_each_method_has_its_limit_a_minute(client: AsyncWebClient, clock: Clock) -> None:
    for _ in range(20):
        await client.users_list()
    with pytest.raises(SlackApiError) as caught:
        await client.users_list()
    assert caught.value.response.headers["Retry-After"] == "3"
    clock.on(3)
    await client.users_list()


async def test_a_clock_put_back_takes_nothing_away(client: AsyncWebClient, clock: Clock) -> None:
    await post(client)
    clock.on(-86_400)
    await post(client)


async def test_the_limits_can_be_switched_off(slack: StandIn, client: AsyncWebClient) -> None:
    slack.limits.enabled = False
    for _ in range(20):
        await post(client)
    assert len(texts(slack)) == 20


# ---- faults


async def test_429_comes_as_often_as_it_was_ordered(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.rate_limited("chat.postMessage", times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await post(client)
        assert caught.value.response.headers["Retry-After"] == "7"
    await client.auth_test()
    await post(client)
    assert texts(slack) == ["x"]
    assert [call.fault for call in slack.calls] == ["rate_limited", "rate_limited", None, None]


@pytest.mark.parametrize("accepted,kept", [(False, []), (True, ["x"])])
async def test_a_server_error_may_come_before_or_after_the_effect(
    slack: StandIn, client: AsyncWebClient, *, accepted: bool, kept: list[str]
) -> None:
    slack.faults.server_error(status=502, accepted=accepted)
    with pytest.raises(SlackApiError) as caught:
        await post(client)
    assert caught.value.response.status_code == 502
    assert texts(slack) == kept


async def test_a_connection_may_be_cut_before_anything_is_done(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.drop_before()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(client)
    assert texts(slack) == []
    await post(client)


async def test_a_connection_may_be_cut_after_it_is_done(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.drop_after("chat.postMessage")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await post(client)
    assert texts(slack) == ["x"]
    [call] = slack.calls
    assert (call.status, call.ok, call.fault) == (0, False, "drop_after")
    assert call.result["ok"] is True, "the record keeps what the caller never learned"


async def test_the_sdks_own_retry_doubles_a_message_that_was_accepted(slack: StandIn) -> None:
    slack.faults.drop_after("chat.postMessage")
    await post(AsyncWebClient(token=slack.bot_token(), base_url=slack.api_url))
    assert texts(slack) == ["x", "x"]


async def test_an_answer_may_be_broken_json(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.malformed()
    with pytest.raises(SlackApiError, match="non-JSON"):
        await post(client)
    assert texts(slack) == ["x"]


async def test_a_call_may_be_slow(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.delay(0.05)
    await post(client)
    assert slack.calls[0].duration_ms >= 50


async def test_delays_come_on_top_of_another_fault(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.delay(0.01)
    slack.faults.rate_limited()
    slack.faults.server_error()
    with pytest.raises(SlackApiError):
        await post(client)
    assert slack.calls[0].fault == "delay+rate_limited"
    with pytest.raises(SlackApiError):
        await post(client)
    assert slack.calls[1].fault == "server_error"


async def test_a_fault_may_strike_one_channel(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.add(Fault("server_error", channel="C0TWO", times=None))
    await post(client)
    with pytest.raises(SlackApiError):
        await post(client, "C0TWO")


async def test_a_fault_may_strike_a_fraction_of_the_calls(slack: StandIn, client: AsyncWebClient) -> None:
    slack.faults.add(Fault("drop_before", fraction=0.3, times=None))
    failed = 0
    for _ in range(100):
        try:
            await client.auth_test()
        except aiohttp.ServerDisconnectedError:
            failed += 1
    assert 15 <= failed <= 45


async def test_an_outage_lasts_until_it_is_cleared(slack: StandIn, client: AsyncWebClient) -> None:
    outage = slack.faults.outage()
    for _ in range(3):
        with pytest.raises(SlackApiError) as caught:
            await post(client)
        assert caught.value.response.status_code == 503
    slack.faults.clear(outage)
    await post(client)


async def test_a_stopped_server_refuses_and_comes_back_on_its_port() -> None:
    server = Server(StandIn())
    await server.start()
    client = AsyncWebClient(token="xoxb-T0", base_url=server.slack.api_url, retry_handlers=[])
    await post(client)
    await server.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await post(client)
    await server.start()
    await post(client)
    assert len(texts(server.slack)) == 2
    await server.stop()
    await server.stop()


async def test_without_a_connection_to_cut_the_caller_is_told() -> None:
    slack = StandIn()
    slack.faults.drop_before()
    scope = {"type": "http", "method": "POST", "path": "/api/auth.test", "query_string": b"", "headers": []}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Any) -> None:
        pass

    with pytest.raises(ConnectionDropped):
        await slack.app(scope, receive, send)


# ---- response URLs


async def answer_to(url: str, **payload: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, data=json.dumps(payload)) as answer:
        return answer.status, await answer.text()


async def test_a_response_url_serves_five_times(slack: StandIn) -> None:
    url = slack.state.base_url + slack.state.response_urls.issue("T0", "C0ONE", "U0ANNA").path
    for _ in range(5):
        assert await answer_to(url, text="Hej") == (200, "ok")
    status, body = await answer_to(url, text="Hej")
    assert (status, json.loads(body)) == (404, {"ok": False, "error": "used_url"})
    assert len(slack.person("anna").only_visible_to_me()) == 5
    assert slack.person("olle").messages("ett") == []


async def test_a_response_url_lives_thirty_minutes(slack: StandIn, clock: Clock) -> None:
    url = slack.state.base_url + slack.state.response_urls.issue("T0", "C0ONE", "U0ANNA").path
    clock.on(1800)
    assert (await answer_to(url, text="Hej"))[0] == 200
    clock.on(1)
    assert json.loads((await answer_to(url, text="Hej"))[1])["error"] == "expired_url"
    assert json.loads((await answer_to(url + "x", text="Hej"))[1])["error"] == "invalid_token"


async def test_a_response_url_may_speak_openly_replace_or_delete(slack: StandIn) -> None:
    source = slack.state.messages.post("C0ONE", team="T0", user="U0BOT", text="Förut")
    url = slack.state.base_url + slack.state.response_urls.issue("T0", "C0ONE", "U0ANNA", source).path
    await answer_to(url, text="Nu", replace_original=True)
    await answer_to(url, text="Till alla", response_type="in_channel")
    assert [held.text for held in slack.person("olle").messages("ett")] == ["Nu", "Till alla"]
    await answer_to(url, delete_original=True)
    assert [held.text for held in slack.person("olle").messages("ett")] == ["Till alla"]


async def test_a_response_url_takes_no_broken_blocks(slack: StandIn) -> None:
    url = slack.state.base_url + slack.state.response_urls.issue("T0", "C0ONE", "U0ANNA").path
    assert await answer_to(url, text="x", blocks=[{"type": "x"}]) == (400, "invalid_blocks")
    assert await answer_to(url) == (400, "no_text")
    assert [violation.code for violation in slack.violations] == ["unknown_type"]


async def test_faults_strike_response_urls_and_uploads_too(slack: StandIn, client: AsyncWebClient) -> None:
    url = slack.state.base_url + slack.state.response_urls.issue("T0", "C0ONE", "U0ANNA").path
    slack.faults.server_error("response_url", status=500)
    assert (await answer_to(url, text="x"))[0] == 500
    slack.faults.drop_before("files.upload")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.files_upload_v2(filename="a.txt", content="a")


async def test_two_stand_ins_do_not_know_each_other() -> None:
    async with serving(StandIn()) as one, serving(StandIn()) as other:
        await post(AsyncWebClient(token="xoxb-T0", base_url=one.slack.api_url))
        assert texts(other.slack) == []
