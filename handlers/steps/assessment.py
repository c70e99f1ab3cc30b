"""The questions of an assessment, asked when a case is opened and when it is judged later or anew (R88, R95-R102)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.case import AgeBand, Case, State
from domain.matters.need import Finding, Fossam, NoticedBy, Reason
from domain.profile import Profile
from domain.rules import meeting_deadline
from domain.steps.open_case import Assessment, Opening, narrowness_of
from handlers.request import Request
from handlers.ui import branches
from handlers.ui.branches import Branches
from handlers.ui.cards import Card, Fact, Section, Tone
from handlers.ui.forms import Field, FieldKind
from handlers.ui.options import NO, YES, begun, choices, tick
from handlers.ui.responses import Response, Say

_JUDGED = tuple(outcome for outcome in Assessment if outcome is not Assessment.LATER)

#: What comes of it is asked once it is known whether anything is ongoing, and with it what it rests on (R97, R101).
#: What follows from the outcome: a no has its reason (R96), and takes one more thought when the person asked for the
#: plan (R95). To note a need now is to judge it later, so what the judgement rests on is asked then (R88, R101).
BRANCHES: Branches = {
    "decision": (branches.answered("ongoing"),),
    "denial_reason": (branches.chosen("decision", Assessment.DENY),),
    "denial_certain": (branches.chosen("decision", Assessment.DENY), branches.chosen("noticed_by", NoticedBy.PERSON)),
    "fossam": (
        branches.chosen("age_band", AgeBand.CHILD),
        branches.chosen("ongoing", NO),
        branches.chosen("decision", *_JUDGED),
    ),
    "findings": (branches.chosen("decision", *_JUDGED),),
}


def noticed_fields(request: Request, day: date, by: NoticedBy | None) -> tuple[Field, ...]:
    """Return when and by whom the need was noticed (R90, R93)."""
    words = request.words
    return (
        Field(
            "noticed_on",
            FieldKind.DATE,
            words("open.noticed_on"),
            required=True,
            hint=words("open.noticed_on.hint"),
            initial=day.isoformat(),
        ),
        Field(
            "noticed_by",
            FieldKind.SELECT,
            words("open.noticed_by"),
            required=True,
            options=choices(words, "noticed_by", NoticedBy),
            initial=None if by is None else by.value,
        ),
    )


def ongoing_field(request: Request, *, ongoing: bool | None) -> Field:
    """Return whether anything is ongoing (R101)."""
    words, before = request.words, {True: YES, False: NO, None: None}[ongoing]
    options = choices(words, "ongoing", (YES, NO))
    return Field("ongoing", FieldKind.SELECT, words("open.ongoing"), required=True, options=options, initial=before)


def fossam_fields(request: Request, profile: Profile) -> tuple[Field, ...]:
    """Return whether Fossam was contacted, where the region asks for it (R101)."""
    if not profile.fossam:
        return ()
    words = request.words
    hint, answers = words("open.fossam.hint"), choices(words, "fossam", Fossam)
    return (Field("fossam", FieldKind.SELECT, words("open.fossam"), required=True, hint=hint, options=answers),)


def finding_field(request: Request, findings: frozenset[Finding]) -> Field:
    """Return the questions of the assessment as ticks (R4, R97)."""
    words = request.words
    return Field(
        "findings",
        FieldKind.CHECKBOXES,
        words("open.findings"),
        hint=words("open.findings.hint"),
        options=choices(words, "finding", Finding),
        initial=begun(Finding, findings),
    )


def reason_field(request: Request, reasons: frozenset[Reason]) -> Field:
    """Return the signs of the need (R98)."""
    words = request.words
    return Field(
        "reasons",
        FieldKind.MULTI_SELECT,
        words("open.reasons"),
        options=choices(words, "reason", Reason),
        initial=begun(Reason, reasons),
    )


def outcome_fields(request: Request, outcomes: Iterable[Assessment]) -> tuple[Field, ...]:
    """Return what comes of it; a no has its reason (R96)."""
    words, values = request.words, frozenset(outcomes)
    return (
        Field(
            "decision",
            FieldKind.SELECT,
            words("open.decision"),
            required=True,
            options=tuple(o for o in choices(words, "assessment", Assessment) if o.value in values),
            initial="start",
        ),
        Field(
            "denial_reason",
            FieldKind.LINES,
            words("open.denial_reason"),
            required=True,
            hint=words("open.denial_reason.hint"),
            max_length=300,
        ),
        tick(words, "denial_certain", "open.denial_certain"),
    )


def outcome_of(case: Case) -> str:
    """Return what the journal calls the outcome of an assessment."""
    if case.denial is not None:
        return "denied"
    if case.state is State.REFUSED:
        return "declined"
    return "noticed" if case.unassessed else "opened"


def details_of(opening: Opening) -> dict[str, str | int]:
    """Return what the journal keeps of an assessment."""
    details: dict[str, str | int] = {
        "noticed_on": opening.noticed_on.isoformat(),
        "noticed_by": opening.noticed_by.value,
    }
    if opening.findings:
        details["findings"] = " ".join(sorted(opening.findings))
    if opening.fossam is not None:
        details["fossam"] = opening.fossam.value
    return details


def outcome_card(request: Request, case: Case) -> Response:
    """Say what came of it, and what is to be done next."""
    if case.denial is not None:
        return request.say("open.denied", code=case.code)
    if case.state is State.REFUSED:
        return request.say("open.declined", code=case.code)
    return Say(_noticed(request, case) if case.unassessed else _started(request, case))


def _noticed(request: Request, case: Case) -> Card:
    button = request.view.to_step(case.code, "assess", tone=Tone.PRIMARY)
    title, text = request.words("open.noticed.title", code=case.code), request.words("open.noticed.text")
    return Card(title, f"{title}. {text}", (Section(text=text),), (button,))


def _started(request: Request, case: Case) -> Card:
    words, rules = request.words, request.services.rules_of(case)
    deadline = meeting_deadline(case, rules.profile, rules.calendar)
    planned = rules.calendar.on_or_before(deadline)
    by = words(f"fact.deadline.{rules.meeting_basis(case)}", day=words.day(deadline))
    facts = (
        Fact(words("fact.code"), case.code),
        Fact(words("fact.meeting_by"), by),
        # As on the board: what is agreed on is the last day; a day off is planned for as the one before (days 5B.3).
        *(() if planned == deadline else (Fact(words("fact.planned_for"), words.day(planned)),)),
    )
    title, text = words("open.done.title", code=case.code), words("open.done.text")
    sections = [Section(text=text, facts=facts)]
    narrow = narrowness_of(case, request.directory, rules.profile)
    if narrow is not None:
        sections.append(Section(text=words(f"open.warn_{narrow.value}")))
    if Finding.NEEDED not in case.findings:
        sections.append(Section(text=words("open.warn_needed")))
    if not case.ongoing:
        sections.append(Section(text=words("open.nothing_ongoing")))
    button = request.view.to_step(case.code, "consent", tone=Tone.PRIMARY)
    return Card(title, f"{title}. {text}", tuple(sections), (button,))


def assessment_section(request: Request, case: Case) -> Section:
    """Return what was found and by whom, for those who come back to the case later (R94, R97, R98)."""
    words = request.words
    noticed = words("show.noticed", who=words(f"noticed_by.{case.noticed_by.value}"), day=words.day(case.noticed_on))
    lines = [noticed]
    if case.assessed is not None:
        by = request.by(case.assessed)
        lines.append(words("show.assessed", name=by["name"], when=by["when"]))
    lines += [words(f"finding.{each.value}") for each in Finding if each in case.findings]
    lines += [words(f"reason.{each.value}") for each in Reason if each in case.reasons]
    if case.fossam is not None:
        lines.append(words("show.fossam", answer=words(f"fossam.{case.fossam.value}")))
    for denial in (*case.earlier_denials, *(() if case.denial is None else (case.denial,))):
        by = request.by(denial.decided)
        lines.append(words("show.denied", name=by["name"], when=by["when"]))
    return Section(heading=words("show.assessment"), lines=tuple(lines))
