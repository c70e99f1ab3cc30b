"""The buttons on a summons: receipt, names, another time, no, wrong unit (R114-R117, R122, R125-R128)."""

from __future__ import annotations

from dataclasses import replace

from sipbot.domain import answering
from sipbot.domain.answering import Asked
from sipbot.domain.case import Case
from sipbot.domain.errors import Invalid
from sipbot.domain.meeting import Attendee, Decline, DeclineReason, Meeting, Naming, Proposal, Standing, Wish
from sipbot.domain.people_lines import parse_people
from sipbot.domain.problem import Problem
from sipbot.domain.responsibility import name_of, require_answering
from sipbot.handlers.answers import Answer, Ask
from sipbot.handlers.consenting import cancelled_invites
from sipbot.handlers.forms import Field, Form, Kind, Note
from sipbot.handlers.keeping import Entry, keep
from sipbot.handlers.letters import writing
from sipbot.handlers.options import agency_choices, choices, tick
from sipbot.handlers.values import Reading
from sipbot.handlers.visit import Visit
from sipbot.storage.outbox import Letter

RECEIVED = "summons.received"
NAME, PROPOSE, DECLINE, FORWARD = "summons.name", "summons.propose", "summons.decline", "summons.forward"
BUTTONS = (RECEIVED, NAME, PROPOSE, DECLINE, FORWARD)


def find(visit: Visit, code: str, number: int, agency: str) -> Asked:
    """Return the summons for somebody who may answer it."""
    case = visit.tx.cases.get(code)
    if case.meeting is not None:
        require_answering(case.meeting, agency, visit.staff)
    return answering.find_summons(case, number, agency, visit.now)


def press(visit: Visit, action: str, code: str, number: int, agency: str) -> Answer:
    """A button was pressed: confirm receipt at once, or open the form it stands for."""
    asked = find(visit, code, number, agency)
    if action == RECEIVED:
        return _receive(visit, asked)
    forms = {NAME: _name_form, PROPOSE: _propose_form, DECLINE: _decline_form, FORWARD: _forward_form}
    return Ask(forms[action](visit, asked))


def _receive(visit: Visit, asked: Asked) -> Answer:
    summons, current = asked.summons, asked.summons.standing(asked.meeting.round)
    if current is not Standing.SENT and summons.received is not None:
        first = summons.received
        name = name_of(first.by, visit.directory)
        return visit.say("answer.received_already", name=name, when=visit.words.moment(first.at), code=asked.case.code)
    after = answering.receive(asked, visit.stamp)
    _keep(visit, asked, after, "summons.received", {})
    return visit.say("answer.received", code=asked.case.code)


def _token(visit: Visit, form: str, asked: Asked) -> str:
    return visit.seal(
        f=form, c=asked.case.code, m=asked.meeting.number, a=asked.summons.agency, r=asked.summons.revision
    )


def _form(visit: Visit, name: str, asked: Asked, parts: list[Field | Note]) -> Form:
    words = visit.words
    title, submit = words(f"{name}.form_title"), words(f"{name}.submit")
    return Form(name, title, submit, words("form.cancel"), _token(visit, name, asked), tuple(parts))


def _propose_form(visit: Visit, asked: Asked) -> Form:
    words, meeting = visit.words, asked.meeting
    parts: list[Field | Note] = [
        Note(words("summons.propose.intro", code=asked.case.code)),
        Field("date", Kind.DATE, words("summon.date"), required=True, initial=meeting.day.isoformat()),
        Field("start", Kind.TIME, words("summon.start"), required=True, initial=meeting.clock),
    ]
    return _form(visit, PROPOSE, asked, parts)


def _decline_form(visit: Visit, asked: Asked) -> Form:
    words = visit.words
    key = "summons.decline.duty" if asked.summons.obliged else "summons.decline.intro"
    parts: list[Field | Note] = [
        Note(words(key, code=asked.case.code), warning=asked.summons.obliged),
        Field(
            "reason",
            Kind.SELECT,
            words("summons.decline.reason"),
            required=True,
            options=choices(words, "decline_reason", DeclineReason),
        ),
    ]
    return _form(visit, DECLINE, asked, parts)


def _forward_form(visit: Visit, asked: Asked) -> Form:
    words = visit.words
    others = [a for a in visit.directory.agencies if a != asked.summons.agency and asked.meeting.summons_of(a) is None]
    parts: list[Field | Note] = [
        Note(words("summons.forward.intro", code=asked.case.code)),
        Field(
            "agency",
            Kind.SELECT,
            words("summons.forward.agency"),
            required=True,
            options=agency_choices(visit.directory, others),
        ),
    ]
    return _form(visit, FORWARD, asked, parts)


def submit(visit: Visit, form: str, code: str, number: int, agency: str, revision: int, values: Reading) -> Answer:
    """A form of a summons was sent: take the answer, unless somebody else has answered since it was opened."""
    asked = find(visit, code, number, agency)
    first_field = {NAME: "attendees", PROPOSE: "date", DECLINE: "reason", FORWARD: "agency"}[form]
    if asked.summons.revision != revision and asked.summons.answered is not None:
        answered = asked.summons.answered
        name, moment = name_of(answered.by, visit.directory), visit.words.moment(answered.at)
        standing = visit.words(f"standing.{asked.summons.standing(asked.meeting.round).value}")
        return visit.mend(
            [Problem(first_field, "answer.somebody_was_first", {"name": name, "when": moment, "what": standing})]
        )
    takers = {NAME: _name, PROPOSE: _propose, DECLINE: _decline, FORWARD: _forward}
    return takers[form](visit, asked, values)


def _propose(visit: Visit, asked: Asked, values: Reading) -> Answer:
    day, wall = values.day("date", required=True), values.wall_time("start", required=True)
    if day is None or wall is None:
        return visit.mend(values.problems)
    start = visit.office.rules.calendar.at(day, wall)
    if start <= visit.now:
        return visit.mend([Problem("date", "field.past_time")])
    if start == asked.meeting.start:
        return visit.mend([Problem("date", "summons.propose.same")])
    proposal = Proposal(day, f"{wall:%H:%M}")
    after = answering.propose(asked, proposal, visit.stamp)
    note = _note(visit, after, "note.proposed", asked.summons.agency, day=day.isoformat(), clock=proposal.start)
    _keep(visit, asked, after, "summons.proposed", {"day": day.isoformat(), "clock": proposal.start}, [note])
    return visit.say("answer.proposed", code=after.code)


def _decline(visit: Visit, asked: Asked, values: Reading) -> Answer:
    reason = values.one("reason", DeclineReason, required=True)
    if reason is None:
        return visit.mend(values.problems)
    after = answering.decline(asked, Decline(reason), visit.stamp)
    agency = asked.summons.agency
    letters = [
        _note(
            visit,
            after,
            "note.declined_obliged" if asked.summons.obliged else "note.declined",
            agency,
            reason=reason.value,
        )
    ]
    if asked.summons.obliged:
        letters.append(
            writing.note_to_manager(
                after, agency, "note.manager_declined", visit.directory, visit.now, reason=reason.value
            )
        )
    _keep(
        visit,
        asked,
        after,
        "summons.declined",
        {"reason": reason.value, "obliged": int(asked.summons.obliged)},
        letters,
    )
    return visit.say("answer.declined_obliged" if asked.summons.obliged else "answer.declined", code=after.code)


def _forward(visit: Visit, asked: Asked, values: Reading) -> Answer:
    target = values.raw("agency", required=True)
    problems = values.problems or list(answering.problems_of_forward(asked, target, visit.directory))
    if problems:
        return visit.mend(problems)
    covered = _covered(visit, asked.case, target)
    after = answering.forward(
        asked,
        target,
        directory=visit.directory,
        profile=visit.office.rules.profile,
        covered=covered,
        stamp=visit.stamp,
    )
    letters = [
        _note(
            visit,
            after,
            "note.forwarded" if covered else "note.forwarded_held",
            asked.summons.agency,
            target=target,
        )
    ]
    if covered:
        letters.append(writing.summons(after, after.meetings[-1], target, visit.directory, visit.now))
    _keep(visit, asked, after, "summons.forwarded", {"target": target, "held_back": int(not covered)}, letters)
    return visit.say(
        "answer.forwarded" if covered else "answer.forwarded_held",
        code=after.code,
        agency=visit.agency_name(target),
    )


def _note(visit: Visit, case: Case, about: str, agency: str, **args: str | int) -> Letter | None:
    return writing.note(case, case.responsible, about, visit.directory, visit.now, agency=agency, **args)


def _keep(
    visit: Visit,
    asked: Asked,
    after: Case,
    action: str,
    details: dict[str, str | int],
    letters: list[Letter | None] | None = None,
) -> Case:
    meeting: Meeting = after.meetings[-1]
    own = writing.summons(after, meeting, asked.summons.agency, visit.directory, visit.now)
    cancelled = cancelled_invites(visit, after, asked.meeting, meeting)
    entry = Entry(action, visit.staff.id, visit.staff.agency, {"meeting": meeting.number, **details})
    return keep(visit.office, visit.tx, asked.case, after, [entry], [own, *(letters or []), *cancelled])
