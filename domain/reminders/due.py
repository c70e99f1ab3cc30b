"""One moment at which somebody is to be reminded (process 7D)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class ReminderKind(StrEnum):
    """What a reminder is about: its name in keys, profiles and words; `kinds` says what else belongs to each."""

    ASSESS = "assess"
    FIRST_MEETING = "first_meeting"
    CONFIRM_RECEIPT = "confirm_receipt"
    NAME_ATTENDEES = "name_attendees"
    READY_MEETING = "ready_meeting"
    DAY_BEFORE = "day_before"
    REPORT_MEETING = "report_meeting"
    SEND_PLAN = "send_plan"
    CONFIRM_PLAN = "confirm_plan"
    OPEN_POINTS = "open_points"
    FOLLOW_UP = "follow_up"
    CONSENT_EXPIRY = "consent_expiry"
    PHONE_ENDING = "phone_ending"
    CONFIRM_ENDING = "confirm_ending"
    PROMISED_ANSWER = "promised_answer"
    VACANCY = "vacancy"
    DISCHARGE = "discharge"
    DEVIATION = "deviation"


class To(StrEnum):
    """Whom a reminder is for; who that is now is looked up when it fires."""

    PERSON = "person"  # `Due.who` names the staff id
    UNIT = "unit"  # the agency's own channel
    MAILBOX = "mailbox"  # the agency's function mailbox
    MANAGER = "manager"  # the agency's manager
    ATTENDEES = "attendees"  # everybody named


class Due(NamedTuple):
    """One moment at which somebody is to hear of something that is still open.

    `key` is unique for the case, thing, time round, receiver and step, and never used for anything else. `group` joins
    the steps of one ladder: of several that are due at once only the newest goes out. `text` is the message key; `who`
    the staff id it is for or about; `agency` the agency it is about; `unit` the agency whose channel, mailbox or
    manager it goes to, for a person their own, which stands in when they have left (R40); `until` the instant after
    which it is pointless; `day` the deadline it is about; `timed` that it is said at an hour of its own, although the
    reader's list of the day has gone out already.

    A tuple and no dataclass, since a case has up to a hundred of them and makes them anew at every click.
    """

    kind: ReminderKind
    group: str
    step: str
    to: To
    at: datetime
    text: str
    who: str = ""
    agency: str = ""
    unit: str = ""
    until: datetime | None = None
    day: date | None = None
    timed: bool = False

    @property
    def key(self) -> str:
        """The unique name of this step."""
        return f"{self.group}:{self.step}"
