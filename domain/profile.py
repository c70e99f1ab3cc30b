"""Region profiles: what differs between regions, as data (process 7E).

Every number says where it comes from, so that nobody mistakes a product default for law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Literal

from domain.directory import AgencyKind


class Basis(StrEnum):
    """Where a number comes from."""

    LAW = "law"
    AGREEMENT = "agreement"  # the region's own manual or agreement
    DEFAULT = "default"  # chosen by this product


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its source: the rule (`R90`) or paragraph it rests on."""

    value: int
    basis: Basis
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """When one kind of reminder is sent (process 7D).

    `steps` count days or working days as the kind says; `manager` is the step at which the unit's manager is told;
    `mailbox` the step at which the unit's function mailbox gets a mail; `repeat` the days between later reminders.

    Raises:
        ValueError: a step or an interval is less than one.
    """

    steps: tuple[int, ...] = ()
    manager: int | None = None
    mailbox: int | None = None
    repeat: int | None = None
    basis: Basis = Basis.DEFAULT

    def __post_init__(self) -> None:
        """Refuse what no calendar can count."""
        numbers = (*self.steps, self.manager, self.mailbox, self.repeat)
        if any(number is not None and number < 1 for number in numbers):
            raise ValueError("steps, manager, mailbox and repeat are at least 1")


@dataclass(frozen=True, slots=True)
class Profile:
    """One region's rules. `opens` and `closes` are the local hours of reminders on working days (days 5B.6).

    Raises:
        ValueError: a number of days is less than one, or the hours close before they open.
    """

    name: str
    title: str
    obliged: frozenset[AgencyKind]
    fossam: bool
    allow_single_principal: bool
    child_may_consent: bool
    days_to_meeting: Number
    meeting_roll: Literal["none", "next", "previous"]
    plan_working_days: Number
    notice_working_days: Number
    consent_days: Number
    opens: time
    closes: time
    reminders: Mapping[str, ReminderPlan]

    def __post_init__(self) -> None:
        """Refuse numbers and hours that no deadline can be counted by."""
        numbers = (self.days_to_meeting, self.plan_working_days, self.notice_working_days, self.consent_days)
        if any(number.value < 1 for number in numbers):
            raise ValueError("numbers of days are at least 1")
        if self.opens >= self.closes:
            raise ValueError("opens must come before closes")

    def obliges(self, kind: AgencyKind) -> bool:
        """Say whether an agency of this kind is summoned (kallad) rather than invited (inbjuden) (R114-R117)."""
        return kind in self.obliged

    def reminder(self, name: str) -> ReminderPlan:
        """Return the plan of one reminder, or an empty plan when the profile has turned it off."""
        return self.reminders.get(name, ReminderPlan())
