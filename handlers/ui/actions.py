"""What a person can do in chat: the names of the buttons, and the tokens that buttons and forms carry.

A token says what its button or form is about, sealed so that only this bot can have made it. Its fields go under one
letter each, for a platform gives a token little room. A token stays in the chat for as long as its message does: a
letter keeps its meaning for ever, and a new field needs a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Self

import msgspec

from domain.errors import Invalid
from domain.matters.run_sheet import Point
from domain.reminders.kinds import current_key
from handlers.services import Seal

Fields = Mapping[str, str | int]

#: So many characters find room in the keys of one token, a form's too; of a reminder's key a unit's id is a part.
ROOM_FOR_KEYS: Final = 1400


class Action(StrEnum):
    """The names of the buttons and choosers; they are the contract's, so none may change."""

    CASE_NEW = "case.new"
    CASE_STEP = "case.step"
    CASE_PICK = "case.pick"
    CASE_HISTORY = "case.history"
    SUMMONS_RECEIVED = "summons.received"
    SUMMONS_NAME = "summons.name"
    SUMMONS_PROPOSE = "summons.propose"
    SUMMONS_DECLINE = "summons.decline"
    SUMMONS_FORWARD = "summons.forward"
    SUMMONS_TAKE_BACK = "summons.take_back"
    SUMMONS_SEND_AGAIN = "summons.send_again"
    PROPOSAL_KEEP = "proposal.keep"
    PLAN_RECEIVED = "plan.received"
    CLOSING_CONFIRM = "closing.confirm"
    REMINDER_DONE = "nag.done"
    REMINDER_SNOOZE = "nag.snooze"
    REMINDER_TAKE = "nag.take"
    PROMISE_KEPT = "promise.kept"
    MEETING_TICK = "meeting.tick"
    MEASURE_CHANGE = "measure.change"
    DEVIATION_NEW = "deviation.new"
    DEVIATION_ANSWER = "deviation.answer"
    STATISTICS_SHOW = "statistics.show"


class Token(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a button or a form is about."""

    def seal(self, seal: Seal) -> str:
        """Return the opaque text that stands in the chat."""
        return seal.seal(**msgspec.to_builtins(self))

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Return the token that these opened fields are.

        Raises:
            Invalid: they are those of another kind of token (`token.broken`).
        """
        try:
            return msgspec.convert(fields, cls)
        except msgspec.ValidationError as wrong:
            raise Invalid("token.broken") from wrong


# ---- buttons -----------------------------------------------------------------------------------------------


class NewCase(Token, frozen=True):
    """A new case: there is nothing yet that it could be about."""


class CaseStep(Token, frozen=True, rename={"code": "c", "step": "s", "day": "d", "clock": "t"}):
    """A step in a case; for a move, the day (ISO) and the time ("13:00") that an agency has proposed."""

    code: str
    step: str
    day: str = ""
    clock: str = ""


class OnePage(Token, frozen=True, rename={"code": "c", "page": "p"}):
    """One page of a case's history."""

    code: str
    page: int


class OneSummons(Token, frozen=True, rename={"code": "c", "meeting": "m", "agency": "a"}):
    """The summons of one agency to one meeting."""

    code: str
    meeting: int
    agency: str


class OneEnding(Token, frozen=True, rename={"code": "c", "agency": "a"}):
    """The notice to one agency that a case has ended."""

    code: str
    agency: str


class OnePlan(Token, frozen=True, rename={"code": "c", "version": "v", "agency": "a"}):
    """One version of the plan, as one agency has got it."""

    code: str
    version: int
    agency: str


class OneMatter(Token, frozen=True, rename={"code": "c", "number": "n"}):
    """One of the numbered things in a case: a promised answer, a measure, a deviation."""

    code: str
    number: int


class OneDeviation(Token, frozen=True, rename={"code": "c", "fault": "f", "agency": "a"}):
    """A deviation that a case has suggested: of which kind, of which agency."""

    code: str
    fault: str
    agency: str


class OnePoint(Token, frozen=True, rename={"code": "c", "meeting": "m", "point": "p"}):
    """One point on the run sheet of a meeting."""

    code: str
    meeting: int
    point: Point


class FiguresOf(Token, frozen=True, rename={"quarter": "q", "scope": "a", "more": "m"}):
    """The figures of one quarter ("2026-4"): of one unit, or of all together ("all").

    `more` is 1 where those are meant that stand behind the first.
    """

    quarter: str
    scope: str
    more: int = 0


class OneReminder(Token, frozen=True, rename={"code": "c", "sealed_key": "k"}):
    """One reminder in a case, or several that are put off at once: their keys with blanks between."""

    code: str
    sealed_key: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The reminders' keys under their present names."""
        return tuple(current_key(key) for key in self.sealed_key.split())

    @property
    def key(self) -> str:
        """The first of them."""
        return current_key(self.sealed_key.partition(" ")[0])


# ---- forms -------------------------------------------------------------------------------------------------


class FormToken(Token, frozen=True, rename={"form": "f"}):
    """The name of the form, so that no form can be sent in under another's token."""

    form: str


class CaseForm(FormToken, frozen=True, rename={"code": "c"}):
    """A form about a case."""

    code: str


class UnitForm(CaseForm, frozen=True, rename={"agency": "a"}):
    """A form in which somebody speaks for their unit; `agency` is that unit, "" in forms of earlier versions."""

    agency: str = ""


class ConsentForm(CaseForm, frozen=True, rename={"consents": "n"}):
    """Consent; `consents` is how many decisions were recorded when the form was opened."""

    consents: int


class SummonForm(CaseForm, frozen=True, rename={"meetings": "n", "coming": "o"}):
    """A summons; how many meetings there were when it was opened, and whether one was coming (1 or 0)."""

    meetings: int
    coming: int


class MoveForm(CaseForm, frozen=True, rename={"meeting": "n", "round": "r", "day": "d", "clock": "t", "warns": "w"}):
    """A move; the meeting, the round of its time when it was opened, and the time that was proposed, if one was.

    `warns`: the form speaks of an unusual time as soon as it is chosen, which those of earlier versions do not.
    """

    meeting: int
    round: int
    day: str = ""
    clock: str = ""
    warns: int = 0


class AnswerForm(CaseForm, frozen=True, rename={"meeting": "m", "agency": "a", "revision": "r", "round": "w"}):
    """An answer to a summons; the summons's revision and the meeting's round when it was opened."""

    meeting: int
    agency: str
    revision: int
    round: int


class ReportForm(CaseForm, frozen=True, rename={"meeting": "m", "round": "r", "told": "p"}):
    """How a meeting went; its round when opened, and when it was last told of (microseconds since 1970, 0: never)."""

    meeting: int
    round: int
    told: int


class RecordForm(CaseForm, frozen=True, rename={"meeting": "m", "round": "w"}):
    """An answer that came another way; the meeting and the round of its time when it was opened."""

    meeting: int
    round: int


class PlanForm(CaseForm, frozen=True, rename={"meeting": "m"}):
    """The sending of the plan that one meeting made."""

    meeting: int


class MatterForm(CaseForm, frozen=True, rename={"number": "n"}):
    """One of the numbered things in a case; 0 for one that is not there yet."""

    number: int


class SnoozeForm(CaseForm, frozen=True, rename={"sealed_key": "k"}):
    """The putting off of a reminder, or of several in one case: their keys with blanks between."""

    sealed_key: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The reminders' keys under their present names."""
        return tuple(current_key(key) for key in self.sealed_key.split())
