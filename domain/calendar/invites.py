"""Calendar invites as decisions: what an attendee's calendar is told, and when an answer is asked for again.

Nothing here knows how an invite looks on the wire. The rules come from RFC 5546 (iTIP), sections 2.1.4,
2.1.5 and 3.2, and from `significant_change`, which is our own reading of "anything that jeopardises a
given answer".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
Role = Literal["chair", "required"]
Mode = Literal["in_person", "digital", "phone"]


class Reply(StrEnum):
    """What an attendee has answered about a meeting; the values are RFC 5545's PARTSTAT words."""

    NONE = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"
    DELEGATED = "DELEGATED"


@dataclass(frozen=True, slots=True)
class Invite:
    """One calendar object for one attendee (or, with PUBLISH, for a file in chat without attendees).

    `uid` is random, fixed for the meeting's life, and says nothing about the case. `stamp` is the instant
    this object was made (DTSTAMP, UTC). `start` keeps wall time and zone (days 5B.6); `minutes` is the
    length. `summary_code` is the case code. `link` is a web address without personal data, behind a login.
    A CANCEL with `whole_event_cancelled` calls the meeting off; without it, it takes this attendee off
    the list and the meeting goes on (RFC 5546 3.2.5). `reply` is what this attendee is known to have
    answered: repeated in a minor update so that the answer is not lost in their calendar.
    `language` is `sv` or `en`, the language of the words around it.

    Raises ValueError for what no calendar could show.
    """

    method: Method
    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    length: int
    summary_code: str
    organizer_address: str
    place: str | None = None
    link: str | None = None
    attendee_address: str | None = None
    attendee_name: str | None = None
    role: Role = "required"
    whole_event_cancelled: bool = False
    language: str = "sv"
    reply: Reply = Reply.NONE

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.stamp.tzinfo is None:
            raise ValueError("start and stamp need a time zone")
        if self.length <= 0:
            raise ValueError("a meeting lasts at least one minute")
        if self.sequence < 0:
            raise ValueError("SEQUENCE starts at 0")
        if not self.uid:
            raise ValueError("an invite needs a UID")
        if (self.method == "PUBLISH") != (self.attendee_address is None):
            raise ValueError("PUBLISH has no attendee, REQUEST and CANCEL have exactly one")
        if self.method == "REQUEST" and self.whole_event_cancelled:
            raise ValueError("a meeting is called off by CANCEL, not by REQUEST")


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """What an attendee relied on when answering; `start` is aware, the texts are as people wrote them."""

    start: datetime
    length: int
    mode: Mode
    place: str | None = None
    link: str | None = None
    cancelled: bool = False


class InviteStep(StrEnum):
    """What is done to an invite that is already out."""

    RESEND = "resend"  # the same content once more
    CORRECT = "correct"  # a typo mended, a link exchanged: answers stand
    MOVE = "move"  # time, length, form or place is another: everybody is asked again
    UNINVITE = "uninvite"  # one person is taken off, the meeting goes on
    REINVITE = "reinvite"  # that person is asked after all
    CALL_OFF = "call_off"  # the meeting will not be held


_RAISES = frozenset({InviteStep.MOVE, InviteStep.UNINVITE, InviteStep.REINVITE, InviteStep.CALL_OFF})


def next_sequence(current: int, step: InviteStep) -> int:
    """The meeting's SEQUENCE after `step` (RFC 5546 2.1.4).

    One counter per meeting; gaps in what one attendee sees are harmless. It rises for what makes earlier
    answers doubtful and for each CANCEL, also the one that takes off a single person. Correcting a typo
    and sending again keep it, with a newer DTSTAMP.
    """
    return current + 1 if step in _RAISES else current


def significant_change(before: MeetingFacts, after: MeetingFacts) -> bool:
    """Whether answers given about `before` say nothing about `after`.

    Time, length and form always count. The place counts only where people go there: in a meeting held in
    person. A new link does not count: one opens it from the newest invite. Being called off counts.
    """
    return (
        before.start.astimezone(UTC) != after.start.astimezone(UTC)
        or before.length != after.length
        or before.mode != after.mode
        or before.cancelled != after.cancelled
        or (after.mode == "in_person" and not same_place(before.place, after.place))
    )


def same_place(before: str | None, after: str | None) -> bool:
    """Whether two texts name the same place, written better or worse.

    Case, punctuation, spacing and missing dots over å, ä, ö do not matter. Words are compared one to one:
    at most one slip (a letter wrong, missing, doubled or swapped) in a word of four letters or more, and at
    most two slips in all; the first letter must stand. Numbers and short words (`3`, `B`, `12A`) name doors
    and houses and must be equal. Whatever cannot be shown to be the same is another place: asking once too
    often is cheaper than a person at the wrong door. Even a slip is sent to everybody as a correction.
    """
    old, new = _words(before), _words(after)
    if not old and not new:
        return (before or "").strip() == (after or "").strip()
    if old == new or (_numbers(old) == _numbers(new) and "".join(old) == "".join(new)):
        return True
    if len(old) != len(new):
        return False
    slips = [_slips(a, b) for a, b in zip(old, new, strict=True)]
    return _MANY not in slips and sum(slips) <= _SLIPS_IN_ALL


_MANY = 99
_SLIPS_IN_ALL = 2
_SHORT = 4  # letters; below that a slip easily makes another name
_WORD = re.compile(r"[^\W_]+")


def _words(place: str | None) -> tuple[str, ...]:
    decomposed = unicodedata.normalize("NFKD", (place or "").casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return tuple(_WORD.findall(bare))


def _numbers(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if any(char.isdigit() for char in word)]


def _slips(a: str, b: str) -> int:
    """0 for equal words, 1 for one slip of the finger, many for different words."""
    if a == b:
        return 0
    if min(len(a), len(b)) < _SHORT or a[0] != b[0] or any(char.isdigit() for char in a + b):
        return _MANY
    return 1 if _one_slip(a, b) else _MANY


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter changed, added, dropped, or swapped with its neighbour turns `a` into `b`."""
    if len(a) > len(b):
        a, b = b, a
    at = next((i for i, char in enumerate(a) if char != b[i]), len(a))
    if len(a) != len(b):
        return len(b) - len(a) == 1 and a[at:] == b[at + 1 :]
    swapped = a[at + 1 : at + 2] == b[at] and a[at] == b[at + 1 : at + 2] and a[at + 2 :] == b[at + 2 :]
    return swapped or a[at + 1 :] == b[at + 1 :]


class InviteStanding(StrEnum):
    """How an answer from a calendar stands to what is already known about that attendee."""

    CURRENT = "current"
    OLD_TIME = "old_time"  # given about a time that no longer holds: shown as such, not counted
    SUPERSEDED = "superseded"  # a newer answer of the same attendee is already in


@dataclass(frozen=True, slots=True, order=True)
class ReplyMark:
    """The ordering key of an answer (RFC 5546 2.1.5): kept per attendee for the newest one accepted."""

    sequence: int
    stamp: datetime


def reply_mark(sequence: int | None, stamp: datetime | None, *, asked: int, received: datetime) -> ReplyMark:
    """The key of an answer that came in at `received` (aware).

    `asked` is the SEQUENCE of the newest REQUEST this attendee got. Clients leave out SEQUENCE or
    DTSTAMP: then the answer is taken to be about the newest invite and made when it arrived. A number or
    a stamp from the future is cut down, so that one wrong clock cannot shut out every later answer.
    """
    about = asked if sequence is None else min(sequence, asked)
    made = received if stamp is None else min(stamp, received)
    return ReplyMark(about, made.astimezone(UTC))


def standing(mark: ReplyMark, *, asked_anew: int, newest: ReplyMark | None) -> InviteStanding:
    """Where an answer stands.

    `asked_anew` is the SEQUENCE of the REQUEST that last asked *this attendee* anew (their first one, or the
    newest move): not the meeting's counter, which also rises when others are taken off, unknown to the rest.
    `newest` is the mark of the last answer accepted from this attendee. Of two that bear the same mark the later
    arrival counts: some programs stamp every answer alike, and the newest word is the one that was sent last.
    """
    if newest is not None and mark < newest:
        return InviteStanding.SUPERSEDED
    return InviteStanding.OLD_TIME if mark.sequence < asked_anew else InviteStanding.CURRENT
