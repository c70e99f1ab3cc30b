"""`/sip hållet`: how the meeting went, who is responsible now, when it is followed up (R31, R35, R135, R140-R142)."""

from __future__ import annotations

from dataclasses import replace

from domain.audience import in_scope
from domain.case import Case, State
from domain.matters.run_sheet import Point
from domain.meeting import Meeting
from domain.problem import Problem
from domain.report import NoFollowUp, NoLead, Outcome, Report, TookPart
from domain.steps.report_meeting import (
    Reporting,
    lacks,
    problems_of_report,
    report_meeting,
    reportable_meeting,
)
from domain.summons import Standing
from handlers import enqueue
from handlers.request import Request
from handlers.steps import invites
from handlers.steps.change_lead import LONGEST_OUTSIDE, read_outside
from handlers.steps.matters import settled
from handlers.steps.matters.run_sheet import sheets
from handlers.ui.actions import ReportForm
from handlers.ui.branches import Branches, answered, branched, chosen, unanswered
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import NO, YES, agency_choices, choices, tick
from handlers.ui.responses import Ask, Response, Say
from storage.outbox.outbox import Letter

FORM = "meeting.held"
LONGEST_PLACE = 150

#: Why nobody is picked as lead: one is named whom the chat does not know (R140).
OUTSIDE = "outside"

_HELD = chosen("outcome", Outcome.HELD)
_REMAINS = chosen("need_remains", YES)

#: Of a meeting that was not held there is nothing to tell. While the need remains there is a lead or a reason why not
#: (R140), and a day for the follow-up or a reason why not (R142).
BRANCHES: Branches = {
    **dict.fromkeys(("consent_confirmed", "attended", "person", "need_remains"), (_HELD,)),
    "lead": (_REMAINS,),
    "no_lead": (_REMAINS, unanswered("lead")),
    "lead_outside": (_REMAINS, unanswered("lead"), chosen("no_lead", OUTSIDE)),
    "follow_up_on": (_REMAINS,),
    "follow_up_place": (_REMAINS, answered("follow_up_on")),
    "follow_up_with": (_REMAINS, answered("follow_up_on")),
    "no_follow_up": (_REMAINS, unanswered("follow_up_on")),
}


# Where a meeting has been held, and no other is called.
_GOES_ON = frozenset({State.PLAN_DRAFT, State.ACTIVE})


def ask(request: Request, code: str) -> Response:
    """Open the form, or open it again to complete what was left open."""
    case = request.case_to_report(code)
    held = case.last_held
    if case.state in _GOES_ON and held is not None and not lacks(case, held):
        return request.say("held.reported", code=code, day=request.words.day(held.day))
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `meeting.held`."""
    case = request.case_to_report(code)
    return _form(request, case, reportable_meeting(case))


def _seen(case: Case, meeting: Meeting) -> ReportForm:
    """Return what somebody who opens the form now has before them."""
    told = 0 if meeting.report is None else int(meeting.report.settled_at.timestamp() * 1_000_000)
    return ReportForm(FORM, case.code, meeting=meeting.number, round=meeting.round, told=told)


def _form(request: Request, case: Case, meeting: Meeting) -> Form:
    words, told = request.words, meeting.report
    home = case.unit_at(meeting)
    attending = _may_have_attended(case, meeting)
    came = (
        tuple(told.attended)
        if told is not None
        else tuple(dict.fromkeys((home, *(agency for agency, _ in meeting.attendees()))))
    )
    lead = case.lead or None
    follow_up = told.follow_up_on.isoformat() if told is not None and told.follow_up_on is not None else None
    parts: list[Field | Note] = [
        Note(
            words(
                "held.intro" if told is None else "held.intro_complete",
                code=case.code,
                when=words.day(meeting.day),
            )
        ),
        Field(
            "outcome",
            FieldKind.SELECT,
            words("held.outcome"),
            required=True,
            options=choices(words, "outcome", Outcome),
            initial="held",
        ),
        replace(
            tick(words, "consent_confirmed", "held.consent_confirmed", hint=words("held.consent_confirmed.hint")),
            initial=(YES,) if _is_confirmed(meeting) else None,
        ),
        Field(
            "attended",
            FieldKind.MULTI_SELECT,
            words("held.attended"),
            required=True,
            options=agency_choices(request.directory, attending),
            initial=tuple(a for a in attending if a in came),
        ),
        Field(
            "person",
            FieldKind.SELECT,
            words("held.person"),
            options=choices(words, "took_part", TookPart),
            initial=told.person if told is not None else None,
        ),
        Field(
            "need_remains",
            FieldKind.SELECT,
            words("held.need_remains"),
            required=True,
            options=choices(words, "need_remains", (YES, NO)),
            initial=YES if told is not None and told.need_remains else None,
        ),
        Field("lead", FieldKind.USER, words("held.lead"), hint=words("held.lead.hint"), initial=lead),
        Field(
            "no_lead",
            FieldKind.SELECT,
            words("held.no_lead"),
            required=True,
            options=choices(words, "no_lead", (*NoLead, OUTSIDE)),
            initial=OUTSIDE if case.lead_outside else None,
        ),
        Field(
            "lead_outside",
            FieldKind.TEXT,
            words("held.lead_outside"),
            required=True,
            hint=words("change_lead.outside.hint"),
            max_length=LONGEST_OUTSIDE,
            initial=case.lead_outside or None,
        ),
        Field(
            "follow_up_on",
            FieldKind.DATE,
            words("held.follow_up_on"),
            hint=words("held.follow_up_on.hint"),
            initial=follow_up,
        ),
        *_follow_up_place(request, case, told),
        Field(
            "follow_up_with",
            FieldKind.MULTI_SELECT,
            words("held.follow_up_with"),
            hint=words("held.follow_up_with.hint"),
            options=agency_choices(request.directory, _may_follow_up(case)),
            initial=tuple(sorted(told.follow_up_with & _may_follow_up(case))) if told is not None else None,
        ),
        Field(
            "no_follow_up",
            FieldKind.SELECT,
            words("held.no_follow_up"),
            required=True,
            options=choices(words, "no_follow_up", NoFollowUp),
        ),
    ]
    token = request.seal(_seen(case, meeting))
    title = words("held.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def _may_have_attended(case: Case, meeting: Meeting) -> tuple[str, ...]:
    """Return who can have been there (R62, R195).

    The unit that called the meeting and the one that answers for the case, those who were summoned, and one that was
    recalled and is covered by the consent again.
    """
    again = (s.agency for s in meeting.summonses if s.recalled and s.told and in_scope(case, s.agency))
    own = (case.unit_of(meeting), case.unit_at(meeting))
    return tuple(dict.fromkeys((*own, *(s.agency for s in meeting.live()), *again)))


def _is_confirmed(meeting: Meeting) -> bool:
    """Say whether it is known already that the consent was confirmed: ticked off on the run sheet, or told before."""
    return meeting.report is not None or meeting.tick_of(Point.CONSENT) is not None


def _may_follow_up(case: Case) -> frozenset[str]:
    """Return the agencies that can be asked to the follow-up: those whom the consent covers (R62)."""
    return case.consent.agencies if case.consent is not None else frozenset()


def _follow_up_place(request: Request, case: Case, told: Report | None) -> tuple[Field, ...]:
    if case.protected:
        return ()
    words = request.words
    return (
        Field(
            "follow_up_place",
            FieldKind.TEXT,
            words("held.follow_up_place"),
            hint=words("summon.place.hint"),
            max_length=LONGEST_PLACE,
            initial=(told.follow_up_place if told is not None else "") or None,
        ),
    )


def submit(request: Request, token: ReportForm, values: FormData) -> Response:
    """Record how it went, unless somebody else has done so since the form was opened."""
    case = request.tx.cases.get(token.code)
    known = next((meeting for meeting in case.meetings if meeting.number == token.meeting), None)
    if known is not None and _seen(case, known).told != token.told and known.report is not None:
        told = known.report.completed or known.report.recorded
        return request.mend([Problem("outcome", "held.told_meanwhile", request.by(told))])
    case = request.case_to_report(token.code)
    meeting = reportable_meeting(case)
    if token != _seen(case, meeting):
        return request.mend([Problem("outcome", "held.changed_meanwhile", request.by(meeting.moved or meeting.called))])
    reporting = _read(request, case, meeting, values)
    if reporting is None:
        return request.mend(values.problems)
    problems = problems_of_report(case, meeting, reporting, request.directory, request.now, request.today)
    if problems:
        return request.mend(problems)
    after = report_meeting(case, meeting, reporting, stamp=request.stamp)
    details: dict[str, str | int] = {"meeting": meeting.number, "attended": len(reporting.attended), "lead": after.lead}
    if reporting.follow_up_on is not None:
        details["follow_up_on"] = reporting.follow_up_on.isoformat()
    if reporting.person is not None:
        details["person"] = reporting.person.value
    entry = request.entry(f"meeting.{reporting.outcome.value}", details)
    saved = request.save(case, after, [entry], _letters(request, case, after, meeting))
    return Say(settled.told(request, saved))


def _read(request: Request, case: Case, meeting: Meeting, values: FormData) -> Reporting | None:
    outcome = values.one("outcome", Outcome, required=True)
    known = frozenset(_may_have_attended(case, meeting))
    attended = values.names("attended", known)
    lead = values.identity("lead")
    outside = read_outside(values)
    no_lead = None if values.ticked("no_lead", OUTSIDE) else values.one("no_lead", NoLead)
    no_follow_up = values.one("no_follow_up", NoFollowUp)
    if values.ticked("no_lead", OUTSIDE) and not outside and not values.problems:
        values.problems.append(Problem("lead_outside", "field.required"))
    follow_up_on, place = values.day("follow_up_on"), values.place("follow_up_place", longest=LONGEST_PLACE)
    person = values.one("person", TookPart)
    follow_up_with = values.names("follow_up_with", _may_follow_up(case))
    remains = values.yes_or_no("need_remains")
    if values.problems or outcome is None:
        return None
    staff = request.directory.by_identity(lead) if lead else None
    return Reporting(
        outcome=outcome,
        attended=frozenset(attended),
        consent_confirmed=values.ticked("consent_confirmed"),
        lead=staff.id if staff is not None else lead,
        lead_agency=staff.agency if staff is not None else "",
        no_lead=no_lead,
        follow_up_on=follow_up_on,
        follow_up_place=place,
        no_follow_up=no_follow_up,
        need_remains=remains,
        lead_outside=outside,
        person=person,
        follow_up_with=frozenset(follow_up_with),
    )


def _letters(request: Request, before: Case, after: Case, meeting: Meeting) -> list[Letter | None]:
    kept = next(m for m in after.meetings if m.number == meeting.number)
    letters: list[Letter | None] = [
        enqueue.summons(after, kept, s.agency, request.directory, request.now) for s in kept.summonses
    ]
    letters += [
        enqueue.summons_notice(after, kept, s.agency, "recalled", request.directory, request.now)
        for s in meeting.live()
        if kept.standing_of(s.agency) is Standing.RECALLED
    ]
    letters += sheets(request, after, kept)
    letters += invites.cancelled(request, after, meeting, kept)
    if after.lead and after.lead != before.responsible:
        letters.append(enqueue.note(after, after.lead, "note.you_lead", request.directory, request.now))
    return letters
