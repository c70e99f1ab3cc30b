"""What one person sees in Slack, as the page draws it: places, messages, the open form and the home tab."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from demo.page.around import around, unread_in
from demo.slack.people.person import Person
from demo.slack.state.files import media_type
from demo.slack.state.records import Channel, File, Json, Message, User, View
from demo.world.people import AGENCIES, CODE
from demo.world.world import World


class Screen:
    """Draws a person's screen as JSON. `moment` is read once, so that one answer tells of one moment."""

    def __init__(self, world: World, person: Person) -> None:
        self._world = world
        self._person = person
        self._state = world.slack.state

    def drawn(self, place: str) -> Json:
        """Return the whole screen with one place open: a channel's id, or `home` and the like."""
        person, world = self._person, self._world
        channels = {channel.id: channel for channel in self._channels()}
        opened = channels.get(place)
        return around(world, person) | {
            "look": "slack",
            "places": [self._place(channel) for channel in channels.values()],
            "place": None if opened is None else self._place(opened) | {"members": self._members(opened)},
            "messages": [] if opened is None else self._messages(opened),
            "home": None if person.home is None else self._view(person.home),
            "view": None if person.view is None else self._view(person.view),
            "codes": self._codes(),
        }

    # ---- places ----------------------------------------------------------------------------------------------

    def _channels(self) -> list[Channel]:
        person = self._person
        if person.user.team in self._state.directory.installations:
            person.channel()  # the direct messages with the bot are always there to be opened
        kinds = {"im": 0, "private": 1, "public": 2}
        return sorted(person.channels(), key=lambda channel: kinds.get(channel.kind, 3))

    def _place(self, channel: Channel) -> Json:
        bots = [held.bot_user for held in self._state.directory.installations.values()]
        return {
            "id": channel.id,
            "kind": channel.kind,
            "name": channel.name,
            "shared": bool(channel.shared_with),
            "with_bot": any(bot in channel.members for bot in bots),
            "unread": len(unread_in(self._person, channel)),
            "read": self._person.marks.get(channel.id, "0"),
        }

    def _members(self, channel: Channel) -> list[str]:
        users = (self._state.directory.users[member] for member in channel.members)
        return [user.real_name for user in users if not user.is_bot]

    def _codes(self) -> list[str]:
        """Return the case codes that this person has before their eyes, the newest first."""
        seen = (json.dumps(message.blocks) for message in reversed(self._person.messages()))
        return list(dict.fromkeys(code for blocks in seen for code in CODE.findall(blocks)))

    # ---- messages --------------------------------------------------------------------------------------------

    def _messages(self, channel: Channel) -> list[Json]:
        """Return what stands in a channel, oldest first, each with its thread."""
        seen = self._person.messages(channel.id)
        drawn: dict[str, Json] = {}
        for message in seen:
            shape = self._message(message)
            parent = drawn.get(message.thread_ts or "")
            if parent is not None and message.thread_ts != message.ts:
                parent["replies"].append(shape)
            else:
                drawn[message.ts] = shape
        return list(drawn.values())

    def _message(self, message: Message) -> Json:
        author = self._state.directory.users.get(message.user)
        return {
            "ts": message.ts,
            "channel": message.channel,
            "at": self._wall(message.ts),
            "edited": self._wall(message.edited_ts) if message.edited_ts else None,
            "version": f"{message.ts}/{message.edited_ts or ''}",
            "author": self._author(author, bot=message.bot_id is not None),
            "text": message.text,
            "blocks": message.blocks,
            "private": message.only_for is not None,
            "files": [self._file(file) for name in message.files if (file := self._state.files.find(name))],
            "replies": [],
        }

    def _author(self, user: User | None, *, bot: bool) -> Json:
        if bot or user is None:
            return {"name": self._world.words("bot.name"), "bot": True, "agency": "bot"}
        return {"name": user.real_name, "bot": False, "agency": AGENCIES.get(user.name) or "none", "id": user.id}

    def _wall(self, ts: str) -> str:
        return datetime.fromtimestamp(float(ts), self._world.zone).isoformat()

    def _file(self, file: File) -> Json:
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title,
            "size": file.size,
            "type": media_type(file),
            "url": f"/files/{file.id}/{file.name}",
        }

    def _view(self, view: View) -> Json:
        payload: dict[str, Any] = view.payload
        return {
            "id": view.id,
            "hash": view.hash,
            "kind": view.kind,
            "name": view.callback_id,
            "title": payload.get("title"),
            "submit": payload.get("submit"),
            "close": payload.get("close"),
            "blocks": view.blocks,
            "values": view.values,
        }
