"""What was called otherwise in a version before: a kept description is compared under today's names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KINDS: Mapping[str, str] = {
    "T2": "first_meeting",
    "T3": "confirm_receipt",
    "T4": "name_attendees",
    "T6": "day_before",
    "T7": "report_meeting",
    "T8": "send_plan",
    "T9": "open_points",
    "T10": "follow_up",
    "T11": "consent_expiry",
    "T14": "phone_ending",
    "T16": "confirm_ending",
}
# Of a word of the journal or a kind of letter: "nag.sent", "nags", "nag.mail dead".
WORDS: Mapping[str, str] = {"nags": "reminders", "nag": "reminder", "overview": "feed"}

_KIND = re.compile(r"(?:^|(?<=\|))(T\d+)(?=:|$)")
_WORD = re.compile(r"^(nags|nag|overview)(?=[. ]|$)")


def under_todays_names(described: Any) -> Any:
    """Return a description of version 0001 in which reminders and calendar feeds are called as today."""
    match described:
        case str():
            named = _KIND.sub(lambda found: KINDS.get(found[1], found[1]), described)
            return _WORD.sub(lambda found: WORDS[found[1]], named)
        case dict():
            return {under_todays_names(key): under_todays_names(value) for key, value in described.items()}
        case list():
            return [under_todays_names(value) for value in described]
        case _:
            return described
