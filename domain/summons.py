"""One agency's summons to a meeting and its answer (R114-R131)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from domain.attendee import Attendee, Naming
from domain.stamp import Stamp


class DeclineReason(StrEnum):
    """Why an agency says no; categories, since free text would be about the person."""

    NOT_CONCERNED = "not_concerned"
    NO_CONTACT = "no_contact"
    NO_STAFF = "no_staff"
    TIME = "time"
    OTHER = "other"


# An obliged agency attends also where the person is not known to it, so these are no grounds of its own (R114, R116).
ONLY_INVITED = frozenset({DeclineReason.NOT_CONCERNED, DeclineReason.NO_CONTACT})


def reasons_to_decline(*, obliged: bool) -> tuple[DeclineReason, ...]:
    """Return what an agency may say no with."""
    return tuple(reason for reason in DeclineReason if not (obliged and reason in ONLY_INVITED))


class Standing(StrEnum):
    """Where one agency's summons stands (process 7B)."""

    HELD_BACK = "held_back"  # waits for a widened consent, nothing has been told
    SENT = "sent"
    UNDELIVERED = "undelivered"  # sent, and known not to have come
    RECEIVED = "received"
    NAMED = "named"
    PROPOSED = "proposed"
    DECLINED = "declined"
    FORWARDED = "forwarded"
    MISDIRECTED = "misdirected"  # wrong unit, and the agency does not know which is the right one
    RECALLED = "recalled"


# An agency that has been asked and has said nothing: it is silent, or it never heard.
UNHEARD = frozenset({Standing.SENT, Standing.UNDELIVERED})


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time that suits the agency better: local date and wall time."""

    day: date
    start: str


@dataclass(frozen=True, slots=True)
class Decline:
    """A no. For an obliged agency it leaves the summons open (R114, R116)."""

    reason: DeclineReason


@dataclass(frozen=True, slots=True)
class Forward:
    """Wrong unit: the summons goes on to another agency; "" when the one that was asked does not know to which."""

    agency: str


class Way(StrEnum):
    """How an agency gave an answer that somebody else wrote down."""

    PHONE = "phone"
    MAIL = "mail"
    POST = "post"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class Relay:
    """An answer that did not come through the bot (R121, R125, R128): how it came, on which day.

    Who wrote it down stands in `Summons.answered`.
    """

    how: Way
    on: date


@dataclass(frozen=True, slots=True)
class Summons:
    """One agency's summons (kallelse) or invitation (inbjudan).

    `answer_round` is the meeting's round that the answer was given for; an answer to an earlier time asks again.
    `revision` rises with every answer, so that two people answering at once are told about each other. `told_before`:
    the agency heard of an earlier summons to this meeting, which this one replaces. `relay` tells how the answer came,
    when the agency did not give it here itself. `recipient` is the staff id of the one who gets the summons of a
    protected case, in place of the agency's channel (law 4D.4). Since `undelivered_at` it is known not to
    have come.
    """

    agency: str
    obliged: bool
    sent_at: datetime
    received: Stamp | None = None
    naming: Naming | None = None
    proposal: Proposal | None = None
    decline: Decline | None = None
    forward: Forward | None = None
    answered: Stamp | None = None
    answer_round: int = 0
    recalled: bool = False
    held_back: bool = False
    forwarded_from: str = ""
    revision: int = 0
    told_before: bool = False
    relay: Relay | None = None
    recipient: str = ""
    undelivered_at: datetime | None = None

    @property
    def told(self) -> bool:
        """Say whether the agency has heard of it. A summons that was held back and then recalled was never told."""
        return self.told_before or not self.held_back

    @property
    def is_live(self) -> bool:
        """Say whether it still concerns somebody: neither recalled nor forwarded nor held back."""
        return not self.recalled and not self._went_on and not self.held_back

    @property
    def _went_on(self) -> bool:
        return self.forward is not None and self.forward.agency != ""

    def relayed(self, meeting_round: int) -> Relay | None:
        """Return how the answer for the present time came, when the agency did not give it here itself."""
        return self.relay if self.answer_round == meeting_round else None

    def named(self) -> tuple[Attendee, ...]:
        """Return everybody named in it, whatever became of it afterwards."""
        return () if self.naming is None else self.naming.attendees

    def standing(self, meeting_round: int) -> Standing:
        """Return where it stands for the meeting's present time."""
        if self.recalled:
            return Standing.RECALLED
        if self._went_on:
            return Standing.FORWARDED
        if self.held_back:
            return Standing.HELD_BACK
        return self._asked() if self.answer_round != meeting_round else self._answer(meeting_round)

    def _answer(self, meeting_round: int) -> Standing:
        if self.forward is not None:
            return Standing.MISDIRECTED
        if self.decline is not None:
            return Standing.DECLINED
        if self.proposal is not None:
            return Standing.PROPOSED
        naming = self.naming
        # Once everybody named has said no in the calendar, the agency owes names again.
        if naming is not None and naming.round == meeting_round and naming.deserted_at is None:
            return Standing.NAMED
        return self._asked() if self.received is None else Standing.RECEIVED

    def _asked(self) -> Standing:
        return Standing.SENT if self.undelivered_at is None else Standing.UNDELIVERED
