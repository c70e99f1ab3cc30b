"""`/sip samtycke`: consent is recorded, widened, narrowed, refused (R60-R86)."""

from __future__ import annotations

from datetime import date, timedelta

from domain.audience import Occasion, audience, newly_covered, newly_dropped
from domain.case import AgeBand, Case, State
from domain.consent import (
    GUARDIANS,
    Consent,
    Decision,
    Expression,
    Extra,
    Function,
    Giver,
    Part,
    Topic,
    problems_of_consent,
)
from domain.problem import Problem
from domain.responsibility import may_steer
from domain.stamp import Stamp
from domain.steps.record_consent import record_consent, require_recordable
from domain.summons import Standing
from handlers import enqueue
from handlers.letters import taking_back
from handlers.request import Request
from handlers.steps import invites
from handlers.steps.consent import own_consent
from handlers.ui.actions import ConsentForm
from handlers.ui.branches import Branches, branched, chosen, not_all_chosen, not_chosen
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note, Option
from handlers.ui.options import agency_choices, begun, choices, tick
from handlers.ui.responses import Ask, Response, Say
from storage.outbox.outbox import Letter

FORM = "consent.record"

#: Who can give it for a child, and for an adult (R57, R60, R68-R70).
OF_CHILD = GUARDIANS | {Giver.SOLE_GUARDIAN, Giver.CHILD, Giver.REPRESENTATIVE}
OF_ADULT = frozenset({Giver.PERSON, Giver.ATTORNEY, Giver.REPRESENTATIVE})

_GIVEN = chosen("decision", Decision.GIVEN)

#: A no needs neither scope nor time (R71). That a child may give it itself is judged where nobody else has (R69, R70).
BRANCHES: Branches = {
    "child_judged": (
        _GIVEN,
        chosen("given_by", Giver.CHILD),
        not_chosen("given_by", Giver.SOLE_GUARDIAN, Giver.REPRESENTATIVE),
        not_all_chosen("given_by", *sorted(GUARDIANS)),
    ),
    **dict.fromkeys(("parts", "agencies", "functions", "topics", "valid_until", "extras"), (_GIVEN,)),
}


def ask(request: Request, code: str) -> Response:
    """Open the form, filled with what was recorded before or chosen at the opening.

    For somebody of another agency that is the form of its own consent.
    """
    seen = request.case_to_see(code)
    if not may_steer(seen, request.staff, request.directory) and own_consent.may_note(request, seen):
        return own_consent.ask(request, seen)
    return Ask(form(request, code))


def form(request: Request, code: str) -> Form:
    """Return the form `consent.record`."""
    case = request.case_to_steer(code)
    require_recordable(case)
    return _form(request, case)


def _default_end(request: Request, case: Case) -> date:
    return request.today + timedelta(days=request.services.rules_of(case).profile.consent_days.value)


def _form(request: Request, case: Case) -> Form:
    words, before = request.words, case.consent
    agencies = before.agencies if before is not None and before.agencies else frozenset(case.agencies)
    topics = before.topics if before is not None and before.topics else _first_topics(case)
    until = before.valid_until if before is not None and before.valid_until else _default_end(request, case)
    child = case.age_band is AgeBand.CHILD
    parts: list[Field | Note] = [
        Note(words("consent.intro_again" if before is not None else "consent.intro", code=case.code)),
        Field(
            "decision",
            FieldKind.SELECT,
            words("consent.decision"),
            required=True,
            options=choices(words, "decision", Decision),
        ),
        Field(
            "given_by",
            FieldKind.MULTI_SELECT,
            words("consent.given_by"),
            required=True,
            options=_givers(request, child=child),
            hint=words("consent.given_by.child" if child else "consent.given_by.adult"),
        ),
        *((tick(words, "child_judged", "consent.child_judged", "able"),) if child else ()),
        Field(
            "form",
            FieldKind.SELECT,
            words("consent.form"),
            required=True,
            options=choices(words, "expression", Expression),
        ),
        Field(
            "parts",
            FieldKind.CHECKBOXES,
            words("consent.parts"),
            required=True,
            hint=words("consent.parts.hint"),
            options=choices(words, "part", Part),
            initial=begun(Part, before.parts if before is not None else ()),
        ),
        Field(
            "agencies",
            FieldKind.MULTI_SELECT,
            words("consent.agencies"),
            required=True,
            options=agency_choices(request.directory),
            initial=tuple(a for a in request.directory.agencies if a in agencies),
        ),
        Field(
            "functions",
            FieldKind.MULTI_SELECT,
            words("consent.functions"),
            hint=words("consent.functions.hint"),
            options=choices(words, "function", Function),
            initial=begun(Function, before.functions if before is not None else ()),
        ),
        Field(
            "topics",
            FieldKind.MULTI_SELECT,
            words("consent.topics"),
            required=True,
            options=choices(words, "topic", Topic),
            initial=tuple(sorted(topics)),
        ),
        Field(
            "valid_until",
            FieldKind.DATE,
            words("consent.valid_until"),
            hint=words("consent.valid_until.hint"),
            initial=until.isoformat(),
        ),
        Field(
            "extras",
            FieldKind.CHECKBOXES,
            words("consent.extras"),
            options=choices(words, "extra", Extra),
            # Limits that are not lifted stay, above all that something must not be raised (R65).
            initial=begun(Extra, before.extras if before is not None else ()),
        ),
    ]
    token = request.seal(ConsentForm(FORM, case.code, len(case.consents)))
    title = words("consent.form_title")
    return Form(FORM, title, words("form.save"), words("form.cancel"), token, branched(parts, BRANCHES))


def _givers(request: Request, *, child: bool) -> tuple[Option, ...]:
    """Return who can have given it for a person of this age (R57, R60, R68-R70)."""
    givers = OF_CHILD if child else OF_ADULT
    return tuple(option for option in choices(request.words, "giver", Giver) if option.value in givers)


def _first_topics(case: Case) -> frozenset[Topic]:
    """Return what there is to speak of when nothing is ongoing: what is needed, whom to turn to, prevention (R102)."""
    return frozenset() if case.ongoing else frozenset({Topic.NEEDS, Topic.CONTACTS, Topic.PREVENTION})


def submit(request: Request, token: ConsentForm, values: FormData) -> Response:
    """Record the decision, unless somebody else has recorded one since the form was opened."""
    case = request.case_to_steer(token.code)
    require_recordable(case)
    if case.consent is not None and len(case.consents) != token.consents:
        recorded = Stamp(case.consent.recorded_by, case.consent.recorded_at)
        return request.mend([Problem("decision", "consent.recorded_meanwhile", request.by(recorded))])
    consent = _read(request, case, values)
    if consent is None:
        return request.mend(values.problems)
    child = case.age_band is AgeBand.CHILD
    profile = request.services.rules_of(case).profile
    problems = problems_of_consent(consent, child=child, profile=profile, today=request.today)
    if problems:
        return request.mend(problems)
    if consent.decision is Decision.REFUSED and case.consent is not None and case.state is not State.REFUSED:
        # What was given before and is now refused is withdrawn: that ends the case and tells everybody (R77).
        return request.mend([Problem("decision", "consent.withdraw_instead", {"code": case.code})])
    after = record_consent(case, consent, now=request.now, today=request.today)
    action = f"consent.{consent.decision.value}"
    details = {"agencies": len(consent.agencies), "topics": len(consent.topics), "form": consent.expression.value}
    if consent.valid_until is not None:
        details["valid_until"] = consent.valid_until.isoformat()
    saved = request.save(
        case,
        after,
        [request.entry(action, details)],
        _letter_handlers(request, case, after),
    )
    return Say(_recorded(request, saved, consent))


def _read(request: Request, case: Case, values: FormData) -> Consent | None:
    decision = values.one("decision", Decision, required=True)
    given_by = values.some("given_by", Giver, required=True)
    expression = values.one("form", Expression, required=True)
    parts, extras = values.some("parts", Part), values.some("extras", Extra)
    agencies = values.names("agencies", frozenset(request.directory.agencies))
    topics, until = values.some("topics", Topic), values.day("valid_until")
    functions = values.some("functions", Function)
    if values.problems or decision is None or expression is None:
        return None
    if decision is Decision.REFUSED:
        return Consent(decision, given_by, expression, request.now, request.staff.id)
    return Consent(
        decision=decision,
        given_by=given_by,
        expression=expression,
        recorded_at=request.now,
        recorded_by=request.staff.id,
        parts=parts,
        agencies=frozenset(agencies),
        topics=topics,
        valid_until=until or _default_end(request, case),
        extras=extras,
        child_judged=values.ticked("child_judged", "able"),
        functions=functions,
    )


def _letter_handlers(request: Request, before: Case, after: Case) -> list[Letter | None]:
    """Tell whom the consent covers no longer, bring every summons up to date, let through what the new scope lets.

    What was held back because the consent had run out, or did not reach so far, goes out now.
    """
    dropped = newly_dropped(before, after)
    letters: list[Letter | None] = [enqueue.narrowed(after, a, request.directory, request.now) for a in dropped]
    letters += [taken for agency in dropped for taken in taking_back.of_narrowing(request.tx, after, agency)]
    letters += [
        enqueue.scope(after, agency, request.directory, request.now, again=True)
        for agency in newly_covered(before, after)
    ]
    letters += _words_of_less(request, before, after)
    meeting, old = after.coming_meeting, before.coming_meeting
    if meeting is None or old is None:
        return letters
    for summons in meeting.summonses:
        letters.append(enqueue.summons(after, meeting, summons.agency, request.directory, request.now))
        was, now = old.standing_of(summons.agency), summons.standing(meeting.round)
        if now is Standing.RECALLED and was is not now and summons.agency not in dropped:
            letters.append(
                enqueue.summons_notice(after, meeting, summons.agency, "recalled", request.directory, request.now)
            )
        if _newly_covered(request, before, after, summons.agency):
            letters += taking_back.of_expiry(request.tx, before, after, summons.agency)
            letters += invites.released(request, after, meeting, summons.agency)
    return [*letters, *invites.cancelled(request, after, old, meeting)]


def _words_of_less(request: Request, before: Case, after: Case) -> list[Letter]:
    """Tell those who stay covered that they may exchange less than before: it holds from now on (R44, R76).

    Who has not named anybody yet reads it on the summons, which shows what holds.
    """
    had, has = before.consent, after.consent
    if had is None or has is None or had.decision is not Decision.GIVEN or not has.reaches_less_than(had):
        return []
    reads = {s.agency for s in (() if after.coming_meeting is None else after.coming_meeting.live()) if not s.naming}
    kept = (had.agencies & has.agencies) - reads
    told = (agency for agency in audience(after, Occasion.WITHDRAWAL) if agency in kept)
    return [enqueue.scope(after, agency, request.directory, request.now) for agency in told]


def _newly_covered(request: Request, before: Case, after: Case, agency: str) -> bool:
    """Say whether an agency is covered by the new consent and was not, on this day, by the one before."""
    had, has = before.consent, after.consent
    if has is None or not has.allows_exchange(agency, request.today):
        return False
    return had is None or not had.allows_exchange(agency, request.today)


def _recorded(request: Request, case: Case, consent: Consent) -> Card:
    words = request.words
    if consent.decision is Decision.REFUSED:
        return request.card("consent.refused", code=case.code)
    names = [request.agency_name(agency) for agency in sorted(consent.agencies)]
    facts = [Fact(words("fact.consent_covers"), words.listing(names))]
    if consent.valid_until is not None:
        facts.append(Fact(words("fact.consent_until"), words.day(consent.valid_until)))
    buttons: tuple[Button, ...] = ()
    if case.state is State.PREPARING and consent.parts == frozenset(Part):
        buttons = (request.view.to_step(case.code, "summon", tone=Tone.PRIMARY),)
    recalled = _recalled(request, case, consent)
    if recalled:
        buttons = (request.view.to_step(case.code, "summon", label=words("step.more.do"), tone=Tone.PRIMARY),)
    more = (Section(text=words("consent.recalled", names=words.listing(recalled))),) if recalled else ()
    title, text = words("consent.given.title", code=case.code), words("consent.given.text")
    return Card(title, title, (Section(text=text, facts=tuple(facts)), *more), buttons)


def _recalled(request: Request, case: Case, consent: Consent) -> list[str]:
    """Name the agencies that the consent covers and whose summons to the coming meeting is recalled: none is sent."""
    meeting = case.coming_meeting
    if meeting is None or meeting.start <= request.now:
        return []
    gone = (s.agency for s in meeting.summonses if s.recalled and s.told)
    return [request.agency_name(each) for each in gone if consent.allows_exchange(each, request.today)]
