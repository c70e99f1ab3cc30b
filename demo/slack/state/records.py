"""What the stand-in keeps: teams, people, conversations, messages, views and files, as plain records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]
Clock: TypeAlias = Callable[[], float]
ChannelKind = Literal["public", "private", "im", "mpim"]
ViewKind = Literal["modal", "home"]


@dataclass(frozen=True, slots=True)
class Team:
    """One workspace of one organisation."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot user; who it is, is its team and its id together."""

    id: str
    team: str
    name: str
    real_name: str
    email: str = ""
    locale: str = "sv-SE"
    zone: str = "Europe/Stockholm"
    is_bot: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """The app as it is registered with Slack: its secrets and what it answers to."""

    id: str
    name: str
    signing_secret: str
    app_token: str
    verification_token: str
    commands: frozenset[str]
    events: frozenset[str]


@dataclass(slots=True)
class Installation:
    """The app in one team: its token, its bot user and what it may do (`None`: everything)."""

    team: str
    bot_token: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str] | None = None
    revoked: bool = False


@dataclass(slots=True)
class Channel:
    """A conversation. `shared_with` holds the other teams of a Slack Connect channel."""

    id: str
    team: str
    name: str
    kind: ChannelKind
    members: list[str]
    created: int
    archived: bool = False
    gone: bool = False
    shared_with: frozenset[str] = frozenset()

    @property
    def private(self) -> bool:
        """Tell whether only members may know of it."""
        return self.kind != "public"


@dataclass(slots=True)
class Message:
    """A message in a channel; `only_for` names the one user who sees it when it is ephemeral."""

    channel: str
    ts: str
    team: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    app_id: str | None = None
    thread_ts: str | None = None
    metadata: Json | None = None
    edited_ts: str | None = None
    only_for: str | None = None
    broadcast: bool = False
    deleted: bool = False
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class View:
    """A modal or a home tab as one person has it; `payload` is what the app sent, with ids filled in."""

    id: str
    team: str
    installed_team: str
    user: str
    kind: ViewKind
    payload: Json
    hash: str
    root: str
    previous: str | None = None
    values: Json = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """Return the view's blocks."""
        blocks = self.payload.get("blocks")
        return blocks if isinstance(blocks, list) else []

    @property
    def callback_id(self) -> str:
        """Return the app's own name for this kind of view."""
        return str(self.payload.get("callback_id", ""))


@dataclass(slots=True)
class File:
    """A file, from the promise of its upload to its end; `shares` is (channel, message ts, thread ts).

    `asked` is how often a message was to show it.
    """

    id: str
    team: str
    user: str
    name: str
    size: int
    created: int
    title: str = ""
    content: bytes = b""
    uploaded: bool = False
    complete: bool = False
    deleted: bool = False
    asked: int = 0
    shares: list[tuple[str, str, str | None]] = field(default_factory=list)
