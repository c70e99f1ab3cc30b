"""`chat.*`: messages posted, changed, taken back, and shown to one person alone."""

from __future__ import annotations

from typing import Any

from bot.slack.block_kit.rules import TEXT_MOST, check_message
from demo.slack.api.call import HUNDREDS, TIER_3, TIER_4, Call, Method
from demo.slack.errors import ApiError
from demo.slack.state.records import Channel, Json, Message
from demo.slack.state.shapes import message_json


def message_content(call: Call) -> Json:
    """Return a message's text, blocks and metadata from the arguments if Slack would take them.

    Raises:
        ApiError: `no_text`, `msg_too_long`, `invalid_blocks` and others of its family, `invalid_metadata_*`.
    """
    text = call.args.text("text")
    blocks = call.args.structure("blocks", "invalid_blocks_format")
    metadata = call.args.structure("metadata", "invalid_metadata_format")
    if blocks is not None and not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    if len(text) > TEXT_MOST:
        raise ApiError("msg_too_long")
    if not text and not blocks:
        raise ApiError("no_text")
    found = check_message({"text": text, "blocks": blocks, "metadata": metadata})
    call.noted.extend(violation for violation in found if violation.code == "text_missing")
    refused = [violation for violation in found if violation.code != "text_missing"]
    if any(violation.pointer.startswith("/metadata") for violation in refused):
        raise ApiError("invalid_metadata_schema", violations=refused)
    if refused:
        raise ApiError("invalid_blocks", violations=refused)
    _require_files(call, blocks or [])
    return {"text": text, "blocks": blocks or [], "metadata": metadata}


def _require_files(call: Call, blocks: list[Json]) -> None:
    """Refuse a picture of a file that is not there, not the app's, no picture, or not read yet."""
    for number, block in enumerate(blocks):
        file = block.get("slack_file")
        if file is not None and call.state.files.to_show(call.install, file.get("id")) is None:
            pointer = f"/blocks/{number}/slack_file"
            raise ApiError("invalid_blocks", messages=[f"[ERROR] invalid slack file [json-pointer:{pointer}]"])


def writable(call: Call, channel: Channel) -> Channel:
    """Return the channel if the bot may write there.

    Raises:
        ApiError: `not_in_channel` or `is_archived`.
    """
    if call.install.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    if channel.archived:
        raise ApiError("is_archived")
    return channel


def target(call: Call) -> Channel:
    """Return where a message goes: a conversation, or the direct messages with a user."""
    name = call.args.required("channel")
    user = call.state.directory.users.get(name)
    if user is None:
        return writable(call, call.channel())
    if user.team != call.install.team:
        raise ApiError("channel_not_found")
    return call.state.directory.direct([user.id, call.install.bot_user], call.install.team)


def as_bot(call: Call) -> dict[str, Any]:
    """Return the fields of a message that say who wrote it."""
    install = call.install
    return {
        "team": install.team,
        "user": install.bot_user,
        "bot_id": install.bot_id,
        "app_id": call.state.app.id,
    }


def thread_of(call: Call, channel: Channel) -> str | None:
    """Return the thread an argument names, always by its first message.

    Raises:
        ApiError: `thread_not_found`.
    """
    thread = call.args.text("thread_ts")
    if not thread:
        return None
    parent = call.state.messages.find(channel.id, thread)
    if parent is None or parent.only_for is not None:
        raise ApiError("thread_not_found")
    return parent.thread_ts or parent.ts


def _post(call: Call) -> Json:
    channel = target(call)
    content = message_content(call)
    thread = thread_of(call, channel)
    broadcast = bool(thread) and call.args.flag("reply_broadcast")
    message = call.state.messages.post(channel.id, **content, **as_bot(call), thread_ts=thread, broadcast=broadcast)
    return {"channel": channel.id, "ts": message.ts, "message": message_json(call.state, message)}


def _post_ephemeral(call: Call) -> Json:
    channel = writable(call, call.channel())
    user = call.args.required("user")
    if user not in call.state.directory.users or user not in channel.members:
        raise ApiError("user_not_in_channel")
    content = message_content(call)
    thread = thread_of(call, channel)
    message = call.state.messages.post(channel.id, **content, **as_bot(call), thread_ts=thread, only_for=user)
    return {"message_ts": message.ts}


def own_message(call: Call, refusal: str) -> Message:
    """Return the app's own message that `channel` and `ts` name.

    Raises:
        ApiError: `channel_not_found`, `message_not_found`, or `refusal` for somebody else's message.
    """
    channel = call.channel()
    message = call.state.messages.find(channel.id, call.args.required("ts"))
    if message is None or message.only_for is not None:
        raise ApiError("message_not_found")
    if message.user != call.install.bot_user:
        raise ApiError(refusal)
    return message


def _update(call: Call) -> Json:
    message = own_message(call, "cant_update_message")
    if call.state.directory.channels[message.channel].archived:
        raise ApiError("is_archived")
    content = message_content(call)
    changed: Json = {"text": content["text"] or message.text}
    # Blocks that are not sent again stay; only an empty list takes them away.
    if "blocks" in call.args:
        changed["blocks"] = content["blocks"]
    if content["metadata"] is not None:
        changed["metadata"] = content["metadata"]
    call.state.messages.change(message, **changed)
    shape = message_json(call.state, message)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shape}


def _delete(call: Call) -> Json:
    message = own_message(call, "cant_delete_message")
    call.state.messages.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def _permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.state.messages.find(channel.id, call.args.required("message_ts"))
    if message is None or message.only_for is not None:
        raise ApiError("message_not_found")
    domain = call.state.directory.teams[call.install.team].domain
    link = f"https://{domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


METHODS = {
    "chat.postMessage": Method(_post, HUNDREDS, "chat:write"),
    "chat.postEphemeral": Method(_post_ephemeral, TIER_4, "chat:write"),
    "chat.update": Method(_update, TIER_3, "chat:write"),
    "chat.delete": Method(_delete, TIER_3, "chat:write"),
    "chat.getPermalink": Method(_permalink, HUNDREDS),
}
