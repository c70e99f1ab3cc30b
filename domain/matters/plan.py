"""The plan as it was sent: to whom, how, and what each agency was told of it (R143, R161).

The plan itself stays in the agencies' own systems.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from domain.matters.measure import Measure
from domain.stamp import Stamp

PERSON = "person"
"""The person themselves among the recipients of a plan."""

RELATIVE = "relative"
"""Somebody close to the person among the recipients, with the person's consent (R83)."""

REPRESENTATIVE = "representative"
"""Somebody who represents the person among the recipients (R57)."""

PEOPLE = frozenset({PERSON, RELATIVE, REPRESENTATIVE})
"""Recipients of a plan who are no agencies; those who are noted one by one stand beside them by their key."""


def agencies_of(recipients: Iterable[str]) -> frozenset[str]:
    """Return which recipients of a plan are agencies: all but the person and those who stand by them."""
    return frozenset(who for who in recipients if who not in PEOPLE and ":" not in who)


class Responsible(StrEnum):
    """The principal with overall responsibility for the plan (R38, R157)."""

    MUNICIPALITY = "municipality"
    REGION = "region"
    SCHOOL = "school"


class Channel(StrEnum):
    """How the plan was sent (R143)."""

    SECURE_MAIL = "secure_mail"
    POST = "post"
    IN_PERSON = "in_person"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one agency was told, of the end or of a plan: delivered (when), confirmed (by whom) (R77, R161, R174)."""

    agency: str
    delivered_at: datetime | None = None
    confirmed: Stamp | None = None


@dataclass(frozen=True, slots=True)
class PlanSent:
    """One version of the plan, sent (R161): to whom, how, on which day.

    `notices` tell who has confirmed it. `channel` is how it was sent, `channels` how to those who get it another way
    (R203). `approved_on` is the day on which the person said yes to it (R144, R206), None where that was not noted;
    `contacts_checked` that contact details went with it (R32); `measures` what it said of them, by number.
    The plan itself stays in the agencies' own systems.
    """

    version: int
    meeting: int
    responsible: Responsible
    recipients: frozenset[str]
    channel: Channel
    sent_on: date
    recorded: Stamp
    notices: tuple[Notice, ...] = ()
    channels: dict[str, Channel] = field(default_factory=dict)
    approved_on: date | None = None
    contacts_checked: bool = False
    measures: tuple[Measure, ...] = ()

    def channel_of(self, recipient: str) -> Channel:
        """Return how the plan went to one recipient (R203)."""
        return self.channels.get(recipient, self.channel)

    def notice_of(self, agency: str) -> Notice | None:
        """Return what an agency was told of the plan, if it was; one that sent it itself was not."""
        return next((notice for notice in self.notices if notice.agency == agency), None)

    def with_notice(self, changed: Notice) -> PlanSent:
        """Return the plan with one agency's notice replaced, or added where old plans noted none."""
        others = tuple(notice for notice in self.notices if notice.agency != changed.agency)
        return replace(self, notices=(*others, changed))
