"""What the page sends: the bodies of its requests."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec

from demo.page.acts import Act
from demo.page.replying import Answer
from demo.world.holidays import Feast
from demo.world.texts import Language


class Done(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody acts: who, and what they do."""

    person: str
    act: Act


class Hours(msgspec.Struct, tag="hours", forbid_unknown_fields=True):
    """Let hours pass."""

    count: int


class WorkingDay(msgspec.Struct, tag="working_day", forbid_unknown_fields=True):
    """Go on to the morning of the next working day."""


class Until(msgspec.Struct, tag="until", forbid_unknown_fields=True):
    """Go on to the morning of a day."""

    day: date


class MeetingOver(msgspec.Struct, tag="meeting_over", forbid_unknown_fields=True):
    """Go on to an hour after the end of the coming meeting."""


class FollowUpDue(msgspec.Struct, tag="follow_up_due", forbid_unknown_fields=True):
    """Go on to the day on which the follow-up is to be called."""


class FeastComes(msgspec.Struct, tag="feast", forbid_unknown_fields=True):
    """Go on to the morning of a feast's first day."""

    feast: Feast


class Trouble(msgspec.Struct, forbid_unknown_fields=True):
    """Switch a trouble on or off."""

    kind: Literal["limited", "erring", "outage", "outsider"]
    on: bool


class Replied(msgspec.Struct, forbid_unknown_fields=True):
    """An invite is answered from a calendar."""

    number: int
    answer: Answer


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing needs saying."""


class Afresh(msgspec.Struct, forbid_unknown_fields=True):
    """Begin afresh."""

    language: Language


#: Ways of letting time pass.
Passing: TypeAlias = Hours | WorkingDay | Until | FeastComes | MeetingOver | FollowUpDue
