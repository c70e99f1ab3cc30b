"""Writes what happens in a world as lines: what people do, what the bot says and where, mails, and days passing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from textwrap import shorten, wrap
from typing import Any

from demo.matrix.held import Event, Room
from demo.matrix.homeserver import BOT, relation
from demo.slack.state.records import Json, Message
from demo.world.people import PEOPLE
from demo.world.world import World

_WIDTH = 92
_INDENT = "        "


class Transcript:
    """Tells of a world by `tell`, line by line; `news` tells what came since it was last called.

    Nothing is told twice: of a changed message only what is new in it, of several that say the same only the first.
    """

    def __init__(self, world: World, tell: Callable[[str], None]) -> None:
        self._world = world
        self._tell = tell
        self._versions: dict[tuple[str, str], str] = {}
        self._lines: dict[tuple[str, str], list[str]] = {}
        self._mails = 0
        self._events = 0
        self._day = ""

    def act(self, who: str, words: str) -> None:
        """Tell what somebody does."""
        self._begin_day()
        name = self._world.person(who).user.real_name
        self._tell("")
        self._tell(f"{self._clock()}  > {name}: {words}")

    def news(self) -> None:
        """Tell which messages came or changed and which mails arrived."""
        told: set[str] = set()
        for message in sorted(self._world.slack.state.messages.everywhere(), key=_moment):
            place = (message.channel, message.ts)
            version = message.edited_ts or message.ts
            before = self._versions.get(place)
            if before == version:
                continue
            self._versions[place] = version
            self._message(message, told, changed=before is not None)
        self._rooms()
        for mail in self._world.postbox.mails[self._mails :]:
            subject = str(message_from_bytes(mail.data, policy=default)["subject"])
            self._tell(f"{self._clock()}  @ {mail.recipient}: {subject}")
        self._mails = len(self._world.postbox.mails)

    def _rooms(self) -> None:
        """Tell in a line each what was said and signed in rooms of Matrix; what it says in full stands above."""
        held = self._world.matrix.held
        for event in list(held.events.values())[self._events :]:
            what = self._said(event)
            if what:
                self._begin_day(datetime.fromtimestamp(event.at, self._world.zone))
                begins = "< " if event.sender == BOT else f"> {self._called(event.sender)}, "
                where = f"{self._world.words('matrix.name')} {self._room(held.rooms[event.room])}"
                self._tell(f"{self._clock(str(event.at))}  {begins}{where}: {what}")
        self._events = len(held.events)

    def _room(self, room: Room) -> str:
        with_one = next(self._called(member) for member in room.members if member != BOT)
        return room.name or self._world.words("play.to", name=with_one)

    def _said(self, event: Event) -> str:
        """Return the beginning of what somebody said, or their sign; edits and the bot's signs say nothing new."""
        about = relation(event)
        if event.kind == "m.reaction":
            return "" if event.sender == BOT else str(about["key"])
        if event.kind != "m.room.message" or about.get("rel_type") == "m.replace":
            return ""
        return shorten(str(event.content["body"]), _WIDTH, placeholder=" …")

    def _called(self, user: str) -> str:
        return next((real_name for known, _, real_name, _ in PEOPLE if known == user), user)

    def _message(self, message: Message, told: set[str], *, changed: bool) -> None:
        """Tell what a message says that neither its last version nor another message of this moment has said."""
        words, place = self._world.words, (message.channel, message.ts)
        if message.user not in self._bots():
            return
        lines = _lines(message.blocks) or [message.text or self._files(message)]
        before = self._lines.get(place, ())
        self._lines[place] = lines
        fresh = [line for line in lines if line not in before]
        shown = [line for line in fresh if line not in told]
        told.update(fresh)
        if changed and not fresh:
            return
        self._begin_day(datetime.fromtimestamp(float(message.edited_ts or message.ts), self._world.zone))
        notes = [
            words("play.private") if message.only_for else "",
            words("play.changed") if changed else "",
            "" if len(shown) == len(fresh) else words("play.rest" if shown else "play.same"),
        ]
        note = ", ".join(part for part in notes if part)
        where = self._where(message)
        self._tell(f"{self._clock(message.edited_ts or message.ts)}  < {where}{f' ({note})' if note else ''}")
        for line in shown:
            for piece in wrap(line, _WIDTH) or [""]:
                self._tell(f"{_INDENT}{piece}")

    def _files(self, message: Message) -> str:
        held = (self._world.slack.state.files.find(name) for name in message.files)
        return ", ".join(f"{file.title} ({file.name})" for file in held if file is not None)

    def _where(self, message: Message) -> str:
        directory = self._world.slack.directory
        channel = directory.channels[message.channel]
        if channel.kind != "im":
            return f"#{channel.name}"
        people = [directory.users[member] for member in channel.members if member not in self._bots()]
        return self._world.words("play.to", name=people[0].real_name if people else "?")

    def _bots(self) -> set[str]:
        return {held.bot_user for held in self._world.slack.directory.installations.values()}

    def _begin_day(self, at: datetime | None = None) -> None:
        moment = at or self._world.now()
        day = moment.date().isoformat()
        if day <= self._day:
            return
        self._day = day
        title = self._world.bot.services.speak(self._world.language).day(moment.date())
        self._tell("")
        self._tell(f"── {title} {'─' * (70 - len(title))}")

    def _clock(self, ts: str | None = None) -> str:
        moment = self._world.now() if ts is None else datetime.fromtimestamp(float(ts), self._world.zone)
        return f"{moment:%H:%M}"


def _moment(message: Message) -> float:
    return float(message.edited_ts or message.ts)


def _lines(blocks: list[Json]) -> list[str]:
    """Return what stands in blocks, as plain lines; buttons in one line, a picture by what it says."""
    found: list[str] = []
    for block in blocks:
        if block["type"] == "actions":
            found.append(
                "  ".join(f"[{element['text']['text']}]" for element in block["elements"] if "text" in element)
            )
        elif block["type"] == "rich_text":
            for part in block["elements"]:
                found.extend(_rich(part))
        elif block["type"] == "image":
            found.append(f"▦ {block['alt_text']}")
        else:
            found.extend(text for text in _texts(block) if text)
    return [line for line in found if line]


def _rich(part: Json) -> Iterator[str]:
    if part["type"] == "rich_text_list":
        for item in part["elements"]:
            yield f"• {_run(item)}"
    else:
        yield from _run(part).split("\n")


def _run(part: Json) -> str:
    return "".join(str(run.get("text", "")) for run in part["elements"])


def _texts(held: Any) -> Iterator[str]:
    if isinstance(held, dict):
        if held.get("type") in ("plain_text", "mrkdwn") and isinstance(held.get("text"), str):
            yield held["text"]
            return
        for value in held.values():
            yield from _texts(value)
    elif isinstance(held, list):
        for value in held:
            yield from _texts(value)
