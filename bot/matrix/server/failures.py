"""What can go wrong between the bot and a Matrix server, as the courier wants to hear it."""

from __future__ import annotations

from bot.delivery.transport import Delivery


class MatrixFailed(Exception):
    """The server did not do what was asked. `failure` says what that means for a letter; `code` is the server's own."""

    def __init__(self, failure: Delivery, code: str = "") -> None:
        super().__init__(getattr(failure, "why", code))
        self.failure = failure
        self.code = code
