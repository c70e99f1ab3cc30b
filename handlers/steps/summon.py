"""`/sip kalla` and `/sip flytta`: agencies are summoned, the meeting is moved (R109, R114-R124)."""

from __future__ import annotations

from datetime import date

from domain.case import Case
from domain.consent import Topic
from domain.errors import WrongState
from domain.meeting import Meeting, Standing
from domain.problem import Problem
from domain.steps.summon import (
    Calling,
    call_meeting,
    move_meeting,
    problems_of_appointment,
    problems_of_calling,
    require_callable,
    require_movable,
    warnings_of,
)
from handlers import enqueue
from handlers.request import Visit
from handlers.save import Entry, keep
from handlers.steps import invites
from handlers.steps.appointment import appointment_fields, read_appointment, when
from handlers.ui.cards import Card, Fact, Section
from handlers.ui.form_data import Reading
from handlers.ui.forms import Field, Form, Kind, Note
from handlers.ui.options import agency_choices, choices, tick
from handlers.ui.responses import Answer, Ask, Say
from storage.outbox.outbox import Letter

FORM = "meeting.summon"
MOVE_FORM = "meeting.move"


def ask(visit: Visit, code: str) -> Answer:
    """Open the form of a summons: first meeting, follow-up, or further agencies to the coming meeting."""
    case = visit.case_to_steer(code)
    require_callable(case, visit.now)
    consent = case.consent
    if consent is None or not consent.allows_planning(visit.today):
        expired = consent is not None and not consent.holds_on(visit.today)
        raise WrongState("summon.renew_consent" if expired else "summon.state_assessed", {"code": code})
    return Ask(_form(visit, case))


def _form(visit: Visit, case: Case) -> Form:
    words, coming, consent = visit.words, case.coming_meeting, case.consent
    covered = tuple(a for a in visit.directory.agencies if consent is not None and a in consent.agencies)
    asked = {s.agency for s in coming.live()} if coming is not None else set()
    open_to_ask = tuple(a for a in covered if a not in asked)
    topics = tuple(t for t in Topic if consent is not None and t in consent.topics)
    day = coming.day if coming is not None else _suggested_day(visit, case)
    key = "summon.intro_more" if coming is not None else ("summon.intro_followup" if case.last_held else "summon.intro")
    parts: list[Field | Note] = [Note(words(key, code=case.code))]
    if case.protected:
        parts.append(Note(words("summon.protected"), warning=True))
    parts += [
        *appointment_fields(visit, case, coming, day.isoformat(), coming.clock if coming is not None else "13:00"),
        Field(
            "agencies",
            Kind.MULTI_SELECT,
            words("summon.agencies"),
            required=True,
            hint=words("summon.agencies.hint"),
            options=agency_choices(visit.directory),
            initial=open_to_ask,
        ),
        Field(
            "purpose",
            Kind.MULTI_SELECT,
            words("summon.purpose"),
            required=True,
            options=choices(words, "topic", Topic),
            initial=coming.purpose if coming is not None else topics,
        ),
        Field(
            "chair",
            Kind.USER,
            words("summon.chair"),
            required=True,
            initial=(coming.chair if coming is not None else visit.staff.id),
        ),
        Field(
            "secretary",
            Kind.USER,
            words("summon.secretary"),
            initial=coming.secretary if coming is not None and coming.secretary else None,
        ),
        tick(words, "consulted", "summon.consulted"),
    ]
    meetings, is_coming = _seen(case)
    token = visit.seal(f=FORM, c=case.code, n=meetings, o=is_coming)
    return Form(FORM, words("summon.form_title"), words("summon.submit"), words("form.cancel"), token, tuple(parts))


def _seen(case: Case) -> tuple[int, int]:
    return len(case.meetings), int(case.coming_meeting is not None)


def _suggested_day(visit: Visit, case: Case) -> date:
    """Suggest the follow-up day agreed on, else the first working day that gives everybody fair notice."""
    rules = visit.office.rules
    held = case.last_held
    if held is not None and held.protocol is not None and held.protocol.follow_up_on is not None:
        return max(held.protocol.follow_up_on, visit.today)
    return rules.calendar.add_working_days(visit.today, rules.profile.notice_working_days.value)


def _staff_id(visit: Visit, identity: str) -> str:
    """Return the staff id of a picked person, or the identity itself, which no check will accept."""
    staff = visit.directory.by_identity(identity) or visit.directory.staff.get(identity)
    return staff.id if staff is not None else identity


def submit(visit: Visit, code: str, seen: tuple[int, int], values: Reading) -> Answer:
    """Summon. Each agency gets a message of its own, in its own channel.

    `seen` is how many meetings there were when the form was opened, and whether one of them was coming (1 or 0).
    """
    case = visit.case_to_steer(code)
    if seen != _seen(case) and case.meeting is not None:
        changed = case.meeting.called if case.meeting.protocol is None else case.meeting.protocol.recorded
        return visit.mend([Problem("date", "summon.changed_meanwhile", visit.by(changed))])
    require_callable(case, visit.now)
    calling = _read_calling(visit, values, case.coming_meeting)
    if calling is None or values.problems:
        return visit.mend(values.problems)
    problems = problems_of_calling(case, calling, visit.directory, visit.now, visit.today)
    if problems:
        return visit.mend(problems)
    after = call_meeting(
        case,
        calling,
        uid=visit.office.ids.uid(),
        directory=visit.directory,
        profile=visit.office.rules.profile,
        stamp=visit.stamp,
        today=visit.today,
    )
    meeting = after.meetings[-1]
    fresh = _fresh(case, meeting)
    entries = [
        Entry("summons.sent", visit.staff.id, agency, {"meeting": meeting.number, "round": meeting.round})
        for agency in fresh
    ]
    letters = [enqueue.summons(after, meeting, s.agency, visit.directory, visit.now) for s in meeting.live()]
    saved = keep(visit.office, visit.tx, case, after, entries, letters)
    return Say(_sent(visit, saved, meeting, fresh))


def _read_calling(visit: Visit, values: Reading, coming: Meeting | None) -> Calling | None:
    appointment = read_appointment(visit, values, coming)
    agencies = values.names("agencies", frozenset(visit.directory.agencies), required=True)
    purpose = values.some("purpose", Topic, required=True)
    chair, secretary = values.identity("chair", required=True), values.identity("secretary")
    if appointment is None or values.problems:
        return None
    return Calling(
        appointment=appointment,
        agencies=agencies,
        purpose=tuple(topic for topic in Topic if topic in purpose),
        chair=_staff_id(visit, chair),
        secretary=_staff_id(visit, secretary) if secretary else "",
        consulted=values.ticked("consulted"),
    )


def _fresh(before: Case, meeting: Meeting) -> tuple[str, ...]:
    """Return the agencies whose summons is new."""
    old = before.coming_meeting
    known = {s.agency for s in old.live()} if old is not None else set()
    return tuple(s.agency for s in meeting.live() if s.agency not in known)


def _sent(visit: Visit, case: Case, meeting: Meeting, fresh: tuple[str, ...]) -> Card:
    words, rules = visit.words, visit.office.rules
    warnings = warnings_of(case, meeting.day, rules.profile, rules.calendar, visit.today)
    names = [visit.agency_name(agency) for agency in fresh]
    unreachable = [visit.agency_name(a) for a in fresh if not visit.directory.address_of_agency(a)]
    lines = [words(warning, days=rules.profile.notice_working_days.value) for warning in warnings]
    if unreachable:
        lines.append(words("summon.no_channel", names=words.listing(unreachable)))
    facts = (
        Fact(words("fact.when"), when(visit, meeting)),
        Fact(words("fact.summoned"), words.listing(names)),
    )
    title, text = words("summon.done.title", code=case.code), words("summon.done.text")
    return Card(title, title, (Section(text=text, facts=facts), *(Section(text=line) for line in lines)))


def ask_move(visit: Visit, code: str, day: str = "", clock: str = "") -> Answer:
    """Open the form that moves the coming meeting, filled with the present time or with one that was proposed."""
    case = visit.case_to_steer(code)
    meeting = require_movable(case, visit.now, visit.today)
    return Ask(_move_form(visit, case, meeting, day, clock))


def _move_form(visit: Visit, case: Case, meeting: Meeting, day: str, clock: str) -> Form:
    words = visit.words
    parts: tuple[Field | Note, ...] = (
        Note(words("move.intro", code=case.code)),
        *appointment_fields(visit, case, meeting, day or meeting.day.isoformat(), clock or meeting.clock),
        tick(words, "consulted", "summon.consulted"),
    )
    token = visit.seal(f=MOVE_FORM, c=case.code, n=meeting.number, r=meeting.round)
    return Form(MOVE_FORM, words("move.form_title"), words("move.submit"), words("form.cancel"), token, parts)


def submit_move(visit: Visit, code: str, number: int, meeting_round: int, values: Reading) -> Answer:
    """Move the meeting: everybody is told and asked again, calendars are updated."""
    case = visit.case_to_steer(code)
    meeting = require_movable(case, visit.now, visit.today)
    appointment = read_appointment(visit, values, meeting)
    if appointment is None or values.problems:
        return visit.mend(values.problems)
    problems = problems_of_appointment(case, appointment, consulted=values.ticked("consulted"), now=visit.now)
    if (number, meeting_round) != (meeting.number, meeting.round):
        problems = [Problem("date", "move.moved_meanwhile", visit.by(meeting.moved or meeting.called))]
    if problems:
        return visit.mend(problems)
    moved = move_meeting(meeting, appointment, stamp=visit.stamp)
    if moved == meeting:
        return visit.mend([Problem("date", "move.same")])
    after = case.with_meeting(moved)
    details: dict[str, str | int] = {
        "meeting": moved.number,
        "round": moved.round,
        "sequence": moved.sequence,
    }
    entry = Entry(
        "meeting.moved" if moved.round != meeting.round else "meeting.corrected",
        visit.staff.id,
        visit.staff.agency,
        details,
    )
    saved = keep(visit.office, visit.tx, case, after, [entry], _letters_of_move(visit, after, meeting, moved))
    key = "move.done" if moved.round != meeting.round else "move.corrected"
    return visit.say(key, code=saved.code, when=when(visit, moved))


def _letters_of_move(visit: Visit, case: Case, before: Meeting, moved: Meeting) -> list[Letter]:
    letters: list[Letter] = []
    for summons in moved.live():
        letters.append(enqueue.summons(case, moved, summons.agency, visit.directory, visit.now))
        if moved.round != before.round and summons.standing(moved.round) is not Standing.DECLINED:
            letters.append(enqueue.summons_notice(case, moved, summons.agency, "moved", visit.directory, visit.now))
    return [*letters, *invites.updated(visit, case, moved)]
