"""What is wrong with one field of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field


@dataclass(frozen=True, slots=True)
class Problem:
    """A field's name, the key of the words that tell how to mend it, and safe parameters (never what was typed)."""

    field: str
    key: str
    params: Mapping[str, str | int] = dataclass_field(default_factory=dict)
