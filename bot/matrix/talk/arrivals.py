"""What arrives from rooms, read carefully: everything in an event is what somebody's program chose to put there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from domain.text.outside import writable

_NAME_MOST = 255
#: Characters of a message that are read; nobody types more into a question.
TEXT_MOST = 4000


class Kind(StrEnum):
    """What somebody did."""

    WORD = "word"
    REACTION = "reaction"
    TAKEN_BACK = "taken_back"
    EDITED = "edited"
    UNREADABLE = "unreadable"
    BEFORE = "before"  # written before this device of the bot's, which has no key to it


@dataclass(frozen=True, slots=True)
class Arrived:
    """One act in a room.

    `about` is the message it answers: the thread's root, the message replied to or reacted to. `sure` says that it
    came encrypted from a device that its owner has signed: only such words bind. `raw` is the event itself while it
    cannot be read.
    """

    event: str
    room: str
    sender: str
    kind: Kind
    text: str = ""
    about: str = ""
    mentions: tuple[str, ...] = ()
    sure: bool = False
    encrypted: bool = False
    raw: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to answer a message: its number in the legend, its sign, and the button it stands for."""

    number: int
    sign: str
    label: str
    action: str
    token: str


Ways: TypeAlias = tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of ours and how it can be answered.

    `root` is the message in whose thread the answer stands: itself, or for what somebody answered with (`by`: their
    identity), a reaction or a word (`is_word`), the message that it answers.
    """

    event: str
    room: str
    ways: Ways
    root: str = ""
    by: str = ""
    is_word: bool = False


def read(raw: Mapping[str, Any], room: str, *, encrypted: bool, sure: bool) -> Arrived | None:
    """Return what an event means, or nothing when it means nothing to us.

    Notices are of programs and are none; an edit changes what was said before, and is no answer whatever it says.
    """
    raw = writable(raw)
    event, sender, content = name(raw.get("event_id")), name(raw.get("sender")), raw.get("content")
    if not event or not sender.startswith("@") or not isinstance(content, Mapping):
        return None
    kind = raw.get("type")
    if kind == "m.reaction":
        return _reaction(event, room, sender, content)
    if kind == "m.room.redaction":
        gone = name(raw.get("redacts")) or name(content.get("redacts"))
        return Arrived(event, room, sender, Kind.TAKEN_BACK, about=gone) if gone else None
    if kind == "m.room.message":
        return _word(event, room, sender, content, encrypted=encrypted, sure=sure)
    return None


def _reaction(event: str, room: str, sender: str, content: Mapping[str, Any]) -> Arrived | None:
    relation = mapping(content.get("m.relates_to"))
    reacted, key = name(relation.get("event_id")), relation.get("key")
    if relation.get("rel_type") != "m.annotation" or not reacted or not isinstance(key, str) or len(key) > _NAME_MOST:
        return None
    return Arrived(event, room, sender, Kind.REACTION, plain_sign(key), reacted)


def _word(
    event: str, room: str, sender: str, content: Mapping[str, Any], *, encrypted: bool, sure: bool
) -> Arrived | None:
    body, relation = content.get("body"), mapping(content.get("m.relates_to"))
    if content.get("msgtype") != "m.text" or not isinstance(body, str):
        return None
    if relation.get("rel_type") == "m.replace":
        edited = name(relation.get("event_id"))
        return Arrived(event, room, sender, Kind.EDITED, about=edited) if edited else None
    reply = name(mapping(relation.get("m.in_reply_to")).get("event_id"))
    mentioned = mapping(content.get("m.mentions")).get("user_ids")
    mentions = tuple(filter(None, map(name, mentioned[:50]))) if isinstance(mentioned, list) else ()
    text = _without_quote(body[:TEXT_MOST]) if reply else body[:TEXT_MOST]
    return Arrived(event, room, sender, Kind.WORD, text.strip(), about(content), mentions, sure, encrypted)


def about(content: object) -> str:
    """Return the message that another one answers: the root of its thread, or what it replies to."""
    relation = mapping(mapping(content).get("m.relates_to"))
    if relation.get("rel_type") == "m.thread":
        return name(relation.get("event_id"))
    return name(mapping(relation.get("m.in_reply_to")).get("event_id"))


def _without_quote(body: str) -> str:
    """Drop the quoted message that older programs put before a reply."""
    if not body.startswith("> "):
        return body
    head, _, rest = body.partition("\n\n")
    return rest if all(line.startswith(">") for line in head.split("\n")) and rest else body


def plain_sign(sign: str) -> str:
    """Return an emoji without the mark that asks for colour, which programs put or leave out as they like."""
    return sign.replace("\ufe0f", "")


def name(value: object) -> str:
    """Return an identifier, or nothing for what cannot be one."""
    return value if isinstance(value, str) and 1 < len(value) <= _NAME_MOST and value.isprintable() else ""


def mapping(value: object) -> Mapping[str, Any]:
    """Return a part of an event that should be a mapping; an empty one where somebody put something else."""
    return value if isinstance(value, Mapping) else {}
