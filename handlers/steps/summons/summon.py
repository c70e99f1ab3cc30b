"""`/sip kalla`: agencies are summoned or invited to a meeting (R109, R114-R124)."""

from __future__ import annotations

from datetime import date

from domain.case import Case
from domain.consent import Topic
from domain.errors import WrongState
from domain.meeting import Meeting
from domain.problem import Problem
from domain.responsibility import place_of
from domain.steps.appointment import appointment_of, warnings_of_place
from domain.steps.summon import Calling, call_meeting, problems_of_calling, require_callable
from handlers import enqueue
from handlers.disclosure import may_be_worded
from handlers.limits import require_room
from handlers.request import Request
from handlers.screens.person import contacts_of
from handlers.steps.hosts import hosted
from handlers.steps.summons import appointment
from handlers.steps.summons.appointment import (
    USUAL_CLOCK,
    USUAL_MINUTES,
    length_field,
    problems_unconfirmed,
    read_appointment,
    time_fields,
    warnings_in_words,
    way_fields,
    when,
)
from handlers.ui.actions import SummonForm
from handlers.ui.branches import MORE, Branches, aside, branched
from handlers.ui.cards import Card, Fact, Section
from handlers.ui.form_data import FormData
from handlers.ui.forms import NOTHING_SAID, Field, FieldKind, Form, Note, Option, Values
from handlers.ui.options import agency_choices, choices, tick
from handlers.ui.responses import Ask, Response, Say
from storage.outbox.outbox import Letter
from templates import Words

FORM = "meeting.summon"

#: What mostly stays as it is suggested: asked of those who want it otherwise.
ASIDE = ("minutes", "purpose", "aim", "chair", "secretary")
BRANCHES: Branches = {**appointment.BRANCHES, **{name: (aside(name),) for name in ASIDE}}


def ask(request: Request, code: str) -> Response:
    """Open the form of a summons: first meeting, follow-up, or further agencies to the coming meeting."""
    return Ask(form(request, code))


def form(request: Request, code: str, values: Values = NOTHING_SAID) -> Form:
    """Return the form `meeting.summon`, as it is once `values` are in it.

    The time and place of a coming meeting stand, and are not asked for again.
    """
    case = request.case_to_steer(code)
    require_callable(case, request.now)
    consent = case.consent
    if consent is None or not consent.allows_planning(request.today):
        expired = consent is not None and not consent.holds_on(request.today)
        raise WrongState("summon.renew_consent" if expired else "summon.state_assessed", {"code": code})
    return _form(request, case, values)


def _form(request: Request, case: Case, values: Values) -> Form:
    words, coming, consent = request.words, case.coming_meeting, case.consent
    covered = tuple(a for a in request.directory.agencies if consent is not None and a in consent.agencies)
    agreed = _agreed_on(case) if coming is None else frozenset()
    # The unit that answers for the case comes anyhow; it is summoned where more of its people are wanted.
    others = frozenset(covered) - {case.responsible_agency}
    key = "summon.intro_more" if coming is not None else ("summon.intro_followup" if case.last_held else "summon.intro")
    parts: list[Field | Note] = [Note(words(key, code=case.code))]
    if case.protected:
        parts.append(Note(words("summon.protected"), warning=True))
    parts += [Note(words("contacts.note", name=one.name, url=one.url)) for one in contacts_of(request.view, case)]
    if coming is None:
        day = _suggested_day(request, case).isoformat()
        parts += time_fields(request, case, values, day=day, clock=USUAL_CLOCK)
        parts += way_fields(request, case, None)
    parts += [
        Field(
            "agencies",
            FieldKind.MULTI_SELECT,
            words("summon.agencies"),
            required=coming is None,
            hint=words("summon.agencies.hint"),
            options=agency_choices(request.directory),
            initial=() if coming is not None else tuple(a for a in covered if a in (agreed or others)),
        ),
        *((_recipients(words),) if case.protected else ()),
        *(() if coming is not None else (tick(words, "consulted", "summon.consulted"),)),
        *_what_stands_aside(request, case),
    ]
    meetings, is_coming = _seen(case)
    token = request.seal(SummonForm(FORM, case.code, meetings=meetings, coming=is_coming))
    title = words("summon.form_title")
    return Form(FORM, title, words("summon.submit"), words("form.cancel"), token, branched(parts, BRANCHES))


def _what_stands_aside(request: Request, case: Case) -> list[Field]:
    """Return what has an answer already, after the question that tells which it is and whether it is to be another."""
    words, coming = request.words, case.coming_meeting
    length = [] if coming is not None else [length_field(words, None)]
    fields = [
        *length,
        Field(
            "purpose",
            FieldKind.MULTI_SELECT,
            words("summon.purpose"),
            required=True,
            options=choices(words, "topic", Topic),
            initial=_usual_purpose(case),
        ),
        *_aim(request, case),
        Field(
            "chair",
            FieldKind.USER,
            words("summon.chair"),
            required=True,
            initial=(coming.chair if coming is not None else request.staff.id),
        ),
        Field(
            "secretary",
            FieldKind.USER,
            words("summon.secretary"),
            initial=coming.secretary if coming is not None and coming.secretary else None,
        ),
    ]
    usual = _usual(request, case)
    options = tuple(Option(field.name, words(f"summon.more.{field.name}", now=usual[field.name])) for field in fields)
    more = Field(MORE, FieldKind.CHECKBOXES, words("summon.more"), hint=words("summon.more.hint"), options=options)
    return [more, *fields]


def _usual_purpose(case: Case) -> tuple[Topic, ...]:
    """Return the questions of the coming meeting, or all that the consent covers."""
    coming, consent = case.coming_meeting, case.consent
    if coming is not None:
        return coming.purpose
    return tuple(topic for topic in Topic if consent is not None and topic in consent.topics)


def _usual(request: Request, case: Case) -> dict[str, str]:
    """Return in words what stands aside is, as long as nobody says otherwise."""
    words, coming, usual_length = request.words, case.coming_meeting, str(USUAL_MINUTES)
    chair, secretary = ("", "") if coming is None else (coming.chair, coming.secretary)
    return {
        "minutes": next(choice.label for choice in length_field(words, None).options if choice.value == usual_length),
        "purpose": words("summon.usual.purpose_covered" if coming is None else "summon.usual.purpose_kept"),
        "aim": words("summon.usual.aim_kept" if coming is not None and coming.aim else "summon.usual.nothing"),
        "chair": _name_of(request, chair) or words("summon.usual.you"),
        "secretary": _name_of(request, secretary) or words("summon.usual.nobody"),
    }


def _name_of(request: Request, who: str) -> str:
    staff = request.directory.staff.get(who)
    return "" if staff is None else staff.name


def _agreed_on(case: Case) -> frozenset[str]:
    """Return the agencies that were to come to the follow-up, as agreed on at the last meeting (R142)."""
    held = case.last_held
    return held.report.follow_up_with if held is not None and held.report is not None else frozenset()


def _recipients(words: Words) -> Field:
    """Return the field for the one person at each agency who gets the summons of a protected case (law 4D.4)."""
    return Field("recipients", FieldKind.USERS, words("summon.recipients"), hint=words("summon.recipients.hint"))


def _types_words(request: Request) -> bool:
    """Say whether whoever acts may be asked for purpose and questions in words (law 4D)."""
    return may_be_worded(request.services, request.directory, request.sender.identity)


def _aim(request: Request, case: Case) -> list[Field]:
    """Return the field for purpose and questions in words, where the one who summons may type them (law 4D)."""
    if case.protected or not _types_words(request):
        return []
    words, coming = request.words, case.coming_meeting
    initial = coming.aim if coming is not None and coming.aim else None
    return [Field("aim", FieldKind.TEXT, words("summon.aim"), hint=words("summon.aim.hint"), initial=initial)]


def _seen(case: Case) -> tuple[int, int]:
    return len(case.meetings), int(case.coming_meeting is not None)


def _suggested_day(request: Request, case: Case) -> date:
    """Suggest the follow-up day agreed on, else the first working day that gives everybody fair notice."""
    rules = request.services.rules_of(case)
    held = case.last_held
    if held is not None and held.report is not None and held.report.follow_up_on is not None:
        return max(held.report.follow_up_on, request.today)
    return rules.calendar.add_working_days(request.today, rules.profile.notice_working_days.value)


def _staff_id(request: Request, identity: str) -> str:
    """Return the staff id of a picked person, or the identity itself, which no check will accept; "" for nobody."""
    staff = request.directory.by_identity(identity) or request.directory.staff.get(identity)
    return staff.id if staff is not None else identity


def submit(request: Request, token: SummonForm, values: FormData) -> Response:
    """Summon. Each agency gets a message of its own, in its own channel."""
    case = request.case_to_steer(token.code)
    if (token.meetings, token.coming) != _seen(case) and case.meeting is not None:
        changed = case.meeting.called if case.meeting.report is None else case.meeting.report.recorded
        return request.mend([Problem("agencies", "summon.changed_meanwhile", request.by(changed))])
    require_callable(case, request.now)
    calling = _read_calling(request, case, values)
    if calling is None or values.problems:
        return request.mend(values.problems)
    problems = problems_of_calling(case, calling, request.directory, request.now, request.today)
    # A form that an earlier version opened asks neither.
    if not problems and case.coming_meeting is None and (values.asks(MORE) or values.asks("confirmed")):
        problems = problems_unconfirmed(request, case, calling.appointment, values)
    if problems:
        return request.mend(problems)
    require_room(request, "summons.sent")
    after = call_meeting(
        case,
        calling,
        uid=request.services.ids.uid(),
        directory=request.directory,
        profile=request.services.rules_of(case).profile,
        stamp=request.stamp,
        today=request.today,
    )
    after, invitations = hosted(request, after)
    meeting = after.meetings[-1]
    fresh = _fresh(case, meeting)
    entries = [
        request.entry("summons.sent", {"meeting": meeting.number, "round": meeting.round}, agency=agency)
        for agency in fresh
    ]
    if not fresh:
        details: dict[str, str | int] = {"meeting": meeting.number, "round": meeting.round}
        entries = [request.entry("meeting.corrected", details)]
    letters = [*enqueue.summonses(after, meeting, request.directory, request.now), *_again(request, after, fresh)]
    saved = request.save(case, after, entries, [*letters, *invitations])
    return Say(_sent(request, saved, meeting, fresh)) if fresh else request.say("summon.changed", code=saved.code)


def _again(request: Request, case: Case, fresh: tuple[str, ...]) -> list[Letter]:
    """Return the word to those that are asked anew after a recall: their summons changes where it stands (R121)."""
    meeting = case.meetings[-1]
    asked = (summons for summons in meeting.live() if summons.agency in fresh and summons.told_before)
    return [enqueue.summons_notice(case, meeting, s.agency, "again", request.directory, request.now) for s in asked]


def _without_aim(request: Request, case: Case, meeting: Meeting) -> list[str]:
    """Name the agencies in whose rooms purpose and questions stand by category alone, though they were typed."""
    if not meeting.aim or case.protected:
        return []
    places = {summons.agency: place_of(case, summons.agency, request.directory) for summons in meeting.live()}
    without = [
        request.agency_name(agency)
        for agency, place in places.items()
        if place and not may_be_worded(request.services, request.directory, place)
    ]
    return [request.words("summon.aim.kept_back", names=request.words.listing(without))] if without else []


def _read_calling(request: Request, case: Case, values: FormData) -> Calling | None:
    coming = case.coming_meeting
    stands = coming is not None and not values.asks("date")
    kept = appointment_of(coming) if coming is not None and stands else None
    at = kept or read_appointment(request, case, values, coming)
    agencies = values.names("agencies", frozenset(request.directory.agencies), required=coming is None)
    purpose = values.some("purpose", Topic, required=True) or frozenset(_usual_purpose(case))
    chair, secretary = values.identity("chair", required=True), values.identity("secretary")
    usual_chair, usual_secretary = (coming.chair, coming.secretary) if coming is not None else (request.staff.id, "")
    aim = values.text("aim") if values.asks("aim") and _types_words(request) else None
    if at is None or values.problems:
        return None
    return Calling(
        appointment=at,
        agencies=agencies,
        purpose=tuple(topic for topic in Topic if topic in purpose),
        chair=_staff_id(request, chair) if chair else usual_chair,
        secretary=_staff_id(request, secretary) if values.asks("secretary") else usual_secretary,
        consulted=stands or values.ticked("consulted"),
        recipients=tuple(_staff_id(request, identity) for identity in values.identities("recipients")),
        aim=aim,
    )


def _fresh(before: Case, meeting: Meeting) -> tuple[str, ...]:
    """Return the agencies whose summons is new."""
    old = before.coming_meeting
    known = {s.agency for s in old.live()} if old is not None else set()
    return tuple(s.agency for s in meeting.live() if s.agency not in known)


def _sent(request: Request, case: Case, meeting: Meeting, fresh: tuple[str, ...]) -> Card:
    words = request.words
    names = [request.agency_name(agency) for agency in fresh]
    unreachable = [request.agency_name(a) for a in fresh if not place_of(case, a, request.directory)]
    lines = warnings_in_words(request, case, meeting)
    if case.protected:
        lines.insert(0, words("summon.hand_over"))
    lines += [words(f"summon.warn_{found.value}", code=case.code) for found in warnings_of_place(meeting.place)]
    lines += _without_aim(request, case, meeting)
    if unreachable:
        why = "summon.nobody_named" if case.protected else "summon.no_channel"
        lines.append(words(why, names=words.listing(unreachable)))
    facts = (
        Fact(words("fact.when"), when(request, meeting)),
        Fact(words("fact.summoned"), words.listing(names)),
    )
    title, text = words("summon.done.title", code=case.code), words("summon.done.text")
    return Card(title, title, (Section(text=text, facts=facts), *(Section(text=line) for line in lines)))
