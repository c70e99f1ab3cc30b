"""What all answers to a summons share: whose it is, the form's frame, and what is kept and told of an answer."""

from __future__ import annotations

from collections.abc import Iterable

from domain.case import Case
from domain.problem import Problem
from domain.responsibility import require_answering
from domain.steps import answer_summons
from domain.steps.answer_summons import Asked
from domain.summons import DeclineReason, Proposal, Standing
from handlers import enqueue
from handlers.request import Request
from handlers.save import Entry
from handlers.steps import invites
from handlers.ui.actions import AnswerForm, OneSummons
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, Form, Note
from storage.outbox.outbox import Letter

# Standings beside which an answer that was begun before may still be given: nobody has answered in substance.
UNANSWERED = frozenset({Standing.SENT, Standing.UNDELIVERED, Standing.RECEIVED})


def find(request: Request, token: OneSummons | AnswerForm) -> Asked:
    """Return the summons for somebody who may answer it."""
    case = request.tx.cases.get(token.code)
    if case.meeting is not None:
        require_answering(case, case.meeting, token.agency, request.staff, request.directory)
    return answer_summons.find_summons(case, token.meeting, token.agency, request.now)


def form(request: Request, name: str, asked: Asked, parts: Iterable[Field | Note]) -> Form:
    """Return a form of a summons; its token tells what the one who opened it had before them."""
    words, summons = request.words, asked.summons
    title, submit = words(f"{name}.form_title"), words(f"{name}.submit")
    token = AnswerForm(
        name,
        asked.case.code,
        meeting=asked.meeting.number,
        agency=summons.agency,
        revision=summons.revision,
        round=asked.meeting.round,
    )
    return Form(name, title, submit, words("form.cancel"), request.seal(token), tuple(parts))


def problems_of_stale(request: Request, asked: Asked, field: str, token: AnswerForm) -> list[Problem]:
    """Say what has happened since the form was opened: the meeting was moved, or a colleague has answered."""
    summons, meeting = asked.summons, asked.meeting
    if token.round != meeting.round:
        return [Problem(field, "answer.moved_meanwhile", request.by(meeting.moved or meeting.called))]
    standing = summons.standing(meeting.round)
    if summons.revision == token.revision or summons.answered is None or standing in UNANSWERED:
        return []
    first, what = request.by(summons.answered), request.words(f"standing.{standing.value}")
    who, when = first["name"], first["when"]
    return [Problem(field, "answer.somebody_was_first", {"name": who, "when": when, "what": what})]


def covered(request: Request, case: Case, agency: str) -> bool:
    """Say whether the consent covers an agency today."""
    return case.consent is not None and case.consent.allows_exchange(agency, request.today)


def note(request: Request, case: Case, about: str, agency: str, **args: str | int) -> Letter:
    """Return a word to the one who is responsible about what an agency has answered."""
    return enqueue.note(case, case.responsible, about, request.directory, request.now, agency=agency, **args)


def no_to_manager(request: Request, asked: Asked, after: Case, reason: DeclineReason) -> Letter | None:
    """Return the word to an obliged agency's manager that it has said no (R114): once, however often and by whom."""
    summons = asked.summons
    if not summons.obliged or summons.standing(asked.meeting.round) is Standing.DECLINED:
        return None
    about = "note.manager_declined"
    return enqueue.note_to_manager(after, summons.agency, about, request.directory, request.now, reason=reason.value)


def keep_answer(
    request: Request, asked: Asked, after: Case, entry: Entry, letters: Iterable[Letter | None] = ()
) -> Case:
    """Keep an answer: the agency's own message shows it, the others' show who comes, who is not named is un-invited."""
    meeting = after.meetings[-1]
    own = enqueue.summons(after, meeting, asked.summons.agency, request.directory, request.now)
    others = enqueue.who_comes(asked.meeting, after, asked.summons.agency, request.directory, request.now)
    cancelled = invites.cancelled(request, after, asked.meeting, meeting)
    source = asked.summons.forwarded_from
    # Once this agency has answered, the one that sent it on can take it back no longer.
    before = enqueue.summons(after, meeting, source, request.directory, request.now) if source else None
    return request.save(asked.case, after, [entry], [own, *others, before, *letters, *cancelled])


def read_proposal(request: Request, asked: Asked, values: FormData) -> Proposal | None:
    """Read another time for the meeting, or note what is wrong with it: it has passed, or is the present one."""
    day, wall = values.day("date", required=True), values.wall_time("start", required=True)
    if day is None or wall is None:
        return None
    start = request.services.rules.calendar.at(day, wall)
    if start <= request.now:
        values.problems.append(Problem("date", "field.past_time"))
        return None
    if start == asked.meeting.start:
        values.problems.append(Problem("date", "summons.propose.same"))
        return None
    return Proposal(day, f"{wall:%H:%M}")
