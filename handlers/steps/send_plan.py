"""`/sip plan`: the plan has been sent to everybody who attended and to the person (R143, R144, R161, R195)."""

from __future__ import annotations

from dataclasses import replace

from domain.case import Case
from domain.errors import NotAllowed, WrongState
from domain.matters.plan import PEOPLE, PERSON, RELATIVE, REPRESENTATIVE, Channel, PlanSent, Responsible, agencies_of
from domain.meeting import Meeting
from domain.problem import Problem
from domain.responsibility import may_send_plan, may_steer, name_of, require_steering
from domain.rules import plan_deadline
from domain.stamp import Stamp
from domain.steps.ending import (
    Sending,
    attended_in_scope,
    confirm_plan,
    meeting_without_plan,
    problems_of_sending,
    send_plan,
)
from handlers import enqueue
from handlers.request import Request
from handlers.save import Entry
from handlers.screens.person import companion_words
from handlers.ui.actions import OnePlan, PlanForm
from handlers.ui.cards import Card, Section
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note, Option
from handlers.ui.options import agency_choices, choices, tick
from handlers.ui.responses import Ask, Response, Say

FORM = "plan.send"

# So many recipients can be given a way of their own: a chooser takes a hundred lines, and there are four ways.
MOST_EXCEPTIONS = 24


def ask(request: Request, code: str) -> Response:
    """Open the form."""
    case = request.case_to_see(code)
    if case.last_held is None:
        require_steering(case, request.staff, request.directory)
    meeting = meeting_without_plan(case)
    _require_sending(request, case)
    return Ask(_form(request, case, meeting))


def _require_sending(request: Request, case: Case) -> None:
    """Let those through who send this plan: after the first meeting still the unit that called it (R194)."""
    if not may_send_plan(case, request.staff, request.directory):
        require_steering(case, request.staff, request.directory)


def _form(request: Request, case: Case, meeting: Meeting) -> Form:
    words, rules = request.words, request.services.rules_of(case)
    attended = attended_in_scope(case, meeting)
    due = plan_deadline(meeting, rules.profile, rules.calendar)
    people = tuple(Option(who, name) for who, name in _people(request, case))
    recipients = (*people, *agency_choices(request.directory))
    parts: tuple[Field | Note, ...] = (
        Note(words("plan.intro", code=case.code, due=words.day(due), basis=rules.plan_basis)),
        tick(words, "approved", "plan.approved"),
        Field(
            "responsible",
            FieldKind.SELECT,
            words("plan.responsible"),
            required=True,
            options=choices(words, "responsible", Responsible),
        ),
        Field(
            "recipients",
            FieldKind.MULTI_SELECT,
            words("plan.recipients"),
            required=True,
            options=recipients,
            initial=(
                PERSON,
                *(each.key for each in case.to_get_plan()),
                *(a for a in request.directory.agencies if a in attended),
            ),
        ),
        Field(
            "channel",
            FieldKind.SELECT,
            words("plan.channel"),
            required=True,
            hint=words("plan.channel.hint"),
            options=choices(words, "channel", Channel),
        ),
        Field(
            "exceptions",
            FieldKind.MULTI_SELECT,
            words("plan.exceptions"),
            hint=words("plan.exceptions.hint"),
            options=_exceptions(request, case, attended),
        ),
        Field(
            "approved_on",
            FieldKind.DATE,
            words("plan.approved_on"),
            initial=meeting.day.isoformat(),
        ),
        tick(words, "contacts", "plan.contacts", required=False),
        Field("sent_on", FieldKind.DATE, words("plan.sent_on"), required=True, initial=request.today.isoformat()),
    )
    token = request.seal(PlanForm(FORM, case.code, meeting.number))
    return Form(FORM, words("plan.form_title"), words("form.save"), words("form.cancel"), token, parts)


def _people(request: Request, case: Case) -> list[tuple[str, str]]:
    """Return who may get the plan beside agencies, each with what they are called (R57, R83)."""
    noted = [(each.key, companion_words(request.view, each)) for each in case.to_get_plan()]
    return [*((who, request.words(f"plan.{who}")) for who in (PERSON, RELATIVE, REPRESENTATIVE)), *noted]


def _exceptions(request: Request, case: Case, attended: frozenset[str]) -> tuple[Option, ...]:
    """Return a choice for every recipient and way, so that each can get the plan in their own (R203)."""
    words = request.words
    people = _people(request, case)
    agencies = [(agency, request.agency_name(agency)) for agency in request.directory.agencies if agency in attended]
    ways = [(channel, words(f"channel.{channel.value}")) for channel in Channel]
    return tuple(
        Option(f"{who}:{channel}", f"{name}: {way}")
        for who, name in (*people, *agencies)[:MOST_EXCEPTIONS]
        for channel, way in ways
    )


def submit(request: Request, token: PlanForm, values: FormData) -> Response:
    """Record that the plan was sent; one line of the journal a recipient (PDL 3:11), and a word to each agency."""
    code, number = token.code, token.meeting
    case = request.case_to_see(code)
    sent = next((plan for plan in case.plans if plan.meeting == number), None)
    if sent is not None:
        return request.say("plan.sent_already", code=code, **request.by(sent.recorded))
    meeting = meeting_without_plan(case)
    _require_sending(request, case)
    if meeting.number != number:
        raise WrongState("plan.nothing_to_send", {"code": code})
    sending = _read(request, case, values)
    if sending is None:
        return request.mend(values.problems)
    steers = may_steer(case, request.staff, request.directory)
    lead = "" if steers else name_of(case.responsible, request.directory)
    problems = problems_of_sending(case, meeting, sending, request.directory, request.today, lead=lead)
    if problems:
        return request.mend(problems)
    after = send_plan(case, meeting, sending, request.stamp, own=request.staff.agency)
    plan = after.plans[-1]
    entries = [_entry(request, plan, recipient) for recipient in sorted(plan.recipients)]
    letters = [
        enqueue.plan_notice(after, plan.version, notice.agency, request.directory, request.now)
        for notice in plan.notices
    ]
    sender = case.plan_sender_of(meeting)
    if sender != case.responsible:
        # What stands where the sender's board was must not ask for the plan any more.
        letters.append(enqueue.handed_over(after, sender, request.directory, request.now, anew=True))
    saved = request.save(case, after, entries, letters)
    return Say(_done(request, saved, plan))


def _entry(request: Request, plan: PlanSent, recipient: str) -> Entry:
    details: dict[str, str | int] = {
        "version": plan.version,
        "channel": plan.channel_of(recipient).value,
        "sent_on": plan.sent_on.isoformat(),
    }
    if recipient in agencies_of(plan.recipients) | {PERSON}:
        return request.entry("plan.sent", details, agency=recipient)
    # That somebody stands by the person is no word for the journal's clear columns.
    return request.entry("plan.sent", {**details, "recipient": recipient}, agency=PERSON)


def _done(request: Request, case: Case, plan: PlanSent) -> Card:
    held = case.last_held
    if held is not None and held.report is not None and held.report.follow_up_on is not None:
        card = request.card("plan.done", code=case.code, day=request.words.day(held.report.follow_up_on))
    else:
        card = request.card("plan.done_no_date", code=case.code)
    if plan.contacts_checked:
        return card
    return replace(card, sections=(*card.sections, Section(text=request.words("plan.contacts_missing"))))


def _read(request: Request, case: Case, values: FormData) -> Sending | None:
    responsible = values.one("responsible", Responsible, required=True)
    channel = values.one("channel", Channel, required=True)
    sent_on = values.day("sent_on", required=True)
    recipients = values.names("recipients", frozenset((*request.directory.agencies, *_who(case))), required=True)
    channels = _read_exceptions(request, case, values)
    approved_on = values.day("approved_on")
    if values.problems or responsible is None or channel is None or sent_on is None:
        return None
    return Sending(
        values.ticked("approved"),
        responsible,
        frozenset(recipients),
        channel,
        sent_on,
        channels,
        approved_on,
        contacts_checked=values.ticked("contacts"),
    )


def _to_get_it(case: Case) -> tuple[str, ...]:
    """Return the person, and those whom they wish to have the plan (R47, R195)."""
    return (PERSON, *(each.key for each in case.to_get_plan()))


def _who(case: Case) -> tuple[str, ...]:
    """Return the person, and those beside them who may get the plan."""
    return (*sorted(PEOPLE), *(each.key for each in case.to_get_plan()))


def _read_exceptions(request: Request, case: Case, values: FormData) -> dict[str, Channel]:
    whos = (*_who(case), *request.directory.agencies)
    pairs = {f"{who}:{channel}": (who, channel) for who in whos for channel in Channel}
    chosen = [pairs[name] for name in values.names("exceptions", frozenset(pairs))]
    if len({who for who, _ in chosen}) < len(chosen):
        values.problems.append(Problem("exceptions", "plan.exception_twice"))
    return dict(chosen)


def confirm(request: Request, token: OnePlan) -> Response:
    """A recipient's button: the plan has come."""
    code, agency = token.code, token.agency
    if request.staff.agency != agency:
        raise NotAllowed("right.answering")
    case = request.tx.cases.get(code)
    first = _receipt(request, case, token)
    if first is not None:
        return request.say("plan.confirmed_already", code=code, **request.by(first))
    after = confirm_plan(case, token.version, agency, request.stamp)
    entry = request.entry("plan.received", {"version": token.version}, agency=agency)
    letter = enqueue.plan_notice(after, token.version, agency, request.directory, request.now)
    request.save(case, after, [entry], [letter])
    return request.say("plan.confirmed", code=code)


def _receipt(request: Request, case: Case, token: OnePlan) -> Stamp | None:
    """Return who of an agency has confirmed this version of the plan, and when, if anybody has.

    Of plans that version 0.1 sent, receipts stand in the journal alone.
    """
    plan = next((p for p in case.plans if p.version == token.version), None)
    notice = plan.notice_of(token.agency) if plan is not None else None
    if notice is not None:
        return notice.confirmed
    for row in request.tx.journal.read(case.code):
        entry = row.entry
        if (entry.action, entry.agency, entry.details.get("version")) == ("plan.received", token.agency, token.version):
            return Stamp(entry.actor, row.at)
    return None
