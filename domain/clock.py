"""The one way to ask what time it is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; the running bot has a real one, tests have one that they turn themselves."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...
