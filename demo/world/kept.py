"""What outlives the program in a kept folder: the chat and the mails, beside the bot's own database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from demo.matrix.held import Held
from demo.matrix.homeserver import Homeserver
from demo.slack.stand_in import StandIn
from demo.slack.state.records import Channel, File, Message
from demo.world.postbox import Mail, Postbox
from demo.world.texts import Language

_FILE = "world.json"


class Kept(msgspec.Struct):
    """The world but for the bot; `read` holds what each person has read by channel, `ids` how far ids were counted."""

    now: datetime
    language: Language
    channels: list[Channel]
    messages: list[Message]
    files: list[File]
    mails: list[Mail]
    opened: list[int]
    read: dict[str, dict[str, str]]
    ids: int
    matrix: Held | None = None


def gathered(slack: StandIn, matrix: Homeserver, postbox: Postbox, now: datetime, language: Language) -> Kept:
    """Gather what there is to keep."""
    return Kept(
        now=now,
        language=language,
        channels=list(slack.directory.channels.values()),
        messages=list(slack.state.messages.everywhere()),
        files=slack.state.files.all(),
        mails=list(postbox.mails),
        opened=sorted(postbox.opened),
        read={name: person.marks for name, person in slack.people.items()},
        ids=slack.state.ids.counted,
        matrix=matrix.held,
    )


def restore(kept: Kept, slack: StandIn, postbox: Postbox) -> None:
    """Put into a fresh stand-in what was kept of another."""
    slack.state.ids.counted = kept.ids
    for channel in kept.channels:
        # Somebody may have been in the chat of an earlier version who is not any more.
        here = [member for member in channel.members if member in slack.directory.users]
        slack.directory.put_back(replace(channel, members=here))
    for message in kept.messages:
        slack.state.messages.put_back(message)
    for file in kept.files:
        slack.state.files.put_back(file)
    postbox.mails.extend(kept.mails)
    postbox.opened.update(kept.opened)
    for name, marks in kept.read.items():
        if name in slack.people:
            slack.person(name).marks.update(marks)


def read_kept(folder: Path) -> Kept | None:
    """Return what a folder holds, if it holds a world."""
    place = folder / _FILE
    return msgspec.json.decode(place.read_bytes(), type=Kept) if place.exists() else None


def write_kept(folder: Path, kept: Kept) -> None:
    """Write what is to be kept, whole or not at all."""
    fresh = folder / f"{_FILE}.new"
    fresh.write_bytes(msgspec.json.encode(kept))
    fresh.replace(folder / _FILE)
