"""What an agency is shown: its summons, and the words beside it when something changes (R123, R124, R131)."""

from __future__ import annotations

from datetime import timedelta

from domain.audience import Occasion, asked_how_it_was, hears, in_scope
from domain.case import Case, Flag
from domain.consent import Extra
from domain.errors import WrongState
from domain.meeting import Meeting, Mode
from domain.reminders.due import ReminderKind
from domain.responsibility import is_vacant, name_of, unit_of_responsible, works_at
from domain.steps.answer_summons import forwarded_summons
from domain.steps.evaluate import is_remembered
from domain.summons import UNHEARD, Standing, Summons
from handlers.disclosure import may_be_worded
from handlers.screens.board import attendee_words
from handlers.screens.contact import who_answers
from handlers.screens.person import companion_words, ways_of
from handlers.screens.role import who_comes
from handlers.ui.actions import Action, CaseStep, OneSummons
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.view import View


def summons_card(view: View, case: Case, meeting: Meeting, summons: Summons, place: str) -> Card:
    """Return the card in the agency's own channel, as it stands now; `place` is the address or identity it is for."""
    standing = summons.standing(meeting.round)
    if standing in {Standing.RECALLED, Standing.FORWARDED} or not meeting.is_open:
        return _over(view, case, meeting, summons, standing)
    words = view.words
    kind = "obliged" if summons.obliged else "invited"
    asked = "own" if summons.agency == case.unit_at(meeting) else kind
    named = kind if case.is_first_held(meeting) else f"{kind}_follow_up"
    title = words(f"summons.title.{named}", code=case.code)
    begun = has_begun(view, meeting)
    too_late = begun and standing is not Standing.NAMED
    acute = Flag.ACUTE in case.flags
    owes = not begun and asked != "own" and _owes_an_answer(summons, standing)
    by = _answer_by(view, case, meeting, summons) if owes and not acute and not case.protected else ""
    # On a phone's first screen: by when, what to do and the ways to answer (in an acute case today, R89, R120).
    sections = [
        Section(
            heading=words("summons.acute") if owes and acute else words("summons.by", day=by) if by else "",
            text=words(f"summons.text.{asked}", agency=view.agency(summons.agency)),
        ),
        Section(text=words("summons.over.held.text")) if too_late else _status(view, case, meeting, summons, standing),
        *_relayed(view, meeting, summons),
        Section(facts=_facts(view, case, meeting, summons.agency, place)),
        Section(buttons=buttons(view, case, meeting, summons, standing)),
        Section(facts=_details(view, case, meeting, summons.agency)),
        *_own_consent(view, case, summons.agency, standing),
    ]
    if case.protected:
        sections.insert(2, Section(text=words("summons.protected", name=who_answers(view, case, summons.agency))))
    summary = words(f"summons.summary.{named}", code=case.code)
    own = _needs_own_consent(case, summons.agency, standing)
    to_own = (view.to_step(case.code, "consent", label=words("own_consent.do")),) if own else ()
    return Card(title, summary, tuple(sections), to_own, _footer(view, summons, asked=bool(by)))


def _footer(view: View, summons: Summons, *, asked: bool) -> str:
    """Return what to keep in mind, and of an answer that is asked for what its day rests on and what follows (R191)."""
    words = view.words
    if not asked:
        return words("summons.footer")
    unit = view.directory.agencies.get(summons.agency)
    told = summons.obliged and unit is not None and bool(unit.manager)
    rests_on = words("summons.footer.asked", manager=told)
    return f"{words('summons.footer')} {rests_on}"


def _owes_an_answer(summons: Summons, standing: Standing) -> bool:
    """Say whether the agency has still to say who comes; an obliged one has when it has declined too (R114, R128)."""
    return standing in {*UNHEARD, Standing.RECEIVED} or (standing is Standing.DECLINED and summons.obliged)


def _consent(view: View, case: Case, reader: str) -> tuple[Fact, ...]:
    """Tell of the consent: how long it holds, whom it covers, and what may be shared (R62, R65, R124).

    Those whom it covers are named to each other; of a protected case they are only counted.
    """
    words, consent = view.words, case.consent
    if consent is None:
        return ()
    covered = [] if case.protected else [each for each in view.directory.agencies if each in consent.agencies]
    told = words(
        "summons.consent",
        day="" if consent.valid_until is None else words.day(consent.valid_until),
        names=words.listing([view.agency_for(reader, each, case) for each in covered]),
        parties=len(consent.agencies),
        limited=Extra.EXCLUSIONS in consent.extras,
    )
    found = [Fact(words("fact.consent"), told)]
    if consent.functions and not case.protected:
        functions = [words(f"function.{each.value}") for each in sorted(consent.functions)]
        found.append(Fact(words("fact.functions"), words.listing(functions)))
    return tuple(found)


def _own_consent(view: View, case: Case, agency: str, standing: Standing) -> tuple[Section, ...]:
    """Tell an agency of a consent of its own to what it discloses: that it has noted one, or needs one (law 4C)."""
    words, own = view.words, case.own_consent_of(agency)
    if own is not None:
        return (Section(text=words("summons.own_consent_noted", day=words.day(own.valid_until))),)
    return (Section(text=words("summons.own_consent")),) if _needs_own_consent(case, agency, standing) else ()


def _needs_own_consent(case: Case, agency: str, standing: Standing) -> bool:
    """Say whether to speak of it: once it has said who comes, since before that it has nothing to disclose."""
    return standing is Standing.NAMED and in_scope(case, agency) and case.own_consent_of(agency) is None


def _facts(view: View, case: Case, meeting: Meeting, reader: str, place: str) -> tuple[Fact, ...]:
    words = view.words
    found = []
    if not case.protected:
        found.append(Fact(words("fact.when"), view.when(meeting)))
        where = meeting.place or words(f"place.{meeting.mode.value}")
        found.append(
            Fact(
                words("fact.where"),
                where if meeting.mode is Mode.IN_PERSON else words(f"place.{meeting.mode.value}"),
            )
        )
    purpose = words.sentence([words(f"topic.{topic.value}") for topic in meeting.purpose])
    found += [
        Fact(words("fact.purpose"), purpose),
        *_aim(view, case, meeting, place),
        *_roles(view, case, meeting, reader),
    ]
    return (*found, *_wishes(view, case, reader))


def _details(view: View, case: Case, meeting: Meeting, reader: str) -> tuple[Fact, ...]:
    """Return who comes, and what holds of the consent (R123, R124)."""
    others = _others(view, case, meeting, reader)
    coming = (Fact(view.words("fact.who_comes"), others),) if others else ()
    return (*coming, *_consent(view, case, reader))


def _aim(view: View, case: Case, meeting: Meeting, place: str) -> list[Fact]:
    """Return purpose and questions in words, where they may stand in words (R123; law 4D)."""
    if not meeting.aim or case.protected or not may_be_worded(view.services, view.directory, place):
        return []
    return [Fact(view.words("fact.aim"), meeting.aim)]


def _wishes(view: View, case: Case, reader: str) -> list[Fact]:
    """Return whom the person wishes to come from this agency, how they take part, and what is needed (R126, R132)."""
    words, directory, known, found = view.words, view.directory, case.preparation, []
    wanted = [who for who in known.wanted if works_at(who, reader, directory) and who]
    if wanted:
        found.append(Fact(words("fact.wanted"), words.listing([name_of(who, directory) for who in wanted])))
    if known.ways and not case.protected:
        found.append(Fact(words("fact.ways"), ways_of(view, case)))
    if Flag.INTERPRETER in case.flags and not case.protected:
        found.append(Fact(words("fact.needed"), words("flag.interpreter")))
    return found


def _roles(view: View, case: Case, meeting: Meeting, reader: str) -> list[Fact]:
    """Return whom to turn to, who leads the meeting and who writes (R30, R55, R123); one person stands once.

    The contact is whoever answers for the case now, and the unit while nobody there does (R35, R40).
    """
    words, directory = view.words, view.directory
    vacant, unit = is_vacant(case, directory), unit_of_responsible(case, directory)
    tasks = {case.responsible: [words("fact.contact"), *(() if vacant else (words("fact.responsible"),))]}
    for who, task in ((meeting.chair, words("fact.chair")), (meeting.secretary, words("fact.secretary"))):
        if who and not (vacant and who == case.responsible):
            tasks.setdefault(who, []).append(task)
    names = {who: name_of(who, directory) for who in tasks}
    name = "" if vacant else names[case.responsible]
    names[case.responsible] = words("summons.contact", name=name, agency=view.agency_for(reader, unit, case))
    return [Fact(words.sentence(labels), names[who]) for who, labels in tasks.items()]


def _others(view: View, case: Case, meeting: Meeting, reader: str) -> str:
    """Name those who come at the present time, once the consent covers their agency (R123, law 4D.3).

    In a protected case the agencies are not told who else comes, and an invited one that has said no no longer is.
    """
    if case.protected or not hears(case, Occasion.NAMES, reader):
        return ""
    people = who_comes(view, case, meeting, reader)
    close = [companion_words(view, each) for each in case.companions if each.comes and case.may_take_part(each)]
    return ", ".join(([people] if people else []) + close)


def has_begun(view: View, meeting: Meeting) -> bool:
    """Say whether a meeting has begun: from then on no summons to it can be answered."""
    return meeting.start <= view.now


def _status(view: View, case: Case, meeting: Meeting, summons: Summons, standing: Standing) -> Section:
    words = view.words
    answered, own = summons.answered, summons.agency == case.unit_at(meeting)
    # Who wrote an answer down did not give it, and who has left is known by no name any more.
    said_it = summons.relayed(meeting.round) is None and answered is not None and answered.by in view.directory.staff
    who = name_of(answered.by, view.directory) if answered is not None and said_it else ""
    moment = words.moment(answered.at) if answered is not None else ""
    if standing is Standing.NAMED and summons.naming is not None:
        names = words.listing([attendee_words(view, a) for a in summons.naming.attendees])
        return Section(text=words("summons.status.named", names=names, who=who, when=moment))
    if standing is Standing.PROPOSED and case.protected:
        return Section(text=words("summons.status.proposed_protected", who=who, when=moment))
    if standing is Standing.PROPOSED and summons.proposal is not None:
        day, clock = words.short_day(summons.proposal.day), words.clock(summons.proposal.start)
        return Section(text=words("summons.status.proposed", day=day, clock=clock, who=who, when=moment))
    if standing is Standing.DECLINED:
        key = "summons.status.declined_obliged" if summons.obliged else "summons.status.declined"
        return Section(text=words(key, who=who, when=moment))
    if standing is Standing.MISDIRECTED:
        return Section(text=words("summons.status.misdirected", who=who, when=moment))
    if standing is Standing.RECEIVED and summons.naming is not None and summons.naming.deserted_at is not None:
        names = words.listing([attendee_words(view, a) for a in summons.naming.attendees])
        return Section(text=words("summons.status.deserted", names=names))
    if standing is Standing.RECEIVED and not own:
        return Section(text=words("summons.status.received", who=who, when=moment))
    asked = "again" if summons.naming is not None or summons.revision else "sent"
    return Section(text=words(f"summons.status.{'own' if own else asked}"))


def _relayed(view: View, meeting: Meeting, summons: Summons) -> tuple[Section, ...]:
    """Tell an agency that its answer was written down for it, and how it had come (R121)."""
    relay, words = summons.relayed(meeting.round), view.words
    if relay is None or summons.answered is None:
        return ()
    way, who = words(f"way.{relay.how.value}"), name_of(summons.answered.by, view.directory)
    return (Section(text=words("summons.relayed", who=who, way=way, day=words.day(relay.on))),)


def buttons(view: View, case: Case, meeting: Meeting, summons: Summons, standing: Standing) -> tuple[Button, ...]:
    """Return the ways to answer; everyone can change an answer until the meeting.

    The unit that answers for the case comes anyhow, and tells only who else does.
    """
    if has_begun(view, meeting):
        return ()
    words = view.words
    token = view.seal(OneSummons(case.code, meeting.number, summons.agency))
    named = standing is Standing.NAMED
    if summons.agency == case.unit_at(meeting):
        return (Button(Action.SUMMONS_NAME, words("summons.name.change" if named else "summons.name.do"), token),)
    waits = standing in UNHEARD
    first = (Button(Action.SUMMONS_RECEIVED, words("summons.received.do"), token, Tone.PRIMARY),) if waits else ()
    name_key = "summons.name.change" if named else "summons.name.do"
    return (
        *first,
        Button(Action.SUMMONS_NAME, words(name_key), token, Tone.PLAIN if waits or named else Tone.PRIMARY),
        Button(Action.SUMMONS_PROPOSE, words("summons.propose.do"), token),
        Button(Action.SUMMONS_DECLINE, words("summons.decline.do"), token),
        Button(Action.SUMMONS_FORWARD, words("summons.forward.do"), token),
    )


def _answer_by(view: View, case: Case, meeting: Meeting, summons: Summons) -> str:
    """Return the day by which an answer is wanted, or none; it is a default of this product, and said to be (R191)."""
    rules = view.services.rules_of(case)
    plan = rules.plan(ReminderKind.NAME_ATTENDEES)
    if not plan.steps:
        return ""
    by = rules.calendar.subtract_working_days(meeting.day, plan.steps[0])
    # Counted from when it was asked, so that the day does not move while nobody answers.
    asked = rules.calendar.local_date(max(summons.sent_at, meeting.set_at))
    if by <= asked:
        by = min(rules.calendar.add_working_days(asked, 1), meeting.day - timedelta(days=1))
    if by < asked:
        return ""
    return view.words.short_day(by)


def _over(view: View, case: Case, meeting: Meeting, summons: Summons, standing: Standing) -> Card:
    words = view.words
    over = meeting.report is not None and standing not in {Standing.RECALLED, Standing.FORWARDED}
    key = "held" if over else standing.value
    if standing is Standing.FORWARDED and not _is_told(meeting, summons):
        key = "forwarded_held"
    agency = view.agency_for(summons.agency, summons.forward.agency, case) if summons.forward is not None else ""
    title = words(f"summons.over.{key}.title", code=case.code)
    text = words(f"summons.over.{key}.text", agency=agency)
    buttons = (*_undoing(view, case, meeting, summons), *_evaluate(view, case, meeting, summons))
    return Card(title, f"{title}. {text}", (Section(text=text),), buttons)


def _evaluate(view: View, case: Case, meeting: Meeting, summons: Summons) -> tuple[Button, ...]:
    """Return the button to the evaluation, for an agency that was there; it needs no message of its own (R147)."""
    today = view.services.rules.calendar.local_date(view.now)
    if summons.agency not in asked_how_it_was(case, meeting) or not is_remembered(meeting, today):
        return ()
    label = view.words("step.evaluate.do")
    return (Button(Action.CASE_STEP, label, view.seal(CaseStep(case.code, "evaluate")), hint=f"{label}, {case.code}"),)


def _is_told(meeting: Meeting, summons: Summons) -> bool:
    onward = meeting.summons_of(summons.forward.agency) if summons.forward is not None else None
    return onward is None or onward.told


def _undoing(view: View, case: Case, meeting: Meeting, summons: Summons) -> tuple[Button, ...]:
    """Return the way to take back a forwarding, while the agency that it went on to has not answered."""
    try:
        forwarded_summons(case, meeting.number, summons.agency, view.now)
    except WrongState:
        return ()
    token = view.seal(OneSummons(case.code, meeting.number, summons.agency))
    return (Button(Action.SUMMONS_TAKE_BACK, view.words("summons.take_back.do"), token),)


def notice_card(view: View, case: Case, meeting: Meeting, happened: str) -> Card:
    """Return the word beside the summons: a new time, or that it no longer holds."""
    words = view.words
    when = words("summons.protected_time") if case.protected else view.when(meeting)
    title = words(f"summons.notice.{happened}.title", code=case.code)
    text = words(f"summons.notice.{happened}.text", when=when)
    return Card(title, f"{title}. {text}", (Section(text=text),))
