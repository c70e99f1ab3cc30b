"""What goes to the bot and what comes back, whichever way it travels."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal, Protocol

from demo.slack.state.records import Json

DeliveryKind = Literal["slash_commands", "interactive", "events_api"]
Failure = Literal["operation_timeout", "http_service_error", "dispatch_failed"]


@dataclass(frozen=True, slots=True)
class Forgery:
    """How a request differs from an honest one: another secret, signature or time (Unix seconds)."""

    secret: str | None = None
    signature: str | None = None
    timestamp: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request to the bot. `retry` counts Slack's repetitions of an event; 0 is the first try."""

    kind: DeliveryKind
    payload: Json
    retry: int = 0
    retry_reason: str = "http_timeout"
    forgery: Forgery | None = None


@dataclass(frozen=True, slots=True)
class BotAnswer:
    """What came back: status (`None`: nothing), body, milliseconds until the ack, and what went wrong."""

    status: int | None
    body: bytes
    ack_ms: float
    headers: dict[str, str] = field(default_factory=dict)
    failure: Failure | None = None

    def json(self) -> Json | None:
        """Return the body as an object, if it is one."""
        try:
            held = json.loads(self.body)
        except ValueError:
            return None
        return held if isinstance(held, dict) else None


class Link(Protocol):
    """A way to the bot."""

    async def send(self, delivery: Delivery) -> BotAnswer:
        """Hand a request over and wait at most Slack's three seconds for the ack."""
        ...
