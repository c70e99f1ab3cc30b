"""What the courier asks the handlers: the words of a letter, and what follows from its fate."""

from __future__ import annotations

from sipbot.bot.carrier import Receipt
from sipbot.handlers.composed import Composed
from sipbot.handlers.letters import composing, settling
from sipbot.handlers.office import Office
from sipbot.storage.outbox import Letter
from sipbot.storage.transaction import Reader, Transaction


class LetterConsequences:
    """The handlers' side of the courier's work."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def compose(self, reader: Reader, letter: Letter, /) -> Composed:
        """Say what the letter says now."""
        return composing.compose(self._office, reader, letter)

    def delivered(self, tx: Transaction, letter: Letter, composed: Composed, _receipt: Receipt, /) -> None:
        """Write what follows from its arrival."""
        settling.delivered(self._office, tx, letter, composed)

    def undeliverable(self, tx: Transaction, letter: Letter, why: str, /) -> None:
        """Write what follows from its death."""
        settling.undeliverable(self._office, tx, letter, why)
