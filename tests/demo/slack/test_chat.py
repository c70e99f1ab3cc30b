"""`chat.*` as slack_sdk's own client meets it."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.slack.stand_in import StandIn

SECTION: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "Hej"}}


async def refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    data: dict[str, Any] = caught.value.response.data
    assert caught.value.response.status_code == 200
    return data


async def test_a_message_gets_a_ts_and_stands_in_the_channel(slack: StandIn, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel="C0ONE", text="Hej", blocks=[SECTION])
    assert answer["channel"] == "C0ONE"
    assert answer["message"]["bot_id"] == "B0BOT"
    assert answer["message"]["blocks"][0]["block_id"]
    [message] = slack.person("anna").messages("ett")
    assert (message.text, message.ts) == ("Hej", answer["ts"])
    assert slack.person("julia").messages("ett") != []  # a public channel of her own team
    assert slack.person("eva").messages() == []


async def test_every_ts_is_later_than_the_last_even_on_a_stopped_clock(client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel="C0ONE", text="x"))["ts"] for _ in range(5)]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize(
    "args,error",
    [
        ({"channel": "C0NONE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0OUT", "text": "x"}, "not_in_channel"),
        ({"channel": "C0ONE"}, "no_text"),
        ({"channel": "C0ONE", "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": "C0ONE", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0ONE", "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": "C0ONE", "text": "x", "blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"channel": "C0ONE", "text": "x", "metadata": {"event_payload": {}}}, "invalid_metadata_schema"),
        ({"text": "x"}, "invalid_arguments"),
    ],
)
async def test_what_slack_refuses_is_refused(client: AsyncWebClient, args: dict[str, Any], error: str) -> None:
    assert (await refusal(client.api_call("chat.postMessage", json=args)))["error"] == error


async def test_broken_blocks_are_named_by_their_place(slack: StandIn, client: AsyncWebClient) -> None:
    blocks = [SECTION, {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    data = await refusal(client.chat_postMessage(channel="C0ONE", text="x", blocks=blocks))
    assert data["error"] == "invalid_blocks"
    assert data["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]
    assert [violation.code for violation in slack.violations] == ["too_long"]


async def test_blocks_without_text_pass_as_at_slack_but_are_noted(slack: StandIn, client: AsyncWebClient) -> None:
    await client.api_call("chat.postMessage", json={"channel": "C0ONE", "blocks": [SECTION]})
    assert [violation.code for violation in slack.violations] == ["text_missing"]


async def test_a_form_call_is_understood_like_a_json_call(slack: StandIn, client: AsyncWebClient) -> None:
    await client.api_call("chat.postMessage", data={"channel": "#ett", "text": "å", "blocks": "[]"})
    assert slack.person("anna").newest("ett").text == "å"


async def test_an_archived_channel_takes_nothing(slack: StandIn, client: AsyncWebClient) -> None:
    slack.archive("C0ONE")
    assert (await refusal(client.chat_postMessage(channel="C0ONE", text="x")))["error"] == "is_archived"


async def test_a_channel_that_is_gone_was_never_there(slack: StandIn, client: AsyncWebClient) -> None:
    slack.remove_channel("C0ONE")
    assert (await refusal(client.chat_postMessage(channel="C0ONE", text="x")))["error"] == "channel_not_found"


async def test_a_message_to_a_person_goes_to_the_direct_messages(slack: StandIn, client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel="U0ANNA", text="Hej")
    assert answer["channel"].startswith("D")
    assert [held.text for held in slack.person("anna").direct_messages()] == ["Hej"]
    assert slack.person("julia").direct_messages() == []


async def test_a_stranger_cannot_be_written_to(client: AsyncWebClient) -> None:
    assert (await refusal(client.chat_postMessage(channel="U2EVA", text="x")))["error"] == "channel_not_found"


async def test_the_bot_changes_its_own_message_in_place(slack: StandIn, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0ONE", text="Förut", blocks=[SECTION])
    changed = await client.chat_update(channel="C0ONE", ts=posted["ts"], text="Nu")
    assert changed["text"] == "Nu"
    assert changed["message"]["edited"]["user"] == "U0BOT"
    [message] = slack.person("anna").messages("ett")
    assert message.blocks, "blocks that are not sent again stay"
    await client.chat_update(channel="C0ONE", ts=posted["ts"], text="Nu", blocks=[])
    assert message.blocks == []


async def test_the_bot_takes_its_own_message_back(slack: StandIn, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0ONE", text="Hej")
    await client.chat_delete(channel="C0ONE", ts=posted["ts"])
    assert slack.person("anna").messages("ett") == []
    assert (await refusal(client.chat_delete(channel="C0ONE", ts=posted["ts"])))["error"] == "message_not_found"


async def test_nobody_changes_another_ones_message(slack: StandIn, client: AsyncWebClient) -> None:
    await slack.person("anna").say("Mitt", "ett")
    ts = slack.person("anna").newest("ett").ts
    changed = await refusal(client.chat_update(channel="C0ONE", ts=ts, text="x"))
    deleted = await refusal(client.chat_delete(channel="C0ONE", ts=ts))
    missing = await refusal(client.chat_update(channel="C0ONE", ts="1.000001", text="x"))
    assert (changed["error"], deleted["error"]) == ("cant_update_message", "cant_delete_message")
    assert missing["error"] == "message_not_found"


async def test_an_ephemeral_message_is_seen_by_one_and_kept_nowhere(slack: StandIn, client: AsyncWebClient) -> None:
    answer = await client.chat_postEphemeral(channel="C0ONE", user="U0ANNA", text="Bara du")
    assert [held.text for held in slack.person("anna").only_visible_to_me()] == ["Bara du"]
    assert slack.person("olle").messages("ett") == []
    assert (await client.conversations_history(channel="C0ONE"))["messages"] == []
    ts = answer["message_ts"]
    assert (await refusal(client.chat_update(channel="C0ONE", ts=ts, text="x")))["error"] == "message_not_found"


async def test_an_ephemeral_message_needs_a_member(client: AsyncWebClient) -> None:
    data = await refusal(client.chat_postEphemeral(channel="C0ONE", user="U0JULIA", text="x"))
    assert data["error"] == "user_not_in_channel"


async def test_a_permalink_names_channel_and_message(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0ONE", text="x")
    answer = await client.chat_getPermalink(channel="C0ONE", message_ts=posted["ts"])
    assert answer["permalink"].endswith("/archives/C0ONE/p" + posted["ts"].replace(".", ""))
    data = await refusal(client.chat_getPermalink(channel="C0ONE", message_ts="1.000001"))
    assert data["error"] == "message_not_found"


async def test_metadata_comes_back_when_it_is_asked_for(client: AsyncWebClient) -> None:
    metadata = {"event_type": "sent", "event_payload": {"key": "a1"}}
    await client.chat_postMessage(channel="C0ONE", text="x", metadata=metadata)
    with_it = await client.conversations_history(channel="C0ONE", include_all_metadata=True)
    without = await client.conversations_history(channel="C0ONE")
    assert with_it["messages"][0]["metadata"] == metadata
    assert "metadata" not in without["messages"][0]


async def test_a_reply_stands_in_the_thread_and_not_in_the_channel(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel="C0ONE", text="Först")
    await client.chat_postMessage(channel="C0ONE", text="Svar", thread_ts=first["ts"])
    history = (await client.conversations_history(channel="C0ONE"))["messages"]
    replies = (await client.conversations_replies(channel="C0ONE", ts=first["ts"]))["messages"]
    assert [held["text"] for held in history] == ["Först"]
    assert history[0]["reply_count"] == 1
    assert [held["text"] for held in replies] == ["Först", "Svar"]
    assert replies[1]["parent_user_id"] == "U0BOT"
