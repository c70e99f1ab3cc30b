"""What people type or paste, made plain before anything looks at it or shows it."""

from __future__ import annotations

import re
import unicodedata

_ROW_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_KEPT = "\n\t"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def cleaned(text: str) -> str:
    """The text with composed letters, plain spaces and row ends, and without what nobody sees.

    Characters that turn the direction of writing, or have no width, make a text look like another one; control
    characters can end a header or a row of a log.
    """
    text = _ROW_ENDS.sub("\n", unicodedata.normalize("NFC", text))
    if text.isascii() and text.isprintable():
        return text
    return "".join(_plain(char) for char in text)


def is_one_row(text: str) -> bool:
    """Say whether a text can stand in a header, a row or a message as it is: no line ends, nothing that nobody sees."""
    return cleaned(text) == text and "\n" not in text and "\t" not in text


def _plain(char: str) -> str:
    if char in _KEPT:
        return char
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    return "" if category in _INVISIBLE else char
