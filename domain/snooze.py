"""The putting off of a reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Snooze:
    """Somebody asked to be left alone about one reminder until a day, and said why (a category)."""

    until: date
    reason: str
