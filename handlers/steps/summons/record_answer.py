"""`/sip svar`: an answer that came another way is written down, and counts like any other (R121, R125, R128)."""

from __future__ import annotations

from domain.attendee import Naming
from domain.case import Case
from domain.meeting import Meeting
from domain.problem import Problem
from domain.steps import answer_summons
from domain.steps.answer_summons import Asked
from domain.steps.record_answer import Answer, answerable, mark_relayed, problems_of_relay, require_answerable
from domain.summons import Decline, DeclineReason, Relay, Way
from handlers.request import Request
from handlers.steps.summons.answering import covered, keep_answer, no_to_manager, read_proposal
from handlers.steps.summons.name_attendees import LONGEST_LINES, attendees_of_form, letters_of_names
from handlers.ui.actions import RecordForm
from handlers.ui.branches import Branches, branched, chosen
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import agency_choices, choices
from handlers.ui.responses import Ask, Response
from storage.outbox.outbox import Letter

FORM = "answer.record"

BRANCHES: Branches = {
    "others": (chosen("answer", Answer.NAMED),),
    "date": (chosen("answer", Answer.PROPOSED),),
    "start": (chosen("answer", Answer.PROPOSED),),
    "reason": (chosen("answer", Answer.DECLINED),),
}


def ask(request: Request, code: str) -> Response:
    """Open the form."""
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `answer.record`."""
    case = request.case_to_steer(code)
    return _form(request, case, require_answerable(case, request.now))


def _form(request: Request, case: Case, meeting: Meeting) -> Form:
    words, agencies = request.words, answerable(case, meeting)
    owing = [summons.agency for summons in case.owing(meeting)]
    parts: tuple[Field | Note, ...] = (
        Note(words("record_answer.intro", code=case.code)),
        Field(
            "agency",
            FieldKind.SELECT,
            words("record_answer.agency"),
            required=True,
            options=agency_choices(request.directory, agencies),
            initial=owing[0] if len(owing) == 1 else None,
        ),
        Field(
            "answer",
            FieldKind.SELECT,
            words("record_answer.answer"),
            required=True,
            options=choices(words, "recorded_answer", Answer),
        ),
        Field(
            "others",
            FieldKind.LINES,
            words("record_answer.others"),
            required=True,
            hint=words("record_answer.others.hint"),
            max_length=LONGEST_LINES,
        ),
        Field("date", FieldKind.DATE, words("record_answer.date"), required=True),
        Field("start", FieldKind.TIME, words("record_answer.start"), required=True),
        Field(
            "reason",
            FieldKind.SELECT,
            words("record_answer.reason"),
            required=True,
            options=choices(words, "decline_reason", DeclineReason),
        ),
        Field("how", FieldKind.SELECT, words("record_answer.how"), required=True, options=choices(words, "way", Way)),
        Field("on", FieldKind.DATE, words("record_answer.on"), required=True, initial=request.today.isoformat()),
    )
    token = request.seal(RecordForm(FORM, case.code, meeting.number, meeting.round))
    title = words("record_answer.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def submit(request: Request, token: RecordForm, values: FormData) -> Response:
    """Write the answer down, unless the meeting was moved since the form was opened."""
    case = request.case_to_steer(token.code)
    meeting = require_answerable(case, request.now)
    if (token.meeting, token.round) != (meeting.number, meeting.round):
        moved = Problem("agency", "answer.moved_meanwhile", request.by(meeting.moved or meeting.called))
        return request.mend([moved])
    agency = next(iter(values.names("agency", frozenset(answerable(case, meeting)), required=True)), "")
    answer, how = values.one("answer", Answer, required=True), values.one("how", Way, required=True)
    on = values.day("on", required=True)
    if values.problems or answer is None or how is None or on is None:
        return request.mend(values.problems)
    asked = answer_summons.find_summons(case, meeting.number, agency, request.now)
    sent = request.services.rules.calendar.local_date(asked.summons.sent_at)
    values.problems += problems_of_relay(on, sent, request.today)
    after = _answered(request, asked, answer, values)
    if after is None or values.problems:
        return request.mend(values.problems)
    after = mark_relayed(after, agency, Relay(how, on))
    details: dict[str, str | int] = {"meeting": meeting.number, "how": how.value, "on": on.isoformat()}
    entry = request.entry(f"recorded.{answer.value}", details, agency=agency)
    saved = keep_answer(request, asked, after, entry, _letters(request, asked, after, answer))
    done = "record_answer.done_obliged" if answer is Answer.DECLINED and asked.summons.obliged else "record_answer.done"
    return request.say(done, code=saved.code, agency=request.agency_name(agency))


def _answered(request: Request, asked: Asked, answer: Answer, values: FormData) -> Case | None:
    """Return the case with the answer in it, or note what is missing for it."""
    match answer:
        case Answer.RECEIVED:
            return answer_summons.receive(asked, request.stamp)
        case Answer.NAMED:
            people = attendees_of_form(request, asked, values)
            values.problems[:] = [_at_others(problem) for problem in values.problems]
            return None if values.problems else answer_summons.name_attendees(asked, Naming(people), request.stamp)
        case Answer.PROPOSED:
            proposal = read_proposal(request, asked, values)
            return None if proposal is None else answer_summons.propose(asked, proposal, request.stamp)
        case Answer.DECLINED:
            reason = values.one("reason", DeclineReason, required=True)
            return None if reason is None else answer_summons.decline(asked, Decline(reason), request.stamp)


def _at_others(problem: Problem) -> Problem:
    """Who comes is typed here and not picked, so a fault with it belongs to the typed lines."""
    return Problem("others", problem.key, problem.params) if problem.field == "attendees" else problem


def _letters(request: Request, asked: Asked, after: Case, answer: Answer) -> list[Letter | None]:
    agency = asked.summons.agency
    summons = after.meetings[-1].summons_of(agency)
    if answer is Answer.NAMED:
        is_covered = covered(request, asked.case, agency)
        return [*letters_of_names(request, asked, after, None, is_covered=is_covered)]
    if answer is Answer.DECLINED and summons is not None and summons.decline is not None:
        return [no_to_manager(request, asked, after, summons.decline.reason)]
    return []
