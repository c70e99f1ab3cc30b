"""What the courier asks the handlers: the words of a letter, and what follows from its fate."""

from __future__ import annotations

from bot.delivery.transport import Receipt
from handlers.letters import outcomes, render
from handlers.services import Office
from handlers.ui.outgoing import Composed
from storage.outbox.outbox import Letter
from storage.transaction import Reader, Transaction


class LetterConsequences:
    """The handlers' side of the courier's work."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def compose(self, reader: Reader, letter: Letter, /) -> Composed:
        """Say what the letter says now."""
        return render.compose(self._office, reader, letter)

    def delivered(self, tx: Transaction, letter: Letter, composed: Composed, _receipt: Receipt, /) -> None:
        """Write what follows from its arrival."""
        outcomes.delivered(self._office, tx, letter, composed)

    def undeliverable(self, tx: Transaction, letter: Letter, why: str, /) -> None:
        """Write what follows from its death."""
        outcomes.undeliverable(self._office, tx, letter, why)
