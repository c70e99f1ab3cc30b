"""`/sip ny`: a case is opened, or denied with a reason (R25, R87-R101)."""

from __future__ import annotations

from domain.case import AgeBand, Case, Flag, NoticedBy, Reason
from domain.code import make_code
from domain.errors import NotAllowed
from domain.rules import meeting_deadline
from domain.steps.open_case import Assessment, Fossam, Opening, open_case, problems_of_opening
from handlers.request import Visit
from handlers.save import Entry, keep
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.ui.form_data import Reading
from handlers.ui.forms import Field, Form, Kind, Note
from handlers.ui.options import NO, YES, agency_choices, choices, tick
from handlers.ui.responses import Answer, Ask, Say

FORM = "case.open"


def require_opener(visit: Visit) -> None:
    """Only coordinators open cases (README)."""
    if not visit.staff.coordinator:
        raise NotAllowed("right.opening")


def ask(visit: Visit) -> Answer:
    """Open the form."""
    require_opener(visit)
    return Ask(form(visit))


def form(visit: Visit) -> Form:
    """Return the form `case.open`."""
    words = visit.words
    parts: list[Field | Note] = [
        Note(words("open.no_person")),
        Field(
            "noticed_on",
            Kind.DATE,
            words("open.noticed_on"),
            required=True,
            hint=words("open.noticed_on.hint"),
            initial=visit.today.isoformat(),
        ),
        Field(
            "noticed_by",
            Kind.SELECT,
            words("open.noticed_by"),
            required=True,
            options=choices(words, "noticed_by", NoticedBy),
        ),
        Field(
            "age_band",
            Kind.SELECT,
            words("open.age_band"),
            required=True,
            options=choices(words, "age_band", AgeBand),
        ),
        Field(
            "ongoing",
            Kind.SELECT,
            words("open.ongoing"),
            required=True,
            options=choices(words, "ongoing", (YES, NO)),
        ),
        *_fossam(visit),
        Field(
            "agencies",
            Kind.MULTI_SELECT,
            words("open.agencies"),
            required=True,
            hint=words("open.agencies.hint"),
            options=agency_choices(visit.directory),
        ),
        Field("reasons", Kind.MULTI_SELECT, words("open.reasons"), options=choices(words, "reason", Reason)),
        Field("flags", Kind.CHECKBOXES, words("open.flags"), options=choices(words, "flag", Flag)),
        Field("meeting_by", Kind.DATE, words("open.meeting_by"), hint=words("open.meeting_by.hint")),
        Field(
            "decision",
            Kind.SELECT,
            words("open.decision"),
            required=True,
            options=choices(words, "assessment", Assessment),
            initial="start",
        ),
        Field(
            "denial_reason",
            Kind.LINES,
            words("open.denial_reason"),
            hint=words("open.denial_reason.hint"),
            max_length=300,
        ),
        tick(words, "denial_certain", "open.denial_certain", required=False),
        Field(
            "record_ref",
            Kind.TEXT,
            words("open.record_ref"),
            hint=words("open.record_ref.hint"),
            max_length=80,
        ),
    ]
    return Form(FORM, words("open.form"), words("open.submit"), words("form.cancel"), visit.seal(f=FORM), tuple(parts))


def _fossam(visit: Visit) -> tuple[Field, ...]:
    if not visit.office.rules.profile.fossam:
        return ()
    words = visit.words
    return (
        Field(
            "fossam",
            Kind.SELECT,
            words("open.fossam"),
            hint=words("open.fossam.hint"),
            options=choices(words, "fossam", Fossam),
        ),
    )


def submit(visit: Visit, values: Reading) -> Answer:
    """Open the case, or mend the form."""
    require_opener(visit)
    opening = _read(visit, values)
    if opening is None:
        return visit.mend(values.problems)
    profile = visit.office.rules.profile
    problems = problems_of_opening(opening, profile, visit.today)
    if problems:
        return visit.mend(problems)
    case = open_case(opening, code=_fresh_code(visit), profile=profile, staff=visit.staff, now=visit.now)
    action = "case.denied" if case.denial is not None else "case.opened"
    details = {"noticed_on": opening.noticed_on.isoformat(), "noticed_by": opening.noticed_by.value}
    saved = keep(visit.office, visit.tx, None, case, [Entry(action, visit.staff.id, visit.staff.agency, details)])
    if saved.denial is not None:
        return visit.say("open.denied", code=saved.code)
    return Say(_opened(visit, saved))


def _read(visit: Visit, values: Reading) -> Opening | None:
    noticed_on = values.day("noticed_on", required=True)
    noticed_by = values.one("noticed_by", NoticedBy, required=True)
    age_band = values.one("age_band", AgeBand, required=True)
    ongoing = values.yes_or_no("ongoing", required=True)
    decision = values.one("decision", Assessment, required=True)
    agencies = values.names("agencies", frozenset(visit.directory.agencies), required=True)
    reasons, flags = values.some("reasons", Reason), values.some("flags", Flag)
    meeting_by, fossam = values.day("meeting_by"), values.one("fossam", Fossam)
    denial_reason, record_ref = values.text("denial_reason"), values.text("record_ref", longest=80)
    if values.problems or noticed_on is None or noticed_by is None or age_band is None or decision is None:
        return None
    return Opening(
        noticed_on=noticed_on,
        noticed_by=noticed_by,
        age_band=age_band,
        ongoing=ongoing is True,
        agencies=agencies,
        assessment=decision,
        reasons=reasons,
        flags=flags,
        meeting_by=meeting_by,
        denial_reason=denial_reason,
        denial_certain=values.ticked("denial_certain"),
        record_ref=record_ref,
        fossam=fossam,
    )


def _fresh_code(visit: Visit) -> str:
    """Return a code that no case has; with 33 million codes the first draw nearly always serves."""
    while True:
        code = make_code(visit.office.ids.code_bits())
        if not visit.tx.cases.exists(code):
            return code


def _opened(visit: Visit, case: Case) -> Card:
    words, rules = visit.words, visit.office.rules
    deadline = meeting_deadline(case, rules.profile, rules.calendar)
    last = rules.calendar.on_or_before(deadline)
    facts = (Fact(words("fact.code"), case.code), Fact(words("fact.meeting_by"), words.day(last)))
    button = Button("case.step", words("step.consent.do"), visit.seal(c=case.code, s="consent"), Tone.PRIMARY)
    title = words("open.done.title", code=case.code)
    text = words("open.done.text")
    return Card(title, f"{title}. {text}", (Section(text=text, facts=facts),), (button,))
