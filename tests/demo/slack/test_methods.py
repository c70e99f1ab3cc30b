"""Conversations, users, files, reactions and the lesser methods, as slack_sdk's own client meets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.seed import Seed
from demo.slack.serving import serving
from demo.slack.stand_in import StandIn

ClientWith = Callable[[str | None], AsyncWebClient]


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


# ---- who calls


async def test_auth_test_says_who_the_bot_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0", "U0BOT", "B0BOT")


async def test_tokens_are_looked_at(slack: StandIn, client: AsyncWebClient, client_with: ClientWith) -> None:
    assert await error_of(client_with("xoxb-other").auth_test()) == "invalid_auth"
    assert await error_of(client_with(None).auth_test()) == "not_authed"
    assert await error_of(client_with(slack.state.app.app_token).auth_test()) == "not_allowed_token_type"
    slack.revoke()
    assert await error_of(client.auth_test()) == "token_revoked"


async def test_an_unknown_method_is_named(client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("chat.shout")) == "unknown_method"


@pytest.mark.parametrize("body,error", [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_a_broken_json_body_is_refused(slack: StandIn, body: str, error: str) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slack.bot_token()}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.api_url + "auth.test", data=body, headers=headers) as answer,
    ):
        assert (answer.status, (await answer.json())["error"]) == (200, error)


async def test_a_token_may_stand_in_a_form_but_not_in_json(slack: StandIn) -> None:
    async with aiohttp.ClientSession() as session:
        held = {"token": slack.bot_token()}
        async with session.post(slack.api_url + "auth.test", data=held) as answer:
            assert (await answer.json())["ok"] is True
        async with session.post(slack.api_url + "auth.test", json=held) as answer:
            assert (await answer.json())["error"] == "not_authed"


async def test_scopes_bind_where_the_seed_gives_them() -> None:
    seed = Seed().team("T0", "Exempel", scopes=["chat:write", "im:write"]).channel("C1", "ett", "T0")
    async with serving(StandIn(seed)) as server:
        client = AsyncWebClient(token="xoxb-T0", base_url=server.slack.api_url)
        await client.chat_postMessage(channel="C1", text="x")
        with pytest.raises(SlackApiError) as caught:
            await client.conversations_history(channel="C1")
    data = caught.value.response.data
    assert data["error"] == "missing_scope"
    assert (data["needed"], data["provided"]) == ("channels:history", "chat:write,im:write")


# ---- conversations


async def test_direct_messages_are_opened_once(client: AsyncWebClient) -> None:
    first = await client.conversations_open(users="U0ANNA")
    again = await client.conversations_open(users="U0ANNA", return_im=True)
    assert first["channel"]["id"] == again["channel"]["id"]
    assert again["already_open"] is True
    assert again["channel"]["user"] == "U0ANNA"


async def test_a_group_is_opened_for_several(client: AsyncWebClient) -> None:
    answer = await client.conversations_open(users=["U0ANNA", "U0JULIA"], return_im=True)
    assert answer["channel"]["is_mpim"] is True
    members = await client.conversations_members(channel=answer["channel"]["id"])
    assert members["members"] == ["U0ANNA", "U0BOT", "U0JULIA"]


@pytest.mark.parametrize(
    "users,error",
    [
        ("U0NONE", "user_not_found"),
        ("U2EVA", "user_not_found"),
        ("U0BOT", "cannot_dm_bot"),
        ("", "users_list_not_supplied"),
        (",".join(["U0ANNA"] * 9), "too_many_users"),
    ],
)
async def test_not_everybody_can_be_written_to(client: AsyncWebClient, users: str, error: str) -> None:
    assert await error_of(client.conversations_open(users=users)) == error


async def test_conversations_are_told_as_the_bot_may_see_them(client: AsyncWebClient) -> None:
    public = await client.conversations_list()
    both = await client.conversations_list(types="public_channel,private_channel")
    assert [held["name"] for held in public["channels"]] == ["ett", "utan-bot", "delad"]
    assert [held["name"] for held in both["channels"]] == ["ett", "tva", "utan-bot", "delad"]
    info = await client.conversations_info(channel="C0SHARED")
    assert info["channel"]["is_ext_shared"] is True
    assert info["channel"]["shared_team_ids"] == ["T0", "T2"]
    assert await error_of(client.conversations_info(channel="C0NONE")) == "channel_not_found"
    assert await error_of(client.conversations_list(types="x")) == "invalid_types"


async def test_long_lists_come_in_pages(client: AsyncWebClient) -> None:
    first = await client.conversations_list(limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await client.conversations_list(limit=2, cursor=cursor)
    assert [len(held["channels"]) for held in (first, second)] == [2, 1]
    assert second["response_metadata"]["next_cursor"] == ""
    assert await error_of(client.conversations_list(cursor="!")) == "invalid_cursor"
    assert await error_of(client.conversations_list(limit=-1)) == "invalid_limit"


async def test_history_is_told_newest_first_between_two_times(client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel="C0ONE", text=str(n)))["ts"] for n in range(3)]
    whole = await client.conversations_history(channel="C0ONE")
    later = await client.conversations_history(channel="C0ONE", oldest=stamps[1])
    with_edge = await client.conversations_history(channel="C0ONE", oldest=stamps[1], inclusive=True)
    assert [held["text"] for held in whole["messages"]] == ["2", "1", "0"]
    assert [held["text"] for held in later["messages"]] == ["2"]
    assert [held["text"] for held in with_edge["messages"]] == ["2", "1"]
    assert await error_of(client.conversations_history(channel="C0OUT")) == "not_in_channel"
    assert await error_of(client.conversations_replies(channel="C0ONE", ts="1.000001")) == "thread_not_found"


async def test_the_bot_joins_a_public_channel(client: AsyncWebClient) -> None:
    joined = await client.conversations_join(channel="C0OUT")
    assert joined["channel"]["is_member"] is True
    assert (await client.conversations_join(channel="C0OUT"))["warning"] == "already_in_channel"
    await client.chat_postMessage(channel="C0OUT", text="x")
    assert await error_of(client.conversations_join(channel="C0TWO")) == "method_not_supported_for_channel_type"


# ---- users


async def test_a_persons_language_is_told_when_it_is_asked_for(client: AsyncWebClient) -> None:
    julia = (await client.users_info(user="U0JULIA", include_locale=True))["user"]
    assert (julia["locale"], julia["team_id"], julia["profile"]["email"]) == ("en-GB", "T0", "julia@example.se")
    assert "locale" not in (await client.users_info(user="U0JULIA"))["user"]
    assert await error_of(client.users_info(user="U0NONE")) == "user_not_found"


async def test_a_stranger_shows_little(client: AsyncWebClient) -> None:
    eva = (await client.users_info(user="U2EVA"))["user"]
    assert (eva["is_stranger"], eva["team_id"]) == (True, "T2")
    assert "email" not in eva["profile"]


async def test_the_list_of_users_holds_the_own_team(client: AsyncWebClient) -> None:
    names = [held["name"] for held in (await client.users_list())["members"]]
    assert names == ["bot", "anna", "julia", "olle"]


# ---- files


async def test_a_file_is_uploaded_and_shared_in_a_thread(slack: StandIn, client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel="C0ONE", text="Först")
    content = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    answer = await client.files_upload_v2(
        filename="moete.ics",
        content=content,
        title="Möte",
        channel="C0ONE",
        thread_ts=first["ts"],
        initial_comment="Här",
    )
    file = (await client.files_info(file=answer["file"]["id"]))["file"]
    assert (file["name"], file["mimetype"], file["size"]) == ("moete.ics", "text/calendar", len(content))
    [share] = file["shares"]["public"]["C0ONE"]
    assert share["thread_ts"] == first["ts"]
    assert slack.person("anna").newest("ett").files == [file["id"]]
    async with aiohttp.ClientSession() as session:
        async with session.get(file["url_private"]) as without_token:
            assert without_token.status == 404
        token = {"Authorization": f"Bearer {slack.bot_token()}"}
        async with session.get(file["url_private"], headers=token) as with_token:
            assert await with_token.read() == content


async def test_a_file_is_deleted(client: AsyncWebClient) -> None:
    answer = await client.files_upload_v2(filename="a.txt", content="a")
    await client.files_delete(file=answer["file"]["id"])
    assert await error_of(client.files_info(file=answer["file"]["id"])) == "file_not_found"


async def test_an_upload_of_another_size_is_refused(slack: StandIn, client: AsyncWebClient) -> None:
    promised = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    async with aiohttp.ClientSession() as session:
        async with session.post(promised["upload_url"], data=b"abcd") as answer:
            assert answer.status == 400
        form = aiohttp.FormData()
        form.add_field("file", b"abc", filename="a.txt")
        async with session.post(promised["upload_url"], data=form) as answer:
            assert (answer.status, await answer.text()) == (200, "OK - 3")
    done = await client.files_completeUploadExternal(files=[{"id": promised["file_id"], "title": "A"}])
    assert done["files"] == [{"id": promised["file_id"], "title": "A"}]
    again = client.files_completeUploadExternal(files=[{"id": promised["file_id"], "title": "A"}])
    assert await error_of(again) == "file_not_found"


async def test_a_file_is_shared_only_where_the_bot_is(client: AsyncWebClient) -> None:
    upload = client.files_upload_v2(filename="a.txt", content="a", channel="C0OUT")
    assert await error_of(upload) == "not_in_channel"


# ---- the rest


async def test_a_reaction_is_added_once(slack: StandIn, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C0ONE", text="x"))["ts"]
    await client.reactions_add(channel="C0ONE", timestamp=ts, name="eyes")
    assert slack.person("anna").newest("ett").reactions == {"eyes": ["U0BOT"]}
    assert await error_of(client.reactions_add(channel="C0ONE", timestamp=ts, name="eyes")) == "already_reacted"
    missing = client.reactions_add(channel="C0ONE", timestamp="1.000001", name="eyes")
    assert await error_of(missing) == "message_not_found"


async def test_blocks_validate_names_each_fault(client: AsyncWebClient) -> None:
    await client.blocks_validate(blocks=[{"type": "divider"}])
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(view={"type": "modal", "blocks": []})
    data = caught.value.response.data
    assert data["error"] == "invalid_view"
    assert data["errors"] == [{"pointer": "", "code": "missing", "message": "missing required field: title"}]
    nothing = client.api_call("blocks.validate", json={})
    assert await error_of(nothing) == "invalid_arguments"


async def test_api_test_answers_as_it_is_told(client: AsyncWebClient) -> None:
    assert (await client.api_test())["ok"] is True
    assert await error_of(client.api_test(error="my_error")) == "my_error"


async def test_every_call_is_on_record(slack: StandIn, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0ONE", text="x")
    [call] = slack.calls
    assert (call.method, call.team, call.status, call.ok) == ("chat.postMessage", "T0", 200, True)
    assert (call.args["channel"], call.result["channel"]) == ("C0ONE", "C0ONE")
    assert "token" not in call.args
    assert call.duration_ms >= 0
