"""`/sip plan`: the plan has been sent to everybody who attended and to the person (R143, R144, R161, R195)."""

from __future__ import annotations

from domain.case import Case, Channel, Responsible
from domain.errors import NotAllowed, NotFound, WrongState
from domain.meeting import Meeting, Stamp
from domain.rules import plan_deadline
from domain.steps.ending import PERSON, Sending, meeting_without_plan, problems_of_sending, send_plan
from handlers import enqueue
from handlers.request import Visit
from handlers.save import Entry, keep, note
from handlers.ui.form_data import Reading
from handlers.ui.forms import Field, Form, Kind, Note, Option
from handlers.ui.options import agency_choices, choices, tick
from handlers.ui.responses import Answer, Ask

FORM = "plan.send"
CONFIRM = "plan.received"


def ask(visit: Visit, code: str) -> Answer:
    """Open the form."""
    case = visit.case_to_steer(code)
    return Ask(_form(visit, case, meeting_without_plan(case)))


def _form(visit: Visit, case: Case, meeting: Meeting) -> Form:
    words, rules = visit.words, visit.office.rules
    attended = meeting.protocol.attended if meeting.protocol is not None else frozenset()
    due = plan_deadline(meeting, rules.profile, rules.calendar)
    recipients = (Option(PERSON, words("plan.person")), *agency_choices(visit.directory))
    parts: tuple[Field | Note, ...] = (
        Note(words("plan.intro", code=case.code, due=words.day(due))),
        tick(words, "approved", "plan.approved"),
        Field(
            "responsible",
            Kind.SELECT,
            words("plan.responsible"),
            required=True,
            options=choices(words, "responsible", Responsible),
        ),
        Field(
            "recipients",
            Kind.MULTI_SELECT,
            words("plan.recipients"),
            required=True,
            options=recipients,
            initial=(PERSON, *(a for a in visit.directory.agencies if a in attended)),
        ),
        Field(
            "channel",
            Kind.SELECT,
            words("plan.channel"),
            required=True,
            hint=words("plan.channel.hint"),
            options=choices(words, "channel", Channel),
        ),
        Field("sent_on", Kind.DATE, words("plan.sent_on"), required=True, initial=visit.today.isoformat()),
    )
    token = visit.seal(f=FORM, c=case.code, m=meeting.number)
    return Form(FORM, words("plan.form_title"), words("form.save"), words("form.cancel"), token, parts)


def submit(visit: Visit, code: str, number: int, values: Reading) -> Answer:
    """Record that the plan was sent; one line of the journal a recipient (PDL 3:11), and a word to each agency."""
    case = visit.case_to_steer(code)
    sent = next((plan for plan in case.plans if plan.meeting == number), None)
    if sent is not None:
        return visit.say("plan.sent_already", code=code, **visit.by(sent.recorded))
    meeting = meeting_without_plan(case)
    if meeting.number != number:
        raise WrongState("plan.nothing_to_send", {"code": code})
    sending = _read(visit, values)
    if sending is None:
        return visit.mend(values.problems)
    problems = problems_of_sending(case, meeting, sending, visit.directory, visit.today)
    if problems:
        return visit.mend(problems)
    after = send_plan(case, meeting, sending, visit.stamp)
    plan = after.plans[-1]
    details: dict[str, str | int] = {
        "version": plan.version,
        "channel": plan.channel.value,
        "sent_on": plan.sent_on.isoformat(),
    }
    entries = [Entry("plan.sent", visit.staff.id, recipient, details) for recipient in sorted(plan.recipients)]
    agencies = sorted(plan.recipients - {PERSON, visit.staff.agency})
    letters = [enqueue.plan_notice(after, plan.version, agency, visit.directory, visit.now) for agency in agencies]
    saved = keep(visit.office, visit.tx, case, after, entries, letters)
    held = saved.last_held
    if held is not None and held.protocol is not None and held.protocol.follow_up_on is not None:
        return visit.say("plan.done", code=saved.code, day=visit.words.day(held.protocol.follow_up_on))
    return visit.say("plan.done_no_date", code=saved.code)


def _read(visit: Visit, values: Reading) -> Sending | None:
    responsible = values.one("responsible", Responsible, required=True)
    channel = values.one("channel", Channel, required=True)
    sent_on = values.day("sent_on", required=True)
    recipients = values.names("recipients", frozenset(visit.directory.agencies) | {PERSON}, required=True)
    if values.problems or responsible is None or channel is None or sent_on is None:
        return None
    return Sending(values.ticked("approved"), responsible, frozenset(recipients), channel, sent_on)


def confirm(visit: Visit, code: str, version: int, agency: str) -> Answer:
    """A recipient's button: the plan has come. The receipt is a line of the journal."""
    if visit.staff.agency != agency:
        raise NotAllowed("right.answering")
    case = visit.tx.cases.get(code)
    if not any(plan.version == version and agency in plan.recipients for plan in case.plans):
        raise NotFound("plan.no_such")
    first = _receipt(visit, code, version, agency)
    if first is not None:
        return visit.say("plan.confirmed_already", code=code, **visit.by(first))
    note(visit.tx, case, Entry("plan.received", visit.staff.id, agency, {"version": version}), case.state)
    return visit.say("plan.confirmed", code=code)


def _receipt(visit: Visit, code: str, version: int, agency: str) -> Stamp | None:
    """Return who of an agency has confirmed this version of the plan, and when, if anybody has."""
    for row in visit.tx.journal.read(code):
        entry = row.entry
        if (entry.action, entry.agency, entry.details.get("version")) == (CONFIRM, agency, version):
            return Stamp(entry.actor, row.at)
    return None
