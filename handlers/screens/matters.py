"""What stands on a case's card beside its meetings: promised answers, measures, deviations, inpatient care."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator

from domain.case import Case
from domain.days import los_payment_from, los_summons_due
from domain.matters.deviation import Deviation
from domain.matters.measure import Bearer, Measure
from domain.matters.plan import PlanSent
from domain.matters.promise import Promise
from domain.reminders.matters import is_summoned
from domain.responsibility import name_of
from domain.steps.deviations import suggestions
from domain.steps.measures import changes
from handlers.ui.actions import Action, OneDeviation, OneMatter
from handlers.ui.cards import Button, Fact, Section
from handlers.view import View

# More would hide what comes next; the others come up when these are seen to.
MOST_SUGGESTIONS = 2


def sections(view: View, case: Case) -> tuple[Section, ...]:
    """Return the sections of everything that is still open."""
    if not case.is_open:
        return ()
    return (*_admission(view, case), *_promises(view, case), *_deviations(view, case), *suggested(view, case))


def promise_line(view: View, promise: Promise) -> str:
    """Return one promised answer in words: by whom, what it waits for, until when, what happens meanwhile."""
    words = view.words
    return words(
        "promise.line",
        agency=view.agency(promise.agency),
        awaits=words(f"awaits.{promise.awaits.value}"),
        day=words.day(promise.by),
        meanwhile=words(f"meanwhile.{promise.meanwhile.value}"),
    )


def measure_line(view: View, measure: Measure, called: Callable[[str], str] | None = None) -> str:
    """Return one measure in words: its number in the plan, who answers for it, what it is about, its days.

    `called` says what an agency is called before the reader; by its name where that is left out.
    """
    words, called = view.words, called or view.agency
    who = called(measure.agency) if measure.agency else words(f"bearer.{measure.bearer.value}")
    days = [
        words(f"measure.line.{name}", day=words.short_day(day))
        for name, day in (("starts", measure.starts), ("ends", measure.ends), ("reports_on", measure.reports_on))
        if day is not None
    ]
    line = words(
        "measure.line",
        number=measure.number,
        who=who,
        sort=words(f"sort.{measure.sort.value}"),
        progress=words(f"progress.{measure.progress.value}"),
    )
    return " ".join((line, *days))


def measures_section(view: View, case: Case) -> tuple[Section, ...]:
    """Return all measures, for those who act for the case (R152-R156)."""
    if not case.measures:
        return ()
    lines = tuple(measure_line(view, measure) for measure in case.measures)
    return (Section(heading=view.words("measure.heading"), lines=lines),)


def own_measures(view: View, plan: PlanSent, agency: str) -> tuple[Section, ...]:
    """Return what an agency itself answers for in a plan; what the others do is not shown to it in chat (law 4C)."""
    lines = tuple(measure_line(view, measure) for measure in plan.measures if measure.agency == agency)
    return (Section(heading=view.words("measure.own"), lines=lines),) if lines else ()


def versions_section(view: View, case: Case) -> tuple[Section, ...]:
    """Return the versions of the plan side by side: when each was sent, what it holds, what is other than before."""
    words = view.words
    if not case.plans:
        return ()
    lines = [_version_line(view, None, case.plans[0])]
    lines += [_version_line(view, before, after) for before, after in itertools.pairwise(case.plans)]
    return (Section(heading=words("versions.heading"), lines=tuple(lines)),)


def _version_line(view: View, before: PlanSent | None, plan: PlanSent) -> str:
    words, counted = view.words, Counter(measure.bearer for measure in plan.measures)
    lines = [words("versions.line", version=plan.version, day=words.day(plan.sent_on))]
    if plan.measures:
        bearers = [
            words("versions.bearer", bearer=words(f"bearer.{bearer.value}"), count=counted[bearer])
            for bearer in Bearer
            if counted[bearer]
        ]
        lines.append(words("versions.count", count=len(plan.measures), bearers=words.listing(bearers)))
    found = changes(before, plan) if before is not None else ()
    lines += [words(f"versions.{change.value}", number=number) for number, change in found]
    return " ".join(lines)


def _deviations(view: View, case: Case) -> list[Section]:
    words = view.words
    lines = []
    for found in case.deviations:
        about = {
            "number": found.number,
            "fault": words(f"fault.{found.fault.value}"),
            "agency": view.agency(found.agency),
        }
        if found.answer is None:
            lines.append(words("deviation.line", **about))
        else:
            remedy = words(f"remedy.{found.answer.remedy.value}")
            lines.append(words("deviation.line_answered", remedy=remedy, day=words.day(found.answer.on), **about))
    return [Section(heading=words("board.deviations"), lines=tuple(lines))] if lines else []


def own_matters(view: View, case: Case, agency: str) -> tuple[Section, ...]:
    """Return what an agency itself has to see to: its measures, what it has promised, deviations that it is to answer.

    What the others answer for is not shown to it (law 4C).
    """
    sections = list(own_measures(view, case.plans[-1], agency)) if case.plans else []
    sections += [section for promise, section in _waiting(view, case) if promise.agency == agency]
    return (*sections, *deviations_to_answer(view, case, agency))


def deviations_to_answer(view: View, case: Case, agency: str) -> Iterator[Section]:
    """Yield what an agency has not answered yet, each with the button to do so (R183)."""
    words = view.words
    for found in case.deviations:
        if found.agency == agency and found.answer is None:
            label, fault = words("deviation.answer.do"), words(f"fault.{found.fault.value}")
            token = view.seal(OneMatter(case.code, found.number))
            button = Button(Action.DEVIATION_ANSWER, label, token, hint=f"{label}, {fault}")
            text = words("deviation.to_answer", code=case.code, fault=fault, day=_day_of(view, found))
            yield Section(text=text, buttons=(button,))


def _day_of(view: View, found: Deviation) -> str:
    return view.words.day(view.services.rules.calendar.local_date(found.reported.at))


def admission_facts(view: View, case: Case) -> tuple[Fact, ...]:
    """Return what is known of the stay in a hospital, with the clocks of the law (LOS 4 kap. 3 §, 5 kap. 4 §)."""
    found, words, calendar = case.admission, view.words, view.services.rules.calendar
    if found is None:
        return ()
    facts = [Fact(words("fact.admitted"), words.day(found.admitted_on))]
    if found.contact:
        facts.append(Fact(words("fact.care_contact"), name_of(found.contact, view.directory)))
    if found.leaves_on is not None:
        facts.append(Fact(words("fact.leaves_on"), words.day(found.leaves_on)))
    if found.choice is not None:
        facts.append(Fact(words("fact.admission_choice"), words(f"admission_choice.{found.choice.value}")))
    if found.compulsory is not None:
        facts.append(Fact(words("fact.compulsory"), words(f"compulsory.{found.compulsory.value}.plan")))
    elif found.ready_at is not None:
        facts.append(Fact(words("fact.ready_at"), words.moment(found.ready_at)))
        last = los_summons_due(calendar.local_date(found.ready_at), calendar)
        if not is_summoned(case, found):
            facts.append(Fact(words("fact.los_summons"), words.day(last)))
        facts.append(Fact(words("fact.los_payment"), words.day(los_payment_from(found.ready_at, calendar))))
    return tuple(facts)


def _admission(view: View, case: Case) -> list[Section]:
    facts = admission_facts(view, case)
    return [Section(heading=view.words("board.admission"), facts=facts)] if facts else []


def suggested(view: View, case: Case, called: Callable[[str], str] | None = None) -> list[Section]:
    """Return what looks like a deviation, each with a button that opens the form with it filled in (R182)."""
    called = called or view.agency
    rules, words = view.services.rules_of(case), view.words
    found = suggestions(case, rules, rules.calendar.local_date(view.now))[:MOST_SUGGESTIONS]
    sections = []
    for suggestion in found:
        agency, label = called(suggestion.agency), words("deviation.new.do")
        fault = words(f"fault.{suggestion.fault.value}")
        token = view.seal(OneDeviation(case.code, suggestion.fault, suggestion.agency))
        button = Button(Action.DEVIATION_NEW, label, token, hint=f"{label}, {agency}")
        text = words("deviation.suggested", agency=agency, fault=fault)
        sections.append(Section(text=text, buttons=(button,)))
    return sections


def _promises(view: View, case: Case) -> list[Section]:
    waiting = [section for _, section in _waiting(view, case)]
    return [Section(heading=view.words("board.promises")), *waiting] if waiting else []


def _waiting(view: View, case: Case) -> Iterator[tuple[Promise, Section]]:
    """Yield each promise that is still open, with its line and the button that says it was kept."""
    words = view.words
    for promise in case.promises:
        if promise.answered is not None:
            continue
        label = words("promise.kept.do")
        hint = f"{label}, {view.agency(promise.agency)}"
        button = Button(Action.PROMISE_KEPT, label, view.seal(OneMatter(case.code, promise.number)), hint=hint)
        yield promise, Section(text=promise_line(view, promise), buttons=(button,))
