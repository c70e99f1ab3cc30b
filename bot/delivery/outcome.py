"""What became of one message that was to leave the house: four outcomes, the same for chat and mail.

The courier acts on the class alone. `why` is a short machine word with codes, such as
`"recipient_refused 550 5.1.1"`; it carries no address, name or text, so it may be logged and stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a message stands: the place (a channel) and the message in it. Mail: no place, the Message-ID.

    The outbox keeps it as the text `place/message`. What can be neither found nor changed later has an empty one.
    """

    place: str = ""
    message: str = ""

    def __str__(self) -> str:
        return f"{self.place}/{self.message}" if self.place else self.message


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has taken it over. `receipt` is what is needed to find or change it later."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class NotSent:
    """It surely did not arrive; the same message may be tried again.

    `retry_after` is in seconds, given when the other side asked for a pause or when a pause is wise.
    """

    why: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The line broke after the message had left: it may have arrived. Look before sending again."""

    why: str


@dataclass(frozen=True, slots=True)
class Never:
    """It will not arrive however often it is tried: a dead letter, to be told to a person another way."""

    why: str


Outcome: TypeAlias = Sent | NotSent | Unknown | Never
