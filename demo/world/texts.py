"""The demo's own words: what the page says around the chat, and what the invented agencies are called."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")


class Texts:
    """The texts of one language by key; placeholders are written `{name}`."""

    def __init__(self, language: Language, held: dict[str, str]) -> None:
        self.language: Language = language
        self.held = held

    def __call__(self, key: str, /, **params: object) -> str:
        """Return a text with its placeholders filled.

        Raises:
            KeyError: there is no such text.
        """
        return self.held[key].format(**params) if params else self.held[key]

    def get(self, key: str) -> str | None:
        """Return a text that need not be there."""
        return self.held.get(key)


@cache
def texts(language: Language) -> Texts:
    """Return the demo's texts in a language, read once."""
    source = files("templates").joinpath(language, "demo.json").read_text(encoding="utf-8")
    held: dict[str, str] = json.loads(source)
    return Texts(language, held)
