"""Chooses the way to the bot and keeps a record of what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from demo.slack.delivery.delivery import BotAnswer, Delivery
from demo.slack.delivery.http_link import HttpLink
from demo.slack.delivery.socket_mode import SocketMode
from demo.slack.state.state import State


@dataclass(frozen=True, slots=True)
class Sent:
    """A request to the bot and its answer; `at` is when it was answered."""

    delivery: Delivery
    answer: BotAnswer
    at: float


class Dispatch:
    """The way to the bot: an open Socket Mode connection if there is one, its HTTP address otherwise."""

    def __init__(self, state: State, sockets: SocketMode) -> None:
        self.sockets = sockets
        self.http: HttpLink | None = None
        self.sent: list[Sent] = []
        self._state = state

    async def send(self, delivery: Delivery) -> BotAnswer:
        """Send a request and return the bot's answer, or what came in its stead."""
        if self.sockets.connections:
            answer = await self.sockets.send(delivery)
        elif self.http is not None:
            answer = await self.http.send(delivery)
        else:
            answer = BotAnswer(None, b"", 0.0, failure="dispatch_failed")
        sent = Sent(delivery, answer, self._state.clock())
        self.sent.append(sent)
        self._state.stream.publish("bot_request", sent=sent)
        return answer
