"""The catalogues as the tests look at them: raw texts, and what is put into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po
from jinja2 import Environment, meta

from tests.conftest import ROOT

LANGUAGES = ("sv", "en")
FOLDER = ROOT / "templates"

# One long value of each name: a code, a unit with a long name, a day in September.
VALUES: Mapping[str, object] = {
    "agency": "Barn- och ungdomspsykiatriska mottagningen i Exempelstad, enhet norr",
    "clock": "13.00",
    "code": "SIP-7K3QD-Y",
    "count": 4,
    "day": "onsdag 30 september 2026",
    "days": 10,
    "limited": True,
    "line": 3,
    "longest": 300,
    "minutes": 90,
    "most": 20,
    "n": 7,
    "name": "Anna-Karin Exempelsson Berg",
    "names": "Anna-Karin Exempelsson Berg, Bo Ek och Cecilia Dahl",
    "parties": 4,
    "place": "Rum 4",
    "target": "Socialtjänsten, enheten för ekonomiskt bistånd i Exempelstad norr",
    "version": 2,
    "when": "onsdag 30 september 2026 kl. 13.00, 90 minuter",
}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the raw short texts of a language by key."""
    catalogue = read_po(BytesIO((FOLDER / language / "messages.po").read_bytes()), locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id}


@cache
def long_texts(language: str) -> Mapping[str, str]:
    """Return the raw long texts of a language by name."""
    files = sorted((FOLDER / language).glob("*.txt.j2"))
    return {file.name.removesuffix(".txt.j2"): file.read_text(encoding="utf-8") for file in files}


def all_texts(language: str) -> Mapping[str, str]:
    """Return the raw texts of a language, short and long."""
    return {**texts(language), **long_texts(language)}


def every_text() -> Iterator[tuple[str, str]]:
    """Yield all words of all languages, each under a name such as "sv list.own"."""
    for language in LANGUAGES:
        for key, text in all_texts(language).items():
            yield f"{language} {key}", text


def placeholders(text: str) -> frozenset[str]:
    """Return the names that a text puts in."""
    return frozenset(meta.find_undeclared_variables(Environment(autoescape=False).parse(text)))  # noqa: S701 - plain text


def msgids(language: str) -> list[str]:
    """Return every key as often as it stands in the file."""
    path: Path = FOLDER / language / "messages.po"
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix('msgid "').removesuffix('"') for line in lines if line.startswith('msgid "')][1:]
