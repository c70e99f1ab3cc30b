"""How this folder gets its words: by key, from whoever holds the templates."""

from __future__ import annotations

from typing import Protocol


class Phrases(Protocol):
    """The words of one language: a message key and its named parameters give what a person reads."""

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text for `key`."""
        ...


class PhrasesFor(Protocol):
    """Chooses the words: for a card its own language, else the locale of the one who acted."""

    def __call__(self, language: str, /) -> Phrases:
        """Return the words in a language or locale ("en", "sv-SE"); in the bot's own where that is "" or unknown."""
        ...
