"""The buttons on a summons: receipt, names, another time, no, wrong unit (R114-R117, R122, R125-R128)."""

from __future__ import annotations

from typing import Final

from domain.problem import Problem
from domain.responsibility import require_answering
from domain.steps import answer_summons
from domain.steps.answer_summons import Asked
from domain.summons import Decline, DeclineReason, Standing, reasons_to_decline
from handlers import enqueue
from handlers.request import Request
from handlers.steps.summons.answering import (
    UNANSWERED,
    covered,
    find,
    form,
    keep_answer,
    no_to_manager,
    note,
    problems_of_stale,
    read_proposal,
)
from handlers.steps.summons.name_attendees import name_form, take_names
from handlers.ui.actions import Action, AnswerForm, OneSummons
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note, Option
from handlers.ui.options import agency_choices, choices
from handlers.ui.responses import Ask, Response
from storage.outbox.outbox import Letter

# Chosen in place of an agency by one that does not know the right one; no agency's id is like it.
UNKNOWN: Final = "?"

# Each of these forms is named as the button that opens it.
NAME, PROPOSE, DECLINE, FORWARD = (
    Action.SUMMONS_NAME,
    Action.SUMMONS_PROPOSE,
    Action.SUMMONS_DECLINE,
    Action.SUMMONS_FORWARD,
)


def ask(request: Request, action: Action, token: OneSummons) -> Response:
    """Open the form that a button of a summons stands for."""
    forms = {NAME: name_form, PROPOSE: _propose_form, DECLINE: _decline_form, FORWARD: _forward_form}
    return Ask(forms[action](request, find(request, token)))


def receive(request: Request, token: OneSummons) -> Response:
    """Confirm at once that the summons has come (R125)."""
    asked = find(request, token)
    standing, first = asked.summons.standing(asked.meeting.round), asked.summons.received
    if first is not None and (standing not in UNANSWERED or asked.summons.answer_round == asked.meeting.round):
        return request.say("answer.received_already", code=asked.case.code, **request.by(first))
    after = answer_summons.receive(asked, request.stamp)
    details: dict[str, str | int] = {"meeting": asked.meeting.number}
    keep_answer(request, asked, after, request.entry("summons.received", details))
    return request.say("answer.received", code=asked.case.code)


def _propose_form(request: Request, asked: Asked) -> Form:
    words, meeting = request.words, asked.meeting
    # The time of a protected meeting is told to those who are named alone, not by a button in a channel (law 4D.4).
    day, clock = (None, None) if asked.case.protected else (meeting.day.isoformat(), meeting.clock)
    parts: tuple[Field | Note, ...] = (
        Note(words("summons.propose.intro", code=asked.case.code)),
        Field("date", FieldKind.DATE, words("summon.date"), required=True, initial=day),
        Field("start", FieldKind.TIME, words("summon.start"), required=True, initial=clock),
    )
    return form(request, PROPOSE, asked, parts)


def _decline_form(request: Request, asked: Asked) -> Form:
    words = request.words
    offered = reasons_to_decline(obliged=asked.summons.obliged)
    key = "summons.decline.duty" if asked.summons.obliged else "summons.decline.intro"
    parts: tuple[Field | Note, ...] = (
        Note(words(key, code=asked.case.code), warning=asked.summons.obliged),
        Field(
            "reason",
            FieldKind.SELECT,
            words("summons.decline.reason"),
            required=True,
            options=tuple(o for o in choices(words, "decline_reason", DeclineReason) if o.value in offered),
        ),
    )
    return form(request, DECLINE, asked, parts)


def _forward_form(request: Request, asked: Asked) -> Form:
    words = request.words
    # Neither the agency itself nor the one that summons is the right one, nor any that is asked already.
    not_meant = {asked.summons.agency, asked.case.unit_of(asked.meeting)}
    not_asked = {None, Standing.RECALLED}
    others = [
        agency
        for agency in request.directory.agencies
        if agency not in not_meant and asked.meeting.standing_of(agency) in not_asked
    ]
    parts: tuple[Field | Note, ...] = (
        Note(words("summons.forward.intro", code=asked.case.code)),
        Field(
            "agency",
            FieldKind.SELECT,
            words("summons.forward.agency"),
            required=True,
            options=(*agency_choices(request.directory, others), Option(UNKNOWN, words("summons.forward.not_known"))),
        ),
    )
    return form(request, FORWARD, asked, parts)


def submit(request: Request, token: AnswerForm, values: FormData) -> Response:
    """A form of a summons was sent: take the answer, unless things have changed since it was opened."""
    asked, name = find(request, token), Action(token.form)
    first_field = {NAME: "attendees", PROPOSE: "date", DECLINE: "reason", FORWARD: "agency"}[name]
    stale = problems_of_stale(request, asked, first_field, token)
    if stale:
        return request.mend(stale)
    takers = {NAME: take_names, PROPOSE: _propose, DECLINE: _decline, FORWARD: _forward}
    return takers[name](request, asked, values)


def _propose(request: Request, asked: Asked, values: FormData) -> Response:
    proposal = read_proposal(request, asked, values)
    if proposal is None:
        return request.mend(values.problems)
    day = proposal.day
    after = answer_summons.propose(asked, proposal, request.stamp)
    told = note(request, after, "note.proposed", asked.summons.agency, day=day.isoformat(), clock=proposal.start)
    details: dict[str, str | int] = {
        "meeting": asked.meeting.number,
        "day": day.isoformat(),
        "clock": proposal.start,
    }
    keep_answer(request, asked, after, request.entry("summons.proposed", details), [told])
    return request.say("answer.proposed", code=after.code)


def _decline(request: Request, asked: Asked, values: FormData) -> Response:
    reason = values.one("reason", DeclineReason, required=True)
    if reason is not None and reason not in reasons_to_decline(obliged=asked.summons.obliged):
        return request.mend([Problem("reason", "summons.decline.duty", {"code": asked.case.code})])
    if reason is None:
        return request.mend(values.problems)
    after = answer_summons.decline(asked, Decline(reason), request.stamp)
    agency, obliged = asked.summons.agency, asked.summons.obliged
    about = "note.declined_obliged" if obliged else "note.declined"
    letters = [
        note(request, after, about, agency, reason=reason.value),
        no_to_manager(request, asked, after, reason),
    ]
    details: dict[str, str | int] = {
        "meeting": asked.meeting.number,
        "reason": reason.value,
        "obliged": int(obliged),
    }
    keep_answer(request, asked, after, request.entry("summons.declined", details), letters)
    return request.say("answer.declined_obliged" if obliged else "answer.declined", code=after.code)


def _wrong_unit(request: Request, asked: Asked) -> Response:
    after = answer_summons.wrong_unit(asked, request.stamp)
    told = note(request, after, "note.misdirected", asked.summons.agency)
    details: dict[str, str | int] = {"meeting": asked.meeting.number}
    keep_answer(request, asked, after, request.entry("summons.misdirected", details), [told])
    return request.say("answer.misdirected", code=after.code)


def take_back(request: Request, token: OneSummons) -> Response:
    """Keep a summons that was sent on by mistake, until the agency that it went on to has answered."""
    case = request.tx.cases.get(token.code)
    if case.meeting is not None:
        require_answering(case, case.meeting, token.agency, request.staff, request.directory)
    found = answer_summons.forwarded_summons(case, token.meeting, token.agency, request.now)
    after = answer_summons.take_back_forwarding(found, request.stamp)
    meeting, target = after.meetings[-1], found.target.agency
    letters: list[Letter | None] = [note(request, after, "note.forward_undone", token.agency, target=target)]
    if found.target.told:
        told = enqueue.summons_notice(after, meeting, target, "recalled", request.directory, request.now)
        letters += [enqueue.summons(after, meeting, target, request.directory, request.now), told]
    asked = Asked(case, found.meeting, found.source)
    entry = request.entry("summons.forward_undone", {"meeting": meeting.number, "target": target})
    keep_answer(request, asked, after, entry, letters)
    return request.say("answer.forward_undone", code=after.code, agency=request.agency_name(target))


def _forward(request: Request, asked: Asked, values: FormData) -> Response:
    target = values.raw("agency", required=True)
    if target == UNKNOWN:
        return _wrong_unit(request, asked)
    problems = values.problems or list(answer_summons.problems_of_forward(asked, target, request.directory))
    if problems:
        return request.mend(problems)
    is_covered = covered(request, asked.case, target)
    after = answer_summons.forward(
        asked,
        target,
        directory=request.directory,
        profile=request.services.rules_of(asked.case).profile,
        covered=is_covered,
        stamp=request.stamp,
    )
    about = "note.forwarded" if is_covered else "note.forwarded_held"
    letters = [note(request, after, about, asked.summons.agency, target=target)]
    if is_covered:
        letters.append(enqueue.summons(after, after.meetings[-1], target, request.directory, request.now))
    details: dict[str, str | int] = {
        "meeting": asked.meeting.number,
        "target": target,
        "held_back": int(not is_covered),
    }
    keep_answer(request, asked, after, request.entry("summons.forwarded", details), letters)
    name = request.agency_name(target)
    return request.say("answer.forwarded" if is_covered else "answer.forwarded_held", code=after.code, agency=name)
