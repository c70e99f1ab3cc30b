"""`conversations.*`: which conversations there are, who is in them, and what was said."""

from __future__ import annotations

from collections.abc import Callable

from demo.slack.api.call import TIER_2, TIER_3, TIER_4, Call, Method
from demo.slack.api.pages import page
from demo.slack.errors import ApiError
from demo.slack.state.records import Channel, ChannelKind, Json, Message
from demo.slack.state.shapes import channel_json, message_json

GROUP_MOST = 8
_FAMILY: dict[ChannelKind, str] = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
_KINDS: dict[str, ChannelKind] = {
    "public_channel": "public",
    "private_channel": "private",
    "im": "im",
    "mpim": "mpim",
}


def scope(right: str) -> Callable[[Call], str]:
    """Return the scope a right needs, by the kind of conversation that is asked for."""

    def needed(call: Call) -> str:
        channel = call.state.directory.channel(call.args.text("channel"))
        return f"{_FAMILY[channel.kind if channel else 'public']}:{right}"

    return needed


def _open(call: Call) -> Json:
    directory, install = call.state.directory, call.install
    if call.args.text("channel"):
        return {"channel": channel_json(call.channel(), install)}
    names = call.args.words("users")
    if not names:
        raise ApiError("users_list_not_supplied")
    if len(names) > GROUP_MOST:
        raise ApiError("too_many_users")
    users = [directory.user_seen_by_app(install, name) for name in names]
    if any(user.team != install.team for user in users):
        # Slack lets an app write to strangers in the shared channel alone.
        raise ApiError("user_not_found")
    if any(user.is_bot for user in users):
        raise ApiError("cannot_dm_bot")
    before = len(directory.channels)
    channel = directory.direct([*(user.id for user in users), install.bot_user], install.team)
    answer: Json = {"channel": {"id": channel.id}}
    if len(directory.channels) == before:
        answer |= {"no_op": True, "already_open": True}
    if call.args.flag("return_im"):
        answer["channel"] = channel_json(channel, install)
    return answer


def _info(call: Call) -> Json:
    return {"channel": channel_json(call.channel(), call.install)}


def _list(call: Call) -> Json:
    kinds = call.args.words("types") or ["public_channel"]
    if any(kind not in _KINDS for kind in kinds):
        raise ApiError("invalid_types")
    wanted = {_KINDS[kind] for kind in kinds}
    install, directory = call.install, call.state.directory
    seen = [
        channel
        for channel in directory.channels.values()
        if channel.kind in wanted
        and not channel.gone
        and directory.reaches(install.team, channel)
        and (not channel.private or install.bot_user in channel.members)
        and not (channel.archived and call.args.flag("exclude_archived"))
    ]
    shown, cursor = page(seen, call.args)
    shapes = [channel_json(channel, install) for channel in shown]
    return {"channels": shapes, "response_metadata": {"next_cursor": cursor}}


def _members(call: Call) -> Json:
    shown, cursor = page(call.channel().members, call.args)
    return {"members": shown, "response_metadata": {"next_cursor": cursor}}


def _readable(call: Call) -> Channel:
    channel = call.channel()
    if call.install.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def _in_span(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = call.args.text("oldest"), call.args.text("latest")
    try:
        low = float(oldest) if oldest else float("-inf")
        high = float(latest) if latest else float("inf")
    except ValueError as broken:
        raise ApiError("invalid_ts_latest" if oldest.replace(".", "").isdigit() else "invalid_ts_oldest") from broken
    edges = call.args.flag("inclusive")
    return [
        message
        for message in messages
        if low < float(message.ts) < high or (edges and float(message.ts) in (low, high))
    ]


def _told(call: Call, messages: list[Message]) -> Json:
    shown, cursor = page(messages, call.args, most=999)
    with_metadata = call.args.flag("include_all_metadata")
    answer: Json = {
        "messages": [message_json(call.state, held, with_metadata=with_metadata) for held in shown],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _history(call: Call) -> Json:
    channel = _readable(call)
    main_line = [
        message
        for message in call.state.messages.in_channel(channel.id)
        if message.only_for is None and (message.thread_ts in (None, message.ts) or message.broadcast)
    ]
    return {**_told(call, _in_span(call, main_line)[::-1]), "pin_count": 0}


def _replies(call: Call) -> Json:
    channel = _readable(call)
    first = call.state.messages.find(channel.id, call.args.required("ts"))
    if first is None or first.only_for is not None:
        raise ApiError("thread_not_found")
    root = first.thread_ts or first.ts
    replies = call.state.messages.replies(channel.id, root)
    parent = call.state.messages.find(channel.id, root)
    return _told(call, ([parent] if parent else []) + _in_span(call, replies))


def _join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind != "public":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    warning: Json = {}
    if call.install.bot_user in channel.members:
        words = "already_in_channel"
        warning = {"warning": words, "response_metadata": {"warnings": [words]}}
    else:
        channel.members.append(call.install.bot_user)
    return {"channel": channel_json(channel, call.install), **warning}


METHODS = {
    "conversations.open": Method(_open, TIER_3, "im:write"),
    "conversations.info": Method(_info, TIER_3, scope("read")),
    "conversations.list": Method(_list, TIER_2, "channels:read"),
    "conversations.members": Method(_members, TIER_4, scope("read")),
    "conversations.history": Method(_history, TIER_3, scope("history")),
    "conversations.replies": Method(_replies, TIER_3, scope("history")),
    "conversations.join": Method(_join, TIER_3, "channels:join"),
}
