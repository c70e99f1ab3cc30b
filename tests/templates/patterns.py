"""What the computed parts of message keys can be. A new computed key in the code is entered here, or the tests name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sipbot.domain.answering import CLOSED_STANDINGS
from sipbot.domain.case import Channel, Flag, State
from sipbot.domain.consent import Decision, Topic
from sipbot.domain.consenting import RECORDABLE
from sipbot.domain.deadlines import To
from sipbot.domain.meeting import DeclineReason, Mode, Outcome, Standing
from sipbot.domain.profile import Basis
from sipbot.domain.steps import Step
from sipbot.handlers.boards import BUTTON_OF_STEP
from sipbot.handlers.letters.settling import DISCLOSURES
from sipbot.handlers.letters.writing import What

# Calendar answers that are kept with an attendee; a request to send the invite again is not.
RESPONSES = ("accepted", "tentative", "declined", "delegated", "counter")
REMINDERS = ("T2", "T3", "T4", "T6", "T7", "T8", "T9", "T10", "T11", "T14", "T16")
# Letters whose failure is told to the coordinator, by name.
TOLD_WHEN_DEAD = frozenset(What) - {What.WHISPER, What.HOME, What.NOTE_MAIL, What.NAGS}
# Before any meeting was held there is nothing to close at; after one, `close.need_remains` says so.
BEFORE_ANY_MEETING = (
    State.DENIED,
    State.ASSESSED,
    State.REFUSED,
    State.PREPARING,
    State.SUMMONED,
    State.READY,
    State.CLOSED,
)

PATTERNS: Mapping[str, Iterable[str]] = {
    "answer.{}": CLOSED_STANDINGS,
    "attendee.{}": RESPONSES,
    "channel.{}": Channel,
    "close.state_{}": BEFORE_ANY_MEETING,
    "consent.state_{}": frozenset(State) - RECORDABLE,
    "consent.{}": Decision,
    "decline_reason.{}": DeclineReason,
    "ending.{}.text": ("stopped", "closed"),
    "ending.{}.title": ("stopped", "closed"),
    "fact.deadline.{}": Basis,
    "field.forbidden.{}": ("personal_number", "phone", "email"),
    "flag.{}": Flag,
    "help.{}": ("new", "consent", "summon", "move", "held", "plan", "close", "withdraw", "list", "show"),
    "invite.{}.description": ("request", "update", "cancel"),
    "invite.{}.subject": ("request", "update", "cancel"),
    "invite.{}.summary": ("request", "update", "cancel"),
    "invite_{}": ("request", "update", "cancel"),
    "meeting.{}": Outcome,
    "nag.T9.{}": ("both", "lead", "follow_up"),
    "nag.{}.name": REMINDERS,
    "people.{}": ("parts", "name", "title", "email", "duplicate"),
    "place.{}": Mode,
    "standing.{}": Standing,
    "state.{}": State,
    "step.{}": Step,
    "step.{}.do": frozenset(BUTTON_OF_STEP.values()),
    "summon.state_{}": (State.DENIED, State.ASSESSED, State.REFUSED, State.CLOSED),
    "summons.notice.{}.text": ("moved", "recalled"),
    "summons.notice.{}.title": ("moved", "recalled"),
    "summons.over.{}.text": ("held", "recalled", "forwarded"),
    "summons.over.{}.title": ("held", "recalled", "forwarded"),
    "summons.summary.{}": ("obliged", "invited"),
    "summons.text.{}": ("obliged", "invited"),
    "summons.title.{}": ("obliged", "invited"),
    "to.{}": frozenset(To) - {To.PERSON},
    "topic.{}": Topic,
    "{}.form_title": ("summons.name", "summons.propose", "summons.decline", "summons.forward"),
    "{}.submit": ("summons.name", "summons.propose", "summons.decline", "summons.forward"),
}

# The same written form means two things: names of letters in notes, and lines of the journal.
LETTER_NAMES = TOLD_WHEN_DEAD
LETTER_LINES = DISCLOSURES

# Functions that only pass a key on; who calls them is read instead.
PASSING_ON = frozenset(
    {
        "handlers/answering.py:_keep",
        "handlers/answering.py:_note",
        "handlers/answering.py:_typed",
        "handlers/door.py:apologise",
        "handlers/keeping.py:note",
        "handlers/letters/composing.py:_nag_mail",
        "handlers/letters/composing.py:_note_words",
        "handlers/letters/settling.py:undeliverable",
        "handlers/nagging.py:_item",
        "handlers/nagging.py:nag_text",
        "handlers/options.py:_option",
        "handlers/options.py:tick",
        "handlers/summoning.py:_sent",
        "handlers/values.py:_wrong",
        "handlers/visit.py:card",
        "handlers/visit.py:mend",
        "handlers/visit.py:say",
        "handlers/visit.py:sorry",
        "bot/slack/opener.py:_say",
    }
)

# Values that are given as a whole, from a dictionary made elsewhere.
WHOLES: Mapping[str, frozenset[str]] = {
    "_consent(look, case)": frozenset({"day", "parties", "limited"}),
    "params": frozenset({"code", "when", "place", "name"}),
}
