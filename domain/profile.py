"""Region profiles: what differs between regions, as data (process 7E).

Every number says where it comes from, so that nobody mistakes a product default for law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import time
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Literal

from domain.directory import AgencyKind
from domain.text.typed import is_one_row

# So long may the words on a button be.
LONGEST_NAME: Final = 75


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


def _refuse_unseen(**texts: str) -> None:
    """Refuse texts that look like others: cases name their profile, and people read its documents' names."""
    if bad := [field for field, text in texts.items() if not is_one_row(text)]:
        raise ValueError(f"{', '.join(bad)}: remove line ends, tabs and characters that nobody sees")


class ForChildren(StrEnum):
    """Of a list of contacts for children: for whom it holds, since the ways in differ (R129)."""

    ONGOING = "ongoing"  # somebody gives the child measures already
    NEW = "new"  # nothing is ongoing
    ALL = "all"


@dataclass(frozen=True, slots=True)
class LocalDocument:
    """A document of the region that helps people: its name as they know it, and its address on the web (R209).

    `for_children` says that it is a list of contacts for children, shown where agencies are summoned (R129).

    Raises:
        ValueError: the address is no `https://` one, or the name is empty, longer than a button may be or no one row.
    """

    name: str
    url: str
    for_children: ForChildren | None = None

    def __post_init__(self) -> None:
        """Refuse what no button can lead to."""
        if not self.url.startswith("https://") or any(mark.isspace() for mark in self.url):
            raise ValueError("the address of a document begins with https:// and has no blanks")
        if not 0 < len(self.name) <= LONGEST_NAME:
            raise ValueError(f"the name of a document has 1 to {LONGEST_NAME} characters")
        _refuse_unseen(name=self.name)


@dataclass(frozen=True, slots=True)
class Profile:
    """One region's rules. `opens` and `closes` are the local hours of reminders on working days (days 5B.6).

    `obliged` are the kinds of agency that must attend, `obliged_agencies` single ones (by their id in the directory)
    that have taken the same duty on by a local agreement. `manual` names the manual and its version, which each case
    keeps (R208); `documents` are linked where they help (R209).

    Raises:
        ValueError: a number of days is less than one, the hours close before they open, or a text is no one row.
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
    obliged_agencies: frozenset[str] = frozenset()
    manual: str = ""
    documents: tuple[LocalDocument, ...] = ()

    def __post_init__(self) -> None:
        """Refuse numbers and hours that no deadline can be counted by."""
        numbers = (self.days_to_meeting, self.plan_working_days, self.notice_working_days, self.consent_days)
        if any(number.value < 1 for number in numbers):
            raise ValueError("numbers of days are at least 1")
        if self.opens >= self.closes:
            raise ValueError("opens must come before closes")
        _refuse_unseen(name=self.name, title=self.title, manual=self.manual)

    def version(self) -> str:
        """Return what tells this profile's rules from others of its name: the same for the same rules, wherever asked.

        What changes no rule does not count: the title, the manual's name, and links to documents.
        """
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        # What is left at its default does not count either, so that a rule that is new to the bot changes no version.
        rules = {name: value for name, value in told.items() if name not in _NO_RULES and value != _DEFAULTS.get(name)}
        return sha256(repr(_in_order(rules)).encode()).hexdigest()[:16]

    def obliges(self, kind: AgencyKind, agency: str = "") -> bool:
        """Say whether an agency of this kind is summoned (kallad) rather than invited (inbjuden) (R114-R117)."""
        return kind in self.obliged or agency in self.obliged_agencies

    def contacts_for_children(self, *, ongoing: bool) -> tuple[LocalDocument, ...]:
        """Return the lists of contacts for a child with or without ongoing measures (R129)."""
        wanted = {ForChildren.ALL, ForChildren.ONGOING if ongoing else ForChildren.NEW}
        return tuple(document for document in self.documents if document.for_children in wanted)

    def reminder(self, name: str) -> ReminderPlan:
        """Return the plan of one reminder, or an empty plan when the profile has turned it off."""
        return self.reminders.get(name, ReminderPlan())


_NO_RULES: Final = frozenset({"name", "title", "manual", "documents"})
_DEFAULTS: Final = {each.name: each.default for each in fields(Profile) if each.default is not MISSING}


def _in_order(value: Any) -> Any:
    """Return a value as nested tuples of text, in an order that is always the same."""
    if is_dataclass(value):
        return tuple((each.name, _in_order(getattr(value, each.name))) for each in fields(value))
    if isinstance(value, Mapping):
        return tuple((str(name), _in_order(value[name])) for name in sorted(value))
    if isinstance(value, frozenset):
        return tuple(sorted(map(str, value)))
    if isinstance(value, tuple):
        return tuple(map(_in_order, value))
    return str(value)
