"""Slack's JSON shapes of users, conversations, messages, views and files."""

from __future__ import annotations

from typing import Any

from demo.slack.state.files import media_type
from demo.slack.state.records import Channel, File, Installation, Json, Message, User, View
from demo.slack.state.state import State


def user_json(user: User, install: Installation, *, with_locale: bool = False, with_email: bool = True) -> Json:
    """Return a user as `users.info` gives it to this installation; strangers show little."""
    stranger = user.team != install.team
    profile: Json = {"real_name": user.real_name, "display_name": user.name, "team": user.team}
    if user.email and with_email and not stranger:
        profile["email"] = user.email
    shape: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_stranger": stranger,
        "updated": 0,
    }
    if not stranger:
        shape["tz"] = user.zone
    if with_locale:
        shape["locale"] = user.locale
    return shape


def channel_json(channel: Channel, install: Installation) -> Json:
    """Return a conversation as `conversations.info` gives it."""
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_private": channel.private,
        "is_ext_shared": bool(channel.shared_with),
        "is_shared": bool(channel.shared_with),
        "context_team_id": install.team,
    }
    if channel.kind == "im":
        others = [member for member in channel.members if member != install.bot_user]
        return {**common, "user": others[0] if others else install.bot_user}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": False,
        "is_member": install.bot_user in channel.members,
        "num_members": len(channel.members),
        "shared_team_ids": sorted({channel.team, *channel.shared_with}),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def message_json(state: State, message: Message, *, with_metadata: bool = True) -> Json:
    """Return a message as the Web API and the payloads carry it."""
    shape: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": message.team,
    }
    if message.bot_id:
        shape |= {"bot_id": message.bot_id, "app_id": message.app_id}
    if message.blocks:
        shape["blocks"] = message.blocks
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
        if message.thread_ts != message.ts:
            parent = state.messages.find(message.channel, message.thread_ts)
            shape["parent_user_id"] = parent.user if parent else message.user
    if message.broadcast:
        shape["subtype"] = "thread_broadcast"
    if message.metadata and with_metadata:
        shape["metadata"] = message.metadata
    if message.edited_ts:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.reactions:
        shape["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions.items()
        ]
    kept = [file for file_id in message.files if (file := state.files.find(file_id))]
    if kept:
        shape["files"] = [file_json(state, file) for file in kept]
    return shape | _thread_summary(state, message)


def _thread_summary(state: State, message: Message) -> Json:
    replies = state.messages.replies(message.channel, message.ts)
    if not replies:
        return {}
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": sorted({held.user for held in replies}),
        "latest_reply": replies[-1].ts,
    }


def view_json(state: State, view: View) -> Json:
    """Return a view as `views.*` answers it and the payloads carry it."""
    payload = view.payload
    install = state.directory.installations[view.installed_team]
    return {
        "id": view.id,
        "team_id": view.team,
        "type": view.kind,
        "blocks": view.blocks,
        "private_metadata": payload.get("private_metadata", ""),
        "callback_id": payload.get("callback_id", ""),
        "state": {"values": view.values},
        "hash": view.hash,
        "title": payload.get("title"),
        "clear_on_close": payload.get("clear_on_close", False),
        "notify_on_close": payload.get("notify_on_close", False),
        "close": payload.get("close"),
        "submit": payload.get("submit"),
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": state.app.id,
        "external_id": payload.get("external_id", ""),
        "app_installed_team_id": view.installed_team,
        "bot_id": install.bot_id,
    }


def file_json(state: State, file: File) -> Json:
    """Return a file as `files.info` gives it."""
    shares: dict[str, dict[str, list[Json]]] = {}
    for channel_id, ts, thread_ts in file.shares:
        channel = state.directory.channels[channel_id]
        place = shares.setdefault("private" if channel.private else "public", {})
        place.setdefault(channel_id, []).append({"ts": ts} | ({"thread_ts": thread_ts} if thread_ts else {}))
    address = f"{state.base_url}/files-pri/{file.team}-{file.id}/{file.name}"
    shape: dict[str, Any] = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": media_type(file),
        "filetype": file.name.rpartition(".")[2],
        "user": file.user,
        "size": file.size,
        "mode": "hosted",
        "url_private": address,
        "url_private_download": f"{address}?download=1",
        "channels": [share[0] for share in file.shares],
        "shares": shares,
    }
    return shape
