"""TOML files that operators write: a directory or a profile, in whatever program they have."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

from domain.text.outside import writable


class BadToml(ValueError):
    """The file cannot be read. The message says why, and where it can, in which line."""


def text_of(path: Path) -> str:
    """Return the text of a file. Some programs put a byte order mark before it, some take letters such as Å apart.

    Raises:
        BadToml: it is not UTF-8 text.
        OSError: there is no such file, or it may not be read.
    """
    try:
        return unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as wrong:
        raise BadToml("it is not UTF-8 text") from wrong


def parsed(text: str) -> dict[str, Any]:
    """Return what a text says.

    Raises:
        BadToml: it is not TOML, or nothing that anybody can mean.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise BadToml(str(wrong)) from wrong
    except RecursionError as wrong:
        raise BadToml("brackets stand in each other too deeply") from wrong
    except ValueError as wrong:  # Python reads no number of more than 4300 digits
        raise BadToml("a number is too long") from wrong
    if writable(found) != found:
        raise BadToml("it holds a NUL (\\u0000), or brackets stand in each other too deeply")
    return found
