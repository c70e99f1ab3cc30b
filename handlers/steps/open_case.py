"""`/sip ny`: a case is opened, or denied with a reason (R25, R87-R101)."""

from __future__ import annotations

from domain.case import AgeBand, Case, Flag, Fossam, NoticedBy, Reason
from domain.code import make_code
from domain.errors import NotAllowed
from domain.rules import meeting_deadline
from domain.steps.open_case import Assessment, Opening, narrowness_of, open_case, problems_of_opening
from handlers.request import Request
from handlers.ui.actions import Action, CaseStep, FormToken
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import NO, YES, agency_choices, choices, tick
from handlers.ui.responses import Ask, Response, Say

FORM = "case.open"


def require_opener(request: Request) -> None:
    """Only coordinators open cases (README)."""
    if not request.staff.coordinator:
        raise NotAllowed("right.opening")


def ask(request: Request) -> Response:
    """Open the form."""
    require_opener(request)
    return Ask(form(request))


def form(request: Request) -> Form:
    """Return the form `case.open`."""
    words = request.words
    parts: list[Field | Note] = [
        Note(words("open.no_person")),
        Field(
            "noticed_on",
            FieldKind.DATE,
            words("open.noticed_on"),
            required=True,
            hint=words("open.noticed_on.hint"),
            initial=request.today.isoformat(),
        ),
        Field(
            "noticed_by",
            FieldKind.SELECT,
            words("open.noticed_by"),
            required=True,
            options=choices(words, "noticed_by", NoticedBy),
        ),
        Field(
            "age_band",
            FieldKind.SELECT,
            words("open.age_band"),
            required=True,
            options=choices(words, "age_band", AgeBand),
        ),
        Field(
            "ongoing",
            FieldKind.SELECT,
            words("open.ongoing"),
            required=True,
            options=choices(words, "ongoing", (YES, NO)),
        ),
        *_fossam(request),
        Field(
            "agencies",
            FieldKind.MULTI_SELECT,
            words("open.agencies"),
            required=True,
            hint=words("open.agencies.hint"),
            options=agency_choices(request.directory),
        ),
        Field("reasons", FieldKind.MULTI_SELECT, words("open.reasons"), options=choices(words, "reason", Reason)),
        Field("flags", FieldKind.CHECKBOXES, words("open.flags"), options=choices(words, "flag", Flag)),
        Field("meeting_by", FieldKind.DATE, words("open.meeting_by"), hint=words("open.meeting_by.hint")),
        Field(
            "decision",
            FieldKind.SELECT,
            words("open.decision"),
            required=True,
            options=choices(words, "assessment", Assessment),
            initial="start",
        ),
        Field(
            "denial_reason",
            FieldKind.LINES,
            words("open.denial_reason"),
            hint=words("open.denial_reason.hint"),
            max_length=300,
        ),
        tick(words, "denial_certain", "open.denial_certain", required=False),
        Field(
            "record_ref",
            FieldKind.TEXT,
            words("open.record_ref"),
            hint=words("open.record_ref.hint"),
            max_length=80,
        ),
    ]
    return Form(
        FORM,
        words("open.form"),
        words("open.submit"),
        words("form.cancel"),
        request.seal(FormToken(FORM)),
        tuple(parts),
    )


def _fossam(request: Request) -> tuple[Field, ...]:
    if not request.services.rules.profile.fossam:
        return ()
    words = request.words
    return (
        Field(
            "fossam",
            FieldKind.SELECT,
            words("open.fossam"),
            hint=words("open.fossam.hint"),
            options=choices(words, "fossam", Fossam),
        ),
    )


def submit(request: Request, _token: FormToken, values: FormData) -> Response:
    """Open the case, or mend the form."""
    require_opener(request)
    opening = _read(request, values)
    if opening is None:
        return request.mend(values.problems)
    profile = request.services.rules.profile
    problems = problems_of_opening(opening, profile, request.today)
    if problems:
        return request.mend(problems)
    case = open_case(opening, code=_fresh_code(request), profile=profile, staff=request.staff, now=request.now)
    action = "case.denied" if case.denial is not None else "case.opened"
    details = {"noticed_on": opening.noticed_on.isoformat(), "noticed_by": opening.noticed_by.value}
    if opening.fossam is not None:
        details["fossam"] = opening.fossam.value
    saved = request.save(None, case, [request.entry(action, details)])
    if saved.denial is not None:
        return request.say("open.denied", code=saved.code)
    return Say(_opened(request, saved))


def _read(request: Request, values: FormData) -> Opening | None:
    noticed_on = values.day("noticed_on", required=True)
    noticed_by = values.one("noticed_by", NoticedBy, required=True)
    age_band = values.one("age_band", AgeBand, required=True)
    ongoing = values.yes_or_no("ongoing", required=True)
    decision = values.one("decision", Assessment, required=True)
    agencies = values.names("agencies", frozenset(request.directory.agencies), required=True)
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


def _fresh_code(request: Request) -> str:
    """Return a code that no case has; with 33 million codes the first draw nearly always serves."""
    while True:
        code = make_code(request.services.ids.code_bits())
        if not request.tx.cases.exists(code):
            return code


def _opened(request: Request, case: Case) -> Card:
    words, rules = request.words, request.services.rules
    deadline = meeting_deadline(case, rules.profile, rules.calendar)
    last = words.day(rules.calendar.on_or_before(deadline))
    by = words(f"fact.deadline.{rules.meeting_basis(case)}", day=last)
    facts = (Fact(words("fact.code"), case.code), Fact(words("fact.meeting_by"), by))
    button = Button(
        Action.CASE_STEP, words("step.consent.do"), request.seal(CaseStep(case.code, "consent")), Tone.PRIMARY
    )
    title = words("open.done.title", code=case.code)
    text = words("open.done.text")
    sections = [Section(text=text, facts=facts)]
    narrow = narrowness_of(case, request.directory, rules.profile)
    if narrow is not None:
        sections.append(Section(text=words(f"open.warn_{narrow.value}")))
    return Card(title, f"{title}. {text}", tuple(sections), (button,))
