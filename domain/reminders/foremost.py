"""The one next thing: of all that is open in a case for one reader, the line that stands in their list.

Several lines about one case contradict each other sooner or later ("see that it happens soon", "how did the meeting
go?"). So a list has one line a case. When that is done, the next one takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

from domain.reminders.due import Due, ReminderKind, To

T = TypeVar("T")

# So many times one line is put to one reader. After that it is a question for the manager, who has been told, and
# rests in a last line that only counts.
CEILING: Final = 5

# What comes first of several, by the key of the words where a kind has several, else by the kind. What blocks all else
# stands first: after the last day of the consent nothing may be exchanged, whatever else is late (R64).
_ORDER: Final = (
    ReminderKind.PHONE_ENDING,
    ReminderKind.VACANCY,
    "reminder.consent_expiry.meeting",
    "reminder.consent_expiry.expired",
    ReminderKind.DISCHARGE,
    ReminderKind.REPORT_MEETING,
    ReminderKind.DAY_BEFORE,
    ReminderKind.SEND_PLAN,
    ReminderKind.OPEN_POINTS,
    ReminderKind.NAME_ATTENDEES,
    ReminderKind.CONFIRM_RECEIPT,
    ReminderKind.ASSESS,
    ReminderKind.FIRST_MEETING,
    ReminderKind.FOLLOW_UP,
    ReminderKind.PROMISED_ANSWER,
    ReminderKind.DEVIATION,
    ReminderKind.CONFIRM_PLAN,
    ReminderKind.CONSENT_EXPIRY,
    ReminderKind.CONFIRM_ENDING,
)
_RANK: Final = {name: rank for rank, name in enumerate(_ORDER)}
# A kind without a place of its own comes after what a meeting asks for, and before what only has to be confirmed.
_ELSE: Final = _RANK[ReminderKind.FIRST_MEETING]


def rank(due: Due) -> int:
    """Return how far down a reminder stands among those of its case; the lowest is the next thing."""
    return _RANK.get(due.text, _RANK.get(due.kind, _ELSE))


def foremost(items: Iterable[T], due_of: dict[T, Due]) -> T:
    """Return the item whose reminder is the next thing; of the same kind the newest."""
    return min(items, key=lambda item: (rank(due_of[item]), -due_of[item].at.timestamp()))


def escalates(key: str) -> bool:
    """Say whether a reminder is for a manager, by its key: that of a group ends with whom it is for."""
    return f":{To.MANAGER.value}:" in key


def matter_of(due: Due) -> str:
    """Return what a line is about: one step of a ladder after the other says the same until its words change."""
    return f"{due.group}:{due.text}"
