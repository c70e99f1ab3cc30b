"""What the courier asks the handlers: the words of a letter, and what follows from its fate."""

from __future__ import annotations

from bot.delivery.outcome import Receipt
from handlers.letters import outcomes, render
from handlers.services import Services
from handlers.ui.outgoing import Elsewhere, Outgoing
from storage.outbox.outbox import Letter
from storage.transaction import Reader, Transaction


class CaseLetters:
    """The handlers' side of the courier's work."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def compose(self, reader: Reader, letter: Letter, /) -> Outgoing | Elsewhere:
        """Say what the letter says now."""
        return render.compose(self._services, reader, letter)

    def delivered(self, tx: Transaction, letter: Letter, composed: Outgoing, _receipt: Receipt, /) -> None:
        """Write what follows from its arrival."""
        outcomes.delivered(self._services, tx, letter, composed)

    def undeliverable(self, tx: Transaction, letter: Letter, why: str, /) -> None:
        """Write what follows from its death."""
        outcomes.undeliverable(self._services, tx, letter, why)
