"""The kinds of reminders in one table: what each is counted by, and all that is particular about it (process 7D).

A new kind is a name in `ReminderKind`, a row here, the function that yields its moments, and its words: the function
as `dues`, the words under `reminder.NAME`. A profile says when it goes out, under `[reminders.NAME]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.case import Case
from domain.reminders.before_meeting import unready
from domain.reminders.coming_meeting import day_before, names, receipts, report
from domain.reminders.consent_expiry import consent_expiry
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.ended_case import unconfirmed, undelivered
from domain.reminders.first_meeting import first_meeting
from domain.reminders.held_meeting import follow_up, open_points, plan_sent, plan_unconfirmed
from domain.reminders.matters import deviations, discharge, promised_answers, vacancy
from domain.reminders.notice import unassessed
from domain.rules import Rules

NEXT: Final = "next"  # as `step`: whatever comes next in the case


class Settles(StrEnum):
    """What an agency's own press on "done" stands for."""

    RECEIPT = "receipt"  # the summons has come
    NAMES = "names"  # who comes
    ENDING = "ending"  # the notice of the end has come
    PLAN = "plan"  # the plan has come
    PHONED = "phoned"  # the agency was told by telephone
    PROMISE = "promise"  # the person has got the answer that was promised
    DEVIATION = "deviation"  # a deviation is answered in writing


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reminder.

    `number` is its number in the rule book. `dues` yields its moments in a case. `step` is the step that the button
    opens for the one who is responsible, "" when pressing it only takes the reminder away; `step_by_text` where it
    depends on what the reminder says. `settles` is what the button does otherwise, and for whom. `snoozable`: it may be
    put off. `at_once`: it goes out at any hour. `tells_time`: its text would tell the time of a protected meeting
    (law 4D.4). `after_end`: it is about the end, so that whoever was told of the case may hear it (R174).
    `turns_board`: when it falls due, the board's next step is another than before.
    """

    name: ReminderKind
    number: str
    dues: Callable[[Case, Rules, datetime], Iterator[Due]]
    step: str = ""
    step_by_text: Mapping[str, str] = field(default_factory=dict)
    settles: Settles | None = None
    settled_by: To = To.UNIT
    snoozable: bool = True
    at_once: bool = False
    tells_time: bool = False
    after_end: bool = False
    turns_board: bool = False


KINDS: Final = (
    Kind(ReminderKind.PHONE_ENDING, "T14", undelivered, settles=Settles.PHONED, settled_by=To.PERSON,
         snoozable=False, at_once=True),
    Kind(ReminderKind.CONFIRM_ENDING, "T16", unconfirmed, settles=Settles.ENDING, after_end=True),
    Kind(ReminderKind.ASSESS, "T1", unassessed, step="assess"),
    Kind(ReminderKind.FIRST_MEETING, "T2", first_meeting, step=NEXT,
         step_by_text={"reminder.first_meeting.renew": "consent"}),
    Kind(ReminderKind.CONSENT_EXPIRY, "T11", consent_expiry, step="consent", turns_board=True),
    Kind(ReminderKind.CONFIRM_RECEIPT, "T3", receipts, step="answer",
         step_by_text={"reminder.confirm_receipt.renew": "consent"}, settles=Settles.RECEIPT, tells_time=True),
    Kind(ReminderKind.NAME_ATTENDEES, "T4", names, step="summon",
         step_by_text={"reminder.name_attendees.renew": "consent"}, settles=Settles.NAMES, tells_time=True),
    Kind(ReminderKind.READY_MEETING, "T5", unready, step="prepare"),
    Kind(ReminderKind.DAY_BEFORE, "T6", day_before, snoozable=False, tells_time=True),
    Kind(ReminderKind.REPORT_MEETING, "T7", report, step="held", turns_board=True),
    Kind(ReminderKind.SEND_PLAN, "T8", plan_sent, step="plan"),
    Kind(ReminderKind.CONFIRM_PLAN, "T18", plan_unconfirmed, settles=Settles.PLAN),
    Kind(ReminderKind.OPEN_POINTS, "T9", open_points, step="held",
         step_by_text={"reminder.open_points.close": "close"}),
    Kind(ReminderKind.FOLLOW_UP, "T10", follow_up, step="summon",
         step_by_text={"reminder.follow_up.renew": "consent"}),
    Kind(ReminderKind.PROMISED_ANSWER, "T12", promised_answers, settles=Settles.PROMISE),
    Kind(ReminderKind.VACANCY, "T13", vacancy, step="hand_over", snoozable=False),
    Kind(ReminderKind.DISCHARGE, "T15", discharge, step="summon",
         step_by_text={"reminder.discharge.renew": "consent"}, snoozable=False),
    Kind(ReminderKind.DEVIATION, "T17", deviations, settles=Settles.DEVIATION),
)  # fmt: skip

KIND_OF: Final[Mapping[str, Kind]] = MappingProxyType({kind.name: kind for kind in KINDS})

_BY_NUMBER: Final = {kind.number: kind.name for kind in KINDS}


def kind_of(due: Due) -> Kind:
    """Return the kind of a reminder."""
    return KIND_OF[due.kind]


def may_be_snoozed(due: Due) -> bool:
    """Say whether a reminder can be put off; escalations keep their days."""
    return kind_of(due).snoozable and due.to is not To.MANAGER


def current_key(key: str) -> str:
    """Return a reminder's key or group under its present name: version 0.1 began them with the rule book's number."""
    number, colon, rest = key.partition(":")
    return f"{_BY_NUMBER[number]}{colon}{rest}" if number in _BY_NUMBER else key
