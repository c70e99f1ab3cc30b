"""`/sip flytta`: the meeting is moved; everybody is told and asked again (R118-R120)."""

from __future__ import annotations

from dataclasses import replace

from domain.case import Case
from domain.meeting import Meeting
from domain.problem import Problem
from domain.responsibility import place_of
from domain.steps.appointment import problems_of_appointment, warnings_of_place
from domain.steps.move_meeting import move_meeting, require_movable, with_duties
from domain.summons import Standing
from handlers import enqueue
from handlers.limits import require_room
from handlers.request import Request
from handlers.steps import invites
from handlers.steps.summons.appointment import (
    BRANCHES,
    length_field,
    problems_unconfirmed,
    read_appointment,
    time_fields,
    way_fields,
    when,
)
from handlers.ui.actions import MoveForm
from handlers.ui.branches import branched
from handlers.ui.cards import Section
from handlers.ui.form_data import FormData
from handlers.ui.forms import NOTHING_SAID, Field, Form, Note, Values
from handlers.ui.options import tick
from handlers.ui.responses import Ask, Response, Say
from storage.outbox.outbox import Letter

FORM = "meeting.move"


def ask(request: Request, code: str, day: str = "", clock: str = "") -> Response:
    """Open the form that moves the coming meeting, filled with the present time or with one that was proposed."""
    return Ask(form(request, code, day=day, clock=clock))


def form(request: Request, code: str, values: Values = NOTHING_SAID, *, day: str = "", clock: str = "") -> Form:
    """Return the form `meeting.move`, as it is once `values` are in it."""
    case = request.case_to_steer(code)
    meeting = require_movable(case, request.now, request.today)
    words = request.words
    parts: tuple[Field | Note, ...] = (
        Note(words("move.intro", code=case.code)),
        *time_fields(request, case, values, day=day or meeting.day.isoformat(), clock=clock or meeting.clock),
        length_field(words, meeting),
        *way_fields(request, case, meeting),
        tick(words, "consulted", "summon.consulted"),
    )
    token = request.seal(MoveForm(FORM, case.code, meeting.number, meeting.round, day=day, clock=clock, warns=1))
    title = words("move.form_title")
    return Form(FORM, title, words("move.submit"), words("form.cancel"), token, branched(parts, BRANCHES))


def anew(request: Request, token: MoveForm, values: Values) -> Form:
    """Return the form as it is once `values` are in it; it goes on suggesting the time that was proposed."""
    return form(request, token.code, values, day=token.day, clock=token.clock)


def submit(request: Request, token: MoveForm, values: FormData) -> Response:
    """Move the meeting: everybody is told and asked again, calendars are updated."""
    case = request.case_to_steer(token.code)
    meeting = require_movable(case, request.now, request.today)
    appointment = read_appointment(request, case, values, meeting)
    if appointment is None or values.problems:
        return request.mend(values.problems)
    problems = problems_of_appointment(case, appointment, consulted=values.ticked("consulted"), now=request.now)
    if (token.meeting, token.round) != (meeting.number, meeting.round):
        problems = [Problem("date", "move.moved_meanwhile", request.by(meeting.moved or meeting.called))]
    if problems:
        return request.mend(problems)
    moved = move_meeting(meeting, appointment, stamp=request.stamp)
    if moved == meeting:
        return request.mend([Problem("date", "move.same")])
    if moved.round != meeting.round:
        # Who is asked anew is asked by the duty that holds today.
        profile = request.services.rules_of(case).profile
        obliging = with_duties(meeting, profile, request.directory)
        moved = move_meeting(obliging, appointment, stamp=request.stamp)
    new_time, warns = moved.round != meeting.round, token.warns or values.asks("confirmed")
    unconfirmed = problems_unconfirmed(request, case, appointment, values) if new_time and warns else ()
    if unconfirmed:
        return request.mend(unconfirmed)
    require_room(request, "meeting.moved")
    after = case.with_meeting(moved)
    details: dict[str, str | int] = {
        "meeting": moved.number,
        "round": moved.round,
        "sequence": moved.sequence,
    }
    entry = request.entry("meeting.moved" if new_time else "meeting.corrected", details)
    saved = request.save(case, after, [entry], _letters_of_move(request, after, meeting, moved))
    key = "move.done" if new_time else "move.corrected"
    told = request.say(key, code=saved.code, when=when(request, moved))
    lines = _to_tell(request, saved, moved)
    if moved.place != meeting.place:
        warnings = warnings_of_place(moved.place)
        lines += [request.words(f"summon.warn_{found.value}", code=saved.code) for found in warnings]
    if not lines:
        return told
    return Say(replace(told.card, sections=(*told.card.sections, *(Section(text=line) for line in lines))))


def _to_tell(request: Request, case: Case, moved: Meeting) -> list[str]:
    """Name the agencies without a channel: whoever moves the meeting is the one who tells them (R121)."""
    asked = [each.agency for each in moved.live() if each.standing(moved.round) is not Standing.DECLINED]
    unreached = [request.agency_name(agency) for agency in asked if not place_of(case, agency, request.directory)]
    why = "move.nobody_named" if case.protected else "move.no_channel"
    return [request.words(why, names=request.words.listing(unreached))] if unreached else []


def _letters_of_move(request: Request, case: Case, before: Meeting, moved: Meeting) -> list[Letter]:
    letters: list[Letter] = []
    for summons in moved.live():
        letters.append(enqueue.summons(case, moved, summons.agency, request.directory, request.now))
        if moved.round != before.round and summons.standing(moved.round) is not Standing.DECLINED:
            letters.append(enqueue.summons_notice(case, moved, summons.agency, "moved", request.directory, request.now))
    return [*letters, *invites.updated(request, case, moved)]
