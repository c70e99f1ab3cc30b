"""Who did something, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something (staff id) and when (UTC)."""

    by: str
    at: datetime
