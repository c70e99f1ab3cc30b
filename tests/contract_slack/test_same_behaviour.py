"""The stand-in and an independent Slack emulator answer the same calls the same way.

The comparison keeps the stand-in from being its own judge. Left out is what the emulator does not have (Block
Kit rules, rate limits, response URLs, Socket Mode) and one thing it does otherwise than Slack's reference says:
it drops a message's blocks when `chat.update` sends a text alone.
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.delivery.http_link import asgi_post, signature
from tests.contract_slack.conftest import World
from tests.demo.slack.bolt_bot import BoltBot, form, plain

pytestmark = [pytest.mark.slow, pytest.mark.waits]

HOME = {"type": "home", "blocks": [{"type": "header", "text": plain("Hem")}]}


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    assert caught.value.response.status_code == 200
    return str(caught.value.response["error"])


async def posted(world: World, **more: Any) -> str:
    return str((await world.client.chat_postMessage(channel=world.channel, text="Hej", **more))["ts"])


async def test_who_calls(world: World) -> None:
    answer = await world.client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["user"]) == (world.bot_user, "B0BOT", "bot")
    nobody = AsyncWebClient(base_url=world.api_url, retry_handlers=[])
    assert await error_of(nobody.auth_test()) == "not_authed"


async def test_a_posted_message_is_the_newest_in_the_history(world: World) -> None:
    blocks = [{"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "*Hej*"}}]
    metadata = {"event_type": "sent", "event_payload": {"key": "a1"}}
    answer = await world.client.chat_postMessage(channel=world.channel, text="Hej", blocks=blocks, metadata=metadata)
    history = await world.client.conversations_history(channel=world.channel, limit=1, include_all_metadata=True)
    newest = history["messages"][0]
    assert (newest["ts"], newest["text"], newest["user"]) == (answer["ts"], "Hej", world.bot_user)
    assert newest["blocks"] == answer["message"]["blocks"] == blocks
    assert newest["metadata"] == metadata
    assert history["has_more"] in (True, False)


async def test_a_thread_is_read_from_its_first_message_on(world: World) -> None:
    first = await posted(world)
    second = await posted(world, thread_ts=first)
    replies = await world.client.conversations_replies(channel=world.channel, ts=first)
    assert [held["ts"] for held in replies["messages"]] == [first, second]
    assert replies["messages"][0]["reply_count"] == 1
    assert replies["messages"][1]["thread_ts"] == first


async def test_what_cannot_be_posted(world: World) -> None:
    post = world.client.chat_postMessage
    nothing = world.client.api_call("chat.postMessage", json={"channel": world.channel, "text": ""})
    assert await error_of(nothing) == "no_text"
    assert await error_of(post(channel="C0NOWHERE", text="x")) == "channel_not_found"
    assert await error_of(post(channel=world.archive, text="x")) == "is_archived"


async def test_an_own_message_is_changed_and_taken_back(world: World) -> None:
    ts = await posted(world)
    changed = await world.client.chat_update(channel=world.channel, ts=ts, text="Nu")
    assert (changed["ts"], changed["text"], changed["channel"]) == (ts, "Nu", world.channel)
    deleted = await world.client.chat_delete(channel=world.channel, ts=ts)
    assert (deleted["ts"], deleted["channel"]) == (ts, world.channel)
    gone = world.client.chat_update(channel=world.channel, ts=ts, text="x")
    assert await error_of(gone) == "message_not_found"
    assert await error_of(world.client.chat_delete(channel=world.channel, ts=ts)) == "message_not_found"


async def test_an_ephemeral_message_is_in_no_history(world: World) -> None:
    answer = await world.client.chat_postEphemeral(channel=world.channel, user=world.anna, text="Bara du")
    history = await world.client.conversations_history(channel=world.channel)
    assert answer["message_ts"] not in {held["ts"] for held in history["messages"]}


async def test_a_permalink_is_made_of_channel_and_ts(world: World) -> None:
    ts = await posted(world)
    link = (await world.client.chat_getPermalink(channel=world.channel, message_ts=ts))["permalink"]
    assert link.endswith(f"/archives/{world.channel}/p{ts.replace('.', '')}")
    nothing = world.client.chat_getPermalink(channel=world.channel, message_ts="1.000001")
    assert await error_of(nothing) == "message_not_found"


async def test_direct_messages_are_one_conversation(world: World) -> None:
    first = (await world.client.conversations_open(users=world.anna))["channel"]["id"]
    again = (await world.client.conversations_open(users=world.anna))["channel"]["id"]
    by_user = (await world.client.chat_postMessage(channel=world.anna, text="Hej"))["channel"]
    assert first == again == by_user
    members = (await world.client.conversations_members(channel=first))["members"]
    assert sorted(members) == sorted([world.anna, world.bot_user])
    info = (await world.client.conversations_info(channel=first))["channel"]
    assert (info["is_im"], info["user"]) == (True, world.anna)
    assert await error_of(world.client.conversations_open(users="U0NOBODY")) == "user_not_found"


async def test_conversations_and_users_are_found(world: World) -> None:
    info = (await world.client.conversations_info(channel=world.channel))["channel"]
    assert (info["name"], info["is_private"], info["is_archived"]) == ("ett", False, False)
    assert await error_of(world.client.conversations_info(channel="C0NOWHERE")) == "channel_not_found"
    page = await world.client.conversations_list(limit=1)
    assert len(page["channels"]) == 1
    assert page["response_metadata"]["next_cursor"]
    user = (await world.client.users_info(user=world.anna))["user"]
    assert (user["name"], user["real_name"], user["is_bot"]) == ("anna", "Anna Exempel", False)
    assert await error_of(world.client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_a_reaction_is_added_once(world: World) -> None:
    ts = await posted(world)
    await world.client.reactions_add(channel=world.channel, timestamp=ts, name="eyes")
    again = world.client.reactions_add(channel=world.channel, timestamp=ts, name="eyes")
    assert await error_of(again) == "already_reacted"


async def test_a_trigger_opens_one_view_within_three_seconds(world: World) -> None:
    trigger = await world.trigger(None)
    view = (await world.client.views_open(trigger_id=trigger, view=form()))["view"]
    assert (view["type"], view["callback_id"], view["root_view_id"]) == ("modal", "new", view["id"])
    assert view["state"] == {"values": {}}
    again = world.client.views_open(trigger_id=trigger, view=form())
    assert await error_of(again) == "exchanged_trigger_id"
    false = world.client.views_open(trigger_id="1.2.none", view=form())
    assert await error_of(false) == "invalid_trigger_id"
    late = await world.trigger(None)
    await world.let_pass(4.1)
    assert await error_of(world.client.views_open(trigger_id=late, view=form())) == "expired_trigger_id"


async def test_a_stack_holds_three_views(world: World) -> None:
    view = (await world.client.views_open(trigger_id=await world.trigger(None), view=form()))["view"]
    for _ in range(2):
        trigger = await world.trigger(view["id"])
        pushed = (await world.client.views_push(trigger_id=trigger, view=form()))["view"]
        assert (pushed["previous_view_id"], pushed["root_view_id"]) == (view["id"], view["root_view_id"])
        view = pushed
    full = world.client.views_push(trigger_id=await world.trigger(view["id"]), view=form())
    assert await error_of(full) == "push_limit_reached"


async def test_a_stale_hash_changes_nothing(world: World) -> None:
    view = (await world.client.views_open(trigger_id=await world.trigger(None), view=form()))["view"]
    changed = await world.client.views_update(view_id=view["id"], hash=view["hash"], view=form("Nu"))
    assert changed["view"]["title"]["text"] == "Nu"
    assert changed["view"]["hash"] != view["hash"]
    stale = world.client.views_update(view_id=view["id"], hash=view["hash"], view=form())
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(world.client.views_update(view_id="V0NONE", view=form())) == "not_found"
    home = await world.client.views_publish(user_id=world.anna, view=HOME)
    again = await world.client.views_publish(user_id=world.anna, view=HOME)
    assert home["view"]["id"] == again["view"]["id"]


async def test_a_file_is_uploaded_shared_and_deleted(world: World) -> None:
    first = await posted(world)
    answer = await world.client.files_upload_v2(
        filename="moete.ics", content="BEGIN:VCALENDAR", title="Möte", channel=world.channel, thread_ts=first
    )
    file_id = answer["file"]["id"]
    file = (await world.client.files_info(file=file_id))["file"]
    assert (file["name"], file["title"], file["size"]) == ("moete.ics", "Möte", 15)
    replies = (await world.client.conversations_replies(channel=world.channel, ts=first))["messages"]
    assert [held["id"] for held in replies[-1]["files"]] == [file_id]
    await world.client.files_delete(file=file_id)
    assert await error_of(world.client.files_info(file=file_id)) == "file_not_found"


# ---- a whole app


async def test_a_bolt_app_goes_through_its_whole_work(world: World) -> None:
    bot = BoltBot(world.api_url, world.token, world.secret, world.channel)
    common = {"token": "t", "api_app_id": "A0APP", "team": {"id": "T0", "domain": "exempel"}}
    user = {"id": world.anna, "name": "anna", "username": "anna", "team_id": "T0"}

    async def send(fields: dict[str, Any]) -> bytes:
        body = urlencode(fields).encode()
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(world.secret, stamp, body),
        }
        status, _, answer = await asgi_post(bot.asgi, "/slack/events", headers, body)
        assert status == 200
        return answer

    async def submit(title: str) -> bytes:
        values = {"title": {"title": {"type": "plain_text_input", "value": title}}}
        view = {**form(), "id": "V1", "hash": "1.a", "state": {"values": values}}
        return await send({"payload": json.dumps({"type": "view_submission", **common, "user": user, "view": view})})

    await send(
        {
            "command": "/case",
            "text": "new",
            "team_id": "T0",
            "user_id": world.anna,
            "channel_id": world.channel,
            "api_app_id": "A0APP",
            "trigger_id": await world.trigger(None),
        }
    )
    assert json.loads(await submit("kort")) == {"response_action": "errors", "errors": {"title": "Skriv mer"}}
    assert await submit("Ett ärende") == b""

    message = (await world.client.conversations_history(channel=world.channel, limit=1))["messages"][0]
    assert message["text"] == "Ett ärende"
    button = message["blocks"][1]["elements"][1]
    action = {"type": "button", "action_id": button["action_id"], "value": button["value"], "block_id": "acts"}
    press = {
        "type": "block_actions",
        **common,
        "user": user,
        "channel": {"id": world.channel, "name": "ett"},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": world.channel},
        "message": message,
        "actions": [{**action, "action_ts": "1.1"}],
        "trigger_id": await world.trigger(None),
    }
    await send({"payload": json.dumps(press)})
    await world.client.chat_update(channel=world.channel, ts=message["ts"], text="Klart", blocks=[])
    after = (await world.client.conversations_history(channel=world.channel, limit=1))["messages"][0]
    assert (after["text"], after.get("blocks", [])) == ("Klart", [])
