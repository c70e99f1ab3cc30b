"""What came of a person's act: what the bot answered, and what the person then saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from demo.slack.delivery.delivery import BotAnswer, Delivery
from demo.slack.state.records import Message, View

FormAction = Literal["closed", "errors", "updated", "pushed", "cleared"]


@dataclass(slots=True)
class Outcome:
    """The outcome of one act.

    `answer` is `None` when Slack's client sent nothing. `shown` is what Slack itself tells the person when
    something failed. `view` is the modal this act brought up, `messages` what appeared on the person's screen
    until the ack. For a form: `action` and the `errors` at its fields, the client's own included.
    """

    delivery: Delivery | None = None
    answer: BotAnswer | None = None
    shown: str | None = None
    view: View | None = None
    messages: list[Message] = field(default_factory=list)
    action: FormAction | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int | None:
        """Return the HTTP status of the bot's answer."""
        return self.answer.status if self.answer else None

    @property
    def ack_ms(self) -> float | None:
        """Return how long the bot took to acknowledge."""
        return self.answer.ack_ms if self.answer else None

    @property
    def failure(self) -> str | None:
        """Return Slack's word for what went wrong between Slack and the bot."""
        return self.answer.failure if self.answer else None

    @property
    def ok(self) -> bool:
        """Tell whether the bot acknowledged in time and nothing was refused."""
        return self.answer is not None and self.failure is None and self.shown is None and not self.errors

    @property
    def text(self) -> str:
        """Return the text of the newest message that appeared, or an empty string."""
        return self.messages[-1].text if self.messages else ""
