"""Slack's way of saying no: status 200 and `ok: false` with an error word."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.block_kit.rules import Violation


class ApiError(Exception):
    """A Web API call was refused; `error` is Slack's word for it, `extra` what stands beside it."""

    def __init__(
        self,
        error: str,
        *,
        violations: Sequence[Violation] = (),
        messages: Sequence[str] = (),
        **extra: object,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.violations = tuple(violations)
        self._messages = [*messages, *(violation.as_slack() for violation in violations)]
        self._extra = extra

    def body(self) -> dict[str, object]:
        """Return the JSON body of the answer."""
        answer: dict[str, object] = {"ok": False, "error": self.error, **self._extra}
        if self._messages:
            answer["response_metadata"] = {"messages": self._messages}
        return answer


class NotVisible(Exception):
    """A person was made to use something that is not on their screen."""


class UnknownField(Exception):
    """A person was made to fill in a field, option or button that is not there."""
