"""Every word that people read, by language, and the loader: the only code in this folder.

Short texts stand in `<language>/messages.po` under keys such as `summons.title`; their placeholders are Jinja2
expressions with named values. Longer ones (mails) are `<language>/<name>.txt.j2`. A text is plain: what is put in is
never markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TypeAlias
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.pofile import read_po
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")

Filler: TypeAlias = Callable[[Mapping[str, object]], str]


class MissingWords(KeyError):
    """No text stands under this key. A test makes sure that no released version raises it."""


class Words:
    """The texts of one language."""

    def __init__(self, language: str, texts: dict[str, str], zone: ZoneInfo) -> None:
        self.language = language
        self._texts = texts
        self._zone = zone
        self._fillers: dict[str, Filler] = {}
        self._long: dict[str, Template] = {}
        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text under `key` with its placeholders filled."""
        text = self._texts.get(key)
        if text is None:
            raise MissingWords(key)
        if "{" not in text:
            return text
        fill = self._fillers.get(key)
        if fill is None:
            fill = self._fillers[key] = self._filler(text)
        return fill(params)

    def _filler(self, text: str) -> Filler:
        """Return what fills a text.

        Most texts only put a few words in; for them Python's own formatting says the same in a tenth of the time.
        """
        if "{" in PLACEHOLDER.sub("", text):
            return self._environment.from_string(text).render
        return PLACEHOLDER.sub(r"{\1}", text).format_map

    def has(self, key: str) -> bool:
        """Say whether there is a text under `key`."""
        return key in self._texts

    def keys(self) -> frozenset[str]:
        """Return every key, for the tests that compare the languages."""
        return frozenset(self._texts)

    def long(self, name: str, /, **params: object) -> str:
        """Return a long text such as a mail's, from its own file."""
        return self._long_template(name).render(params)

    def _long_template(self, name: str) -> Template:
        template = self._long.get(name)
        if template is None:
            source = files(__name__).joinpath(self.language, f"{name}.txt.j2").read_text(encoding="utf-8")
            template = self._long[name] = self._environment.from_string(source)
        return template

    def day(self, day: date) -> str:
        """Return a day with its weekday: "torsdag 3 december 2026"."""
        return _written(day, "EEEE d MMMM y", self.language)

    def short_day(self, day: date) -> str:
        """Return a day as narrow as it can be read aloud: "tors 3 dec"."""
        return _written(day, "EEE d MMM", self.language).replace(".", "")

    def moment(self, instant: datetime) -> str:
        """Return a local day and time: "tors 3 dec kl. 13.00"."""
        local = instant.astimezone(self._zone)
        return self("when.moment", day=self.short_day(local.date()), clock=self.clock(f"{local:%H:%M}"))

    def whole_moment(self, instant: datetime) -> str:
        """Return a local day and time with the year and to the second: "torsdag 3 december 2026 kl. 13.00.00"."""
        local = instant.astimezone(self._zone)
        return self("when.moment", day=self.day(local.date()), clock=self.clock(f"{local:%H:%M:%S}"))

    def clock(self, wall: str) -> str:
        """Return a wall time as the language writes it: "13.00" in Swedish, "13:00" in English."""
        return wall.replace(":", ".") if self.language == "sv" else wall

    def listing(self, items: list[str]) -> str:
        """Return "a, b och c"."""
        if len(items) < 2:  # noqa: PLR2004 - two items make a list
            return "".join(items)
        return self("list.and", head=", ".join(items[:-1]), last=items[-1])

    def sentence(self, labels: list[str]) -> str:
        """Return labels as running text: only the first begins with a capital."""
        return self.listing([label if n == 0 else label[:1].lower() + label[1:] for n, label in enumerate(labels)])


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, language: str) -> str:
    """Return a day as a language writes it (CLDR); lists and cards name the same few hundred days again and again."""
    return format_date(day, pattern, locale=language)


@cache
def load(language: str, zone: str = "Europe/Stockholm") -> Words:
    """Return the words of a language ("sv" or "en"), read once."""
    source = files(__name__).joinpath(language, "messages.po").read_bytes()
    catalog = read_po(BytesIO(source), locale=language)
    texts = {message.id: message.string for message in catalog if isinstance(message.id, str) and message.id}
    return Words(language, {key: text for key, text in texts.items() if isinstance(text, str)}, ZoneInfo(zone))
