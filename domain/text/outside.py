"""What comes in from outside, before anything looks at it: no character that cannot be written down."""

from __future__ import annotations

import re
from typing import Any, Final

# NUL and halves of a pair (Unicode 3.9, D71): JSON may name both, but neither UTF-8 nor a database takes the second,
# and PostgreSQL not the first. Whoever means a character by one of them means none.
_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")
_DEEPEST: Final = 64


def writable(found: Any, deepest: int = _DEEPEST) -> Any:
    """Return what was read from JSON, or a text, without characters that cannot be written down, names included.

    What stands in other things more deeply than anybody can mean is left out.
    """
    if isinstance(found, str):
        return found if found.isascii() and "\x00" not in found else _UNWRITABLE.sub("", found)
    if not isinstance(found, dict | list):
        return found
    if not deepest:
        return None
    if isinstance(found, list):
        return [writable(item, deepest - 1) for item in found]
    return {writable(name, deepest): writable(value, deepest - 1) for name, value in found.items()}
