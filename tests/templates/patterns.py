"""What the computed parts of message keys can be. A new one in the code is entered here; until then a test names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.admin.extract.words import ACTORS, ACTS
from domain.calendar.replies import Answered
from domain.case import Flag, State
from domain.consent import Decision, Function, Topic
from domain.figures.sheet import GROUNDS, ROWS
from domain.figures.sums import Track
from domain.lapse import LapseKind
from domain.matters.admission import Choice, Compulsory
from domain.matters.companion import Does, Role
from domain.matters.deviation import Fault, Remedy
from domain.matters.evaluation import PERSON_ASKED, STAFF_ASKED, Felt
from domain.matters.evaluation import Answer as Scale
from domain.matters.measure import Bearer, Progress, Sort
from domain.matters.need import Finding, Fossam, NoticedBy, Reason
from domain.matters.plan import Channel
from domain.matters.preparation import PlaceWish, Premeeting, TakingPart, Task, ToldAfter
from domain.matters.promise import Awaited, Meanwhile
from domain.matters.review import Extent, Verdict
from domain.matters.run_sheet import Point
from domain.meeting import Mode
from domain.next_step import Step
from domain.profile import Basis
from domain.reminders.due import ReminderKind, To
from domain.report import Outcome, TookPart
from domain.steps.answer_summons import CLOSED_STANDINGS
from domain.steps.appointment import WARNED_OF
from domain.steps.measures import Change
from domain.steps.open_case import Narrowness
from domain.steps.record_answer import Answer
from domain.steps.record_consent import RECORDABLE
from domain.summons import DeclineReason, Standing, Way
from domain.text.place import REFUSED
from handlers.enqueue import What
from handlers.letters.invitations import MailKind
from handlers.letters.outcomes import DISCLOSURES
from handlers.looks import Look
from handlers.screens import figures
from handlers.screens.board import BUTTON_OF_STEP
from handlers.screens.case_lists import COMMANDS, PARTS
from handlers.steps.matters import evaluation
from handlers.steps.prepare_case import FOR_CHILDREN, GOALS, QUESTIONS
from handlers.steps.summons import summon
from storage.outbox.letter import LetterState
from tests.templates.kept import FIELDS

# Letters whose failure is told to the coordinator, by name.
TOLD_WHEN_DEAD = frozenset(What) - {What.WHISPER, What.HOME, What.FIGURES, What.NOTE_MAIL, What.ALARM}
# Before any meeting was held there is nothing to close at; after one, `close.need_remains` says so.
BEFORE_ANY_MEETING = (
    State.NOTICED,
    State.DENIED,
    State.ASSESSED,
    State.REFUSED,
    State.PREPARING,
    State.SUMMONED,
    State.READY,
    State.CLOSED,
)

# The parts of an extract on paper.
PAPER = ("journal", "accesses", "document", "listing", "letters", "posts", "reminders", "names", "about")

PATTERNS: Mapping[str, Iterable[str]] = {
    "act.{}": ACTS,
    "actor.{}": ACTORS,
    "answer.{}": CLOSED_STANDINGS,
    "attendee.{}": Answered,
    "calendar.{}": Answered,
    "case.{}": ("opened", "noticed", "declined", "denied"),
    "channel.{}": Channel,
    "close.state_{}": BEFORE_ANY_MEETING,
    "consent.state_{}": frozenset(State) - RECORDABLE,
    "consent.{}": Decision,
    "decline_reason.{}": DeclineReason,
    "ending.{}.text": ("stopped", "closed", "withdrawn"),
    "ending.{}.title": ("stopped", "closed", "withdrawn"),
    "fact.deadline.{}": (*Basis, "wish"),
    "field.forbidden.{}": ("personal_number", "phone", "email"),
    "finding.{}": Finding,
    "kept.{}": FIELDS,
    "letter_state.{}": LetterState,
    "matrix.{}.answered": ("changed", "taken_back"),
    "matrix.{}.over": ("changed", "taken_back"),
    "paper.{}": PAPER,
    "paper.{}.text": PAPER,
    "ask.{}": (*QUESTIONS, *GOALS, *FOR_CHILDREN),
    "companion.{}": Role,
    "does.{}": Does,
    "flag.{}": Flag,
    "place_wish.{}": PlaceWish,
    "premeeting.{}": Premeeting,
    "taking_part.{}": TakingPart,
    "task.{}": Task,
    "told_after.{}": ToldAfter,
    "function.{}": Function,
    "read.{}": Look,
    "fossam.{}": Fossam,
    "noticed_by.{}": NoticedBy,
    "reason.{}": Reason,
    "lapse.{}": LapseKind,
    "help.part.{}": (*PARTS, "look"),
    "help.{}": (*COMMANDS, "list", "show", "extract", "statistics", "away", "calendar"),
    "invite.{}.description": ("request", "cancel", "taken_out"),
    "invite.{}.subject": MailKind,
    "invite.{}.summary": ("request", "cancel", "taken_out"),
    "invite_{}": MailKind,
    "meeting.{}": Outcome,
    "bearer.{}": Bearer,
    "progress.{}": Progress,
    "sort.{}": Sort,
    "measure.who.{}": ("person", "relative", "other"),
    "measure.{}": ("starts", "ends", "reports_on"),
    "measure.line.{}": ("starts", "ends", "reports_on"),
    "plan.{}": ("person", "relative", "representative"),
    "versions.{}": Change,
    "fault.{}": Fault,
    "remedy.{}": Remedy,
    "admission_choice.{}": Choice,
    "compulsory.{}": Compulsory,
    "compulsory.{}.plan": Compulsory,
    "extent.{}": Extent,
    "evaluation.{}": (*PERSON_ASKED, *STAFF_ASKED),
    "{}.intro": (evaluation.STAFF_FORM, evaluation.PERSON_FORM),
    "felt.{}": Felt,
    "took_part.{}": TookPart,
    "scale.{}": Scale,
    "figure.{}": {row.key for row in ROWS} | set(GROUNDS),
    "figures.part.{}": (*figures.PARTS, "evaluation", "end"),
    "figures.track.{}": Track,
    "verdict.{}": Verdict,
    "awaits.{}": Awaited,
    "point.{}": Point,
    "point.{}.name": Point,
    "meanwhile.{}": Meanwhile,
    "reminder.vacancy.{}": ("unit", "person"),
    "reminder.deviation.{}": ("unit", "manager"),
    "reminder.open_points.{}": ("both", "lead", "follow_up", "close"),
    "reminder.confirm_ending.{}": ("unit", "person"),
    "reminder.confirm_plan.{}": ("unit", "person"),
    "reminder.{}.name": ReminderKind,
    "role.{}.text": ("chair", "secretary"),
    "role.{}.title": ("chair", "secretary"),
    "open.warn_{}": Narrowness,
    "list.by.{}": ("first", "meeting", "plan", "follow_up"),
    "people.{}": ("parts", "name", "title", "email", "duplicate"),
    "place.{}": (*Mode, *REFUSED),
    "recorded.{}": Answer,
    "summon.more.{}": summon.ASIDE,
    "standing.{}": (*Standing, "own"),
    "duty.{}": ("own", "obliged", "invited"),
    "way.{}": Way,
    "state.{}": State,
    "summon.warn_{}": WARNED_OF,
    "step.{}": Step,
    "step.{}.do": frozenset(BUTTON_OF_STEP.values())
    | {"meeting", "review", "measure", "promise", "evaluate_own", "evaluate_person"},
    "summon.state_{}": (State.NOTICED, State.DENIED, State.ASSESSED, State.REFUSED, State.CLOSED),
    "summons.notice.{}.text": ("moved", "recalled", "kept", "again"),
    "summons.notice.{}.title": ("moved", "recalled", "kept", "again"),
    "summons.over.{}.text": ("held", "recalled", "forwarded", "forwarded_held"),
    "summons.over.{}.title": ("held", "recalled", "forwarded", "forwarded_held"),
    "summons.summary.{}": ("obliged", "invited", "obliged_follow_up", "invited_follow_up"),
    "summons.text.{}": ("obliged", "invited", "own"),
    "summons.status.{}": ("own", "again", "sent"),
    "summons.title.{}": ("obliged", "invited", "obliged_follow_up", "invited_follow_up"),
    "to.{}": frozenset(To) - {To.PERSON},
    "topic.{}": Topic,
    "trust.{}": ("token_dmarc", "token", "unproven"),
    "{}.form_title": (
        evaluation.STAFF_FORM,
        evaluation.PERSON_FORM,
        "summons.name",
        "summons.propose",
        "summons.decline",
        "summons.forward",
    ),
    "{}.submit": ("summons.name", "summons.propose", "summons.decline", "summons.forward"),
}

# The same written form means two things: names of letters in notes, and lines of the journal.
LETTER_NAMES = TOLD_WHEN_DEAD
LETTER_LINES = DISCLOSURES

# Functions that only pass a key on, by folder; who calls them is read instead.
PASSING_ON = frozenset(
    {
        "handlers:_item",
        "handlers:entry",
        "handlers:write_entry",
        "handlers:_keep",
        "handlers:_line",
        "handlers:_note",
        "handlers:_option",
        "handlers:_sent",
        "handlers:_typed",
        "handlers:_wrong",
        "handlers:apologise",
        "handlers:card",
        "handlers:mend",
        "handlers:nag_text",
        "handlers:note",
        "handlers:say",
        "handlers:sorry",
        "handlers:tick",
        "handlers:_nag_mail",
        "handlers:_words_of",
        "handlers:warnings_in_words",
        "handlers:notes_of_the_end",
        "handlers:undeliverable",
        "bot:_say",
    }
)

# Values that are given as a whole, by the function that makes them.
WHOLES: Mapping[str, frozenset[str]] = {
    "_consent": frozenset({"day", "parties", "limited"}),
    "by": frozenset({"name", "when"}),
}
