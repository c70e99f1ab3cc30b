"""A real Bolt app and the stand-in: from a typed command to a confirmed message, over HTTP and Socket Mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from demo.listening import Listener
from demo.slack.people.person import Person
from demo.slack.stand_in import StandIn
from tests.demo.slack.bolt_bot import BoltBot, bolt_bot


@pytest.fixture
def bot(slack: StandIn) -> BoltBot:
    return bolt_bot(slack)


@asynccontextmanager
async def in_process(slack: StandIn, bot: BoltBot) -> AsyncIterator[None]:
    slack.connect(bot.asgi)
    yield


@asynccontextmanager
async def over_http(slack: StandIn, bot: BoltBot) -> AsyncIterator[None]:
    listener = Listener(bot.asgi)
    await listener.start()
    slack.connect(listener.url)
    try:
        yield
    finally:
        await listener.stop()


@asynccontextmanager
async def over_socket_mode(slack: StandIn, bot: BoltBot) -> AsyncIterator[None]:
    handler: Any = AsyncSocketModeHandler(bot.bolt, slack.state.app.app_token)
    await handler.connect_async()
    try:
        await slack.until(lambda: slack.sockets.connections == 1)
        yield
    finally:
        await handler.close_async()


WAYS = {"in process": in_process, "HTTP": over_http, "Socket Mode": over_socket_mode}


@pytest.mark.parametrize("way", WAYS)
async def test_from_command_to_confirmation(slack: StandIn, bot: BoltBot, way: str) -> None:
    anna, olle = slack.person("anna"), slack.person("olle")
    async with WAYS[way](slack, bot):
        typed = await anna.type("/case new", "ett")
        assert (typed.ok, typed.status, typed.messages) == (True, 200, [])
        assert typed.ack_ms is not None
        assert typed.view is anna.view
        assert olle.view is None

        short = await anna.submit({"title": "kort", "kind": "one"})
        assert (short.action, short.errors) == ("errors", {"title": "Skriv mer"})
        assert anna.view is typed.view

        sent = await anna.submit({"title": "Ärende 1", "kind": "two", "day": "2026-12-01", "who": ["julia"]})
        assert (sent.action, anna.view) == ("closed", None)

        message = olle.newest("ett")
        assert [control.label for control in olle.controls(message)] == ["Bekräfta", "Ändra"]
        pressed = await olle.press("Bekräfta")
        assert (pressed.ok, pressed.text) == (True, "Tack")
        assert (message.text, message.blocks) == ("Bekräftat", [])
        assert [held.text for held in olle.only_visible_to_me()] == ["Tack"]
        assert anna.only_visible_to_me() == []
    assert slack.violations == []


@pytest.fixture
async def anna(slack: StandIn, bot: BoltBot) -> Person:
    slack.connect(bot.asgi)
    return slack.person("anna")


async def test_a_submission_carries_what_was_filled_in(anna: Person, bot: BoltBot) -> None:
    await anna.type("/case")
    await anna.submit({"title": "Ärende", "kind": "two", "day": "2026-12-01", "who": ["julia", "U0OLLE"]})
    body = bot.heard[-1]
    assert body["view"]["state"]["values"] == {
        "title": {"title": {"type": "plain_text_input", "value": "Ärende"}},
        "kind": {
            "kind": {
                "type": "static_select",
                "selected_option": {"text": {"type": "plain_text", "text": "Två"}, "value": "two"},
            }
        },
        "day": {"day": {"type": "datepicker", "selected_date": "2026-12-01"}},
        "who": {"who": {"type": "multi_users_select", "selected_users": ["U0JULIA", "U0OLLE"]}},
        "link": {"link": {"type": "url_text_input", "value": None}},
    }
    assert body["view"]["private_metadata"] == "m"
    assert body["user"] == {"id": "U0ANNA", "username": "anna", "name": "anna", "team_id": "T0"}


@pytest.mark.parametrize(
    "values,field",
    [
        ({"kind": "one"}, "title"),
        ({"title": "x" * 21, "kind": "one"}, "title"),
        ({"title": "x"}, "kind"),
        ({"title": "x", "kind": "one", "link": "ingenstans"}, "link"),
        ({"title": "x", "kind": "one", "who": ["anna", "olle", "julia"]}, "who"),
    ],
)
async def test_slacks_client_asks_for_what_is_wrong_before_the_bot_hears_of_it(
    anna: Person, bot: BoltBot, values: dict[str, Any], field: str
) -> None:
    await anna.type("/case")
    heard = len(bot.heard)
    outcome = await anna.submit(values)
    assert (list(outcome.errors), outcome.answer) == ([field], None)
    assert len(bot.heard) == heard
    unchecked = await anna.submit(values | {"title": "kort"}, checked=False)
    assert unchecked.errors == {"title": "Skriv mer"}


async def test_a_form_may_be_changed_stacked_and_cleared(anna: Person) -> None:
    opened = (await anna.type("/case")).view
    changed = await anna.submit({"title": "byt", "kind": "one"})
    assert (changed.action, changed.view) == ("updated", opened)
    assert changed.view is not None
    assert changed.view.payload["title"]["text"] == "Bytt"
    pushed = await anna.submit({"title": "mera", "kind": "one"})
    assert (pushed.action, anna.view) == ("pushed", pushed.view)
    assert pushed.view is not None
    assert pushed.view.previous == pushed.view.root == changed.view.id
    await anna.submit({"title": "mera", "kind": "one"})
    too_many = await anna.submit({"title": "mera", "kind": "one"})
    assert too_many.shown == "We had some trouble connecting. Try again?"
    cancelled = await anna.cancel()
    assert cancelled.ok, "the bot asked to be told"
    assert anna.view is pushed.view
    await anna.submit({"title": "allt", "kind": "one"})
    assert anna.view is None


async def test_a_form_the_bot_made_too_long_is_not_shown(anna: Person) -> None:
    await anna.type("/case")
    outcome = await anna.submit({"title": "trasig", "kind": "one"})
    assert outcome.shown == "We had some trouble connecting. Try again?"
    assert anna.view is not None


async def test_an_answer_in_the_ack_is_seen_by_the_one_who_typed(anna: Person, slack: StandIn) -> None:
    outcome = await anna.type("/case help", "ett")
    assert outcome.text == "Så här gör du"
    assert slack.person("olle").messages("ett") == []
    broken = await anna.type("/case broken", "ett")
    assert broken.shown == '/case failed with the error "invalid_command_response"'


async def test_a_command_the_app_does_not_have_is_slacks_own_affair(anna: Person, bot: BoltBot) -> None:
    outcome = await anna.type("/other")
    assert (outcome.shown, outcome.answer, bot.heard) == ("/other is not a valid command.", None, [])


async def test_an_act_on_an_ephemeral_message_carries_no_message(anna: Person, bot: BoltBot, slack: StandIn) -> None:
    await bot.bolt.client.chat_postEphemeral(
        channel="C0ONE", user="U0ANNA", text="x", blocks=[{"type": "actions", "elements": [BUTTON]}]
    )
    await anna.press("confirm")
    body = bot.heard[-1]
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body
    assert body["actions"][0]["value"] == "token-1"


BUTTON = {
    "type": "button",
    "action_id": "confirm",
    "value": "token-1",
    "text": {"type": "plain_text", "text": "OK"},
}


async def test_a_double_click_arrives_twice_with_different_triggers(anna: Person, bot: BoltBot) -> None:
    await anna.type("/case")
    await anna.submit({"title": "Ärende", "kind": "one"})
    first, second = await anna.press_twice("edit")
    assert (first.ok, second.ok) == (True, True)
    triggers = {body["trigger_id"] for body in bot.heard if body.get("type") == "block_actions"}
    assert len(triggers) == 2


async def test_the_home_tab_is_opened_and_published(anna: Person, bot: BoltBot, slack: StandIn) -> None:
    opened = await anna.open_home()
    assert opened.ok
    assert anna.home is not None
    assert anna.home.blocks[0]["text"]["text"] == "Hemma"
    assert slack.person("olle").home is None
    pressed = await anna.press("edit", source=anna.home)
    assert pressed.view is anna.view
    assert bot.heard[-1]["container"] == {"type": "view", "view_id": anna.home.id}


async def test_an_event_is_repeated_with_its_number(anna: Person, bot: BoltBot, slack: StandIn) -> None:
    said = await anna.say("<@U0BOT> hej", "ett")
    assert [body["event"]["type"] for body in bot.heard] == ["app_mention", "message"]
    again = await anna.retry(said)
    assert again.delivery is not None
    assert again.delivery.retry == 1
    assert bot.heard[-1]["event_id"] == bot.heard[-2]["event_id"]


async def test_a_bot_that_is_too_slow_times_out_as_slack_shows_it(slack: StandIn) -> None:
    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    link = slack.connect(slow)
    link.ack_seconds = 0.02
    outcome = await slack.person("anna").type("/case")
    assert (outcome.failure, outcome.status) == ("operation_timeout", None)
    assert outcome.shown == '/case failed with the error "operation_timeout"'
    await link.close()


async def test_a_bot_that_fails_or_is_away_is_shown_so(slack: StandIn) -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    anna = slack.person("anna")
    nobody = await anna.type("/case")
    slack.connect(failing)
    failed = await anna.type("/case")
    slack.connect("http://127.0.0.1:9")
    away = await anna.type("/case")
    assert [held.failure for held in (nobody, failed, away)] == [
        "dispatch_failed",
        "http_service_error",
        "dispatch_failed",
    ]


# ---- Socket Mode


async def test_an_event_nobody_acknowledged_comes_again_on_the_next_connection(slack: StandIn, bot: BoltBot) -> None:
    slack.sockets.ack_seconds = 0.05
    heard: list[dict[str, Any]] = []
    handler: Any = AsyncSocketModeHandler(bot.bolt, slack.state.app.app_token)
    client = handler.client

    async def deaf(_client: Any, request: Any) -> None:
        heard.append({"id": request.envelope_id, "attempt": request.retry_attempt})

    client.socket_mode_request_listeners[:] = [deaf]
    await handler.connect_async()
    await slack.until(lambda: slack.sockets.connections == 1)
    outcome = await slack.person("anna").open_home()
    assert outcome.failure == "operation_timeout"
    assert len(slack.sockets.unacknowledged) == 1
    await handler.close_async()
    await slack.until(lambda: slack.sockets.connections == 0)

    async with over_socket_mode(slack, bot):
        await slack.until(lambda: not slack.sockets.unacknowledged)
    assert heard[0]["attempt"] == 0
    assert [event["type"] for event in bot.heard] == ["app_home_opened"]


async def test_a_connection_needs_a_fresh_ticket(slack: StandIn, bot: BoltBot) -> None:
    client = bot.bolt.client
    url = (await client.apps_connections_open(app_token=slack.state.app.app_token))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as first:
            hello = await first.receive_json()
            assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)
