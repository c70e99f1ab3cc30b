"""How this folder gets its words: by key, from whoever holds the templates."""

from __future__ import annotations

from typing import Protocol

from handlers.ui.events import Sender


class Phrases(Protocol):
    """The words of one language: a message key and its named parameters give what a person reads."""

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text for `key`."""
        ...


class PhrasesFor(Protocol):
    """Chooses the language for the one who acted."""

    def __call__(self, sender: Sender, /) -> Phrases:
        """Return the words in that person's language; the bot's own language when theirs is not known."""
        ...
