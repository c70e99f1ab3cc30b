"""One Web API call: who calls, with what, and what a method is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bot.slack.block_kit.rules import Violation
from demo.slack.api.arguments import Arguments
from demo.slack.errors import ApiError
from demo.slack.state.records import Channel, Installation, Json
from demo.slack.state.state import State

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
HUNDREDS = 600


@dataclass(slots=True)
class Call:
    """A call under way. `noted` gathers broken rules that Slack lets pass: a message without `text`."""

    state: State
    args: Arguments
    installation: Installation | None = None
    noted: list[Violation] = field(default_factory=list)

    @property
    def install(self) -> Installation:
        """Return the caller's installation.

        Raises:
            ApiError: `not_authed`, for a method that was reached without a bot token.
        """
        if self.installation is None:
            raise ApiError("not_authed")
        return self.installation

    def channel(self, name: str = "channel") -> Channel:
        """Return the conversation that an argument names, as the app may see it.

        Raises:
            ApiError: `invalid_arguments` or `channel_not_found`.
        """
        return self.state.directory.seen_by_app(self.install, self.args.required(name))


Scope: TypeAlias = str | Callable[[Call], str]


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method: what it does, how often a minute, with which scope and which kind of token."""

    run: Callable[[Call], Json]
    per_minute: int
    scope: Scope = ""
    caller: Literal["bot", "app", "anyone"] = "bot"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """The record of a finished call; `status` 0 means that the connection was dropped without an answer."""

    method: str
    team: str | None
    args: Json
    status: int
    result: Json
    violations: tuple[Violation, ...]
    duration_ms: float
    at: float
    fault: str | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the caller was told that it went well."""
        return self.result.get("ok") is True and bool(self.status)
