"""Which time zone a stranger's calendar file means, without computing anything from its rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.calendar.ical import STOCKHOLM
from bot.mail.content_lines import unescaped


class Zones:
    """Which zone a TZID means, without computing anything from a stranger's rules."""

    def __init__(self) -> None:
        self._named = ""
        self._standard: dict[str, str] = {}

    def note(self, name: str, value: str, *, standard: bool) -> None:
        """Takes in one line of a VTIMEZONE: its name, or the offset of its winter time."""
        if name == "TZID":
            self._named = unescaped(value).strip('"')
        elif name == "TZOFFSETTO" and standard:
            self._standard[self._named] = value

    def meant_by(self, tzid: str) -> tzinfo | None:
        """The zone, or None when it cannot be told.

        Known names first, then Windows' names, then a path that ends in a known name; last, whatever has our
        winter time is taken for our zone: Exchange calls it by many names, in many languages.
        """
        wanted = tzid.strip().strip('"')
        tail = "/".join(wanted.split("/")[-2:])
        for name in (wanted, _windows_names().get(wanted, ""), tail):
            zone = _zone(name)
            if zone is not None:
                return zone
        return _zone(STOCKHOLM) if self._standard.get(wanted) == "+0100" else None


_ZONE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")


def _zone(name: str) -> ZoneInfo | None:
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _windows_names() -> Mapping[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - costs a tenth of a second; not at start

    return WINDOWS_TO_OLSON
