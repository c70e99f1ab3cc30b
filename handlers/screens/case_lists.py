"""Own cases, most urgent first: the home page, `/sip lista`, `/sip` alone, and the chooser of a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.case import Case
from domain.directory import Staff
from domain.figures.viewing import units_to_see
from domain.listing import ListedCase
from domain.next_step import SUMMONED, Step
from domain.profile import Basis
from domain.responsibility import may_see
from handlers.disclosure import covers
from handlers.screens.board import show_button, step_button
from handlers.screens.reminder_list import count_managed
from handlers.screens.undrawn import but_for_faulty, sections_of
from handlers.ui.actions import Action, CaseStep, NewCase
from handlers.ui.cards import Button, Card, Choice, Chooser, Section, Tone
from handlers.view import View
from storage.transaction import Reader

# What one message holds; the rest are counted and can be picked from a chooser. Own cases and what the agency owes
# share it.
LONGEST_LIST = 12
LONGEST_OF_TWO = 7
LONGEST_CHOOSER = 100
# Above the commands there is room for fewer, both of one's own and of those in which one's agency owes an answer.
LONGEST_ABOVE = 4

# What a coordinator can type, in the order of the process; each has its line under `help.NAME`, and each part of the
# process its heading under `help.part.NAME`.
PARTS = {
    "begin": ("new", "assess", "mark", "consent"),
    "meeting": ("prepare", "companion", "summon", "move", "answer", "meeting", "held", "evaluate"),
    "plan": ("measure", "promise", "plan", "change_lead", "move_follow_up", "review"),
    "end": ("close", "withdraw"),
    "beside": ("admission", "hand_over", "deviation"),
}
COMMANDS = tuple(command for commands in PARTS.values() for command in commands)


def home(view: View, reader: Reader, staff: Staff | None) -> Card:
    """Return the home page of one person."""
    words = view.words
    if staff is None:
        text = words("right.unknown_person")
        return Card(words("home.title"), text, (Section(text=text),))
    buttons = (
        (Button(Action.CASE_NEW, words("step.new.do"), view.seal(NewCase()), Tone.PRIMARY),)
        if staff.coordinator
        else ()
    )
    sections = (
        *own_sections(view, reader, staff),
        *_waiting_sections(view, reader, staff),
        *_managed(view, reader, staff),
    )
    if not sections:
        sections = (Section(text=words("home.empty" if staff.coordinator else "home.empty_agency")),)
    return Card(
        words("home.title"),
        words("home.title"),
        (Section(text=words("home.hello", name=staff.name)), *sections),
        buttons,
    )


def own_sections(view: View, reader: Reader, staff: Staff, most: int = LONGEST_LIST) -> tuple[Section, ...]:
    """Return one section a case that this person is responsible for, each with the button to its next step."""
    words = view.words
    cases = reader.cases.own(staff.id, LONGEST_CHOOSER)
    if not cases:
        return ()

    def draw(left_out: frozenset[str]) -> list[Section]:
        shown = tuple(case for case in cases if case.code not in left_out)
        sections = [Section(heading=words("list.own"))]
        others = reader.profiles.noted() - {view.services.rules.profile.name}
        for case in shown[:most]:
            rules = _other_rules(view, reader, case) if others else ()
            sections.append(Section(text=line(view, reader, case), lines=rules, buttons=_buttons(view, case)))
        if len(shown) > most:
            total = reader.cases.count_own(staff.id) - len(left_out)
            rest = chooser(view, shown[most:], "show")
            sections.append(Section(text=words("list.more", count=total - most), chooser=rest))
        return sections

    sections, faulty = but_for_faulty((case.code for case in cases), draw)
    return (*sections, *sections_of(view, reader, staff, faulty))


def _other_rules(view: View, reader: Reader, listed: ListedCase) -> tuple[str, ...]:
    """Return whose rules a case follows, where others are set for new cases (R208)."""
    case = reader.cases.find(listed.code)
    if case is None:
        return ()
    own = view.services.rules_of(case).profile
    return () if own.name == view.services.rules.profile.name else (view.words("list.profile", title=own.title),)


def waiting_for(reader: Reader, staff: Staff) -> list[Case]:
    """Return the cases in which this person's agency owes an answer, of those that they may see (R62, law 4C)."""
    listed = (one for one in reader.cases.waiting_for(staff.agency, LONGEST_CHOOSER) if one.owner != staff.id)
    found = (reader.cases.find(one.code) for one in listed if not one.protected)
    return [case for case in found if case is not None and may_see(case, staff, reader.directory)]


def _waiting_sections(view: View, reader: Reader, staff: Staff, most: int = LONGEST_LIST) -> tuple[Section, ...]:
    """Return what this person's agency owes: what it is asked itself, and not where the case stands (law 4C)."""
    cases = waiting_for(reader, staff)
    if not cases:
        return ()

    def draw(left_out: frozenset[str]) -> list[Section]:
        return _waiting(view, staff, [case for case in cases if case.code not in left_out], most)

    sections, faulty = but_for_faulty((case.code for case in cases), draw)
    return (*sections, *sections_of(view, reader, staff, faulty))


def _waiting(view: View, staff: Staff, cases: Sequence[Case], most: int) -> list[Section]:
    words = view.words
    sections = [Section(heading=words("list.waiting", agency=view.agency(staff.agency)))]
    for case in cases[:most]:
        show = Button(
            Action.CASE_STEP,
            words("step.answer.do"),
            view.seal(CaseStep(case.code, "show")),
            Tone.PRIMARY,
            hint=f"{words('step.answer.do')}, {case.code}",
        )
        sections.append(Section(text=_owed(view, case, staff.agency), buttons=(show,)))
    if len(cases) > most:
        rest = tuple(
            Choice(_owed(view, case, staff.agency), view.seal(CaseStep(case.code, "show"))) for case in cases[most:]
        )
        chooser = Chooser(Action.CASE_PICK, words("list.pick"), rest)
        sections.append(Section(text=words("list.waiting_more", count=len(rest)), chooser=chooser))
    return sections


def _managed(view: View, reader: Reader, staff: Staff) -> tuple[Section, ...]:
    """Say where that stands which this person is to know as a manager of any unit."""
    count = count_managed(view, reader, view.directory.address_of(staff))
    return (Section(text=view.words("list.managed", count=count)),) if count else ()


def _owed(view: View, case: Case, agency: str) -> str:
    words, meeting = view.words, case.coming_meeting
    if case.closure is not None:
        return words("list.owes_ending", code=case.code)
    if meeting is not None and any(summons.agency == agency for summons in case.owing(meeting)):
        if not covers(view, case, agency):
            return words("list.owes_waits", code=case.code)
        return words("list.owes_summons", code=case.code, day=words.short_day(meeting.day))
    return words("list.owes_deviation", code=case.code)


def _buttons(view: View, case: ListedCase) -> tuple[Button, ...]:
    next_one = step_button(view, case.code, Step(case.step), Tone.PLAIN)
    return (*next_one, show_button(view, case.code))


def line(view: View, reader: Reader, case: ListedCase) -> str:
    """Return one case as a line: code, state, next step, last day; late ones say so."""
    words = view.words
    state = words(f"state.{case.state}")
    step = words(f"step.{case.step}")
    if case.urgent_at is None:
        return words("list.line", code=case.code, state=state, step=step)
    day = words.short_day(view.services.rules.calendar.local_date(case.urgent_at))
    if not _is_past(case, view.now):
        by = words(f"list.by.{_by(case)}", day=day)
        return words("list.line_by", code=case.code, state=state, step=step, by=by)
    # What rests on a default of this product has passed, but is not late.
    late = "list.line_passed" if _is_default(view, reader, case) else "list.line_late"
    return words(late, code=case.code, state=state, step=step, day=day)


def _by(case: ListedCase) -> str:
    """Return what is to be by the day of a case in a list (`domain.next_step`)."""
    if case.state in SUMMONED:
        return "meeting"
    return {Step.PLAN: "plan", Step.FOLLOW_UP: "follow_up"}.get(Step(case.step), "first")


def _is_default(view: View, reader: Reader, case: ListedCase) -> bool:
    if case.step not in {Step.CONSENT, Step.SUMMON, Step.PLAN}:
        return False
    found = reader.cases.find(case.code)
    profile = (view.services.rules if found is None else view.services.rules_of(found)).profile
    basis = profile.plan_working_days.basis if case.step == Step.PLAN else profile.days_to_meeting.basis
    return basis is Basis.DEFAULT


def _is_past(case: ListedCase, now: datetime) -> bool:
    return case.urgent_at is not None and case.urgent_at < now


def chooser(view: View, cases: tuple[ListedCase, ...], step: str) -> Chooser:
    """Return a pick-one list of cases that leads to a step."""
    words = view.words
    choices = tuple(
        Choice(
            words("list.choice", code=case.code, state=words(f"state.{case.state}")),
            view.seal(CaseStep(case.code, step)),
        )
        for case in cases[:LONGEST_CHOOSER]
    )
    return Chooser(Action.CASE_PICK, words("list.pick"), choices)


def pick(view: View, reader: Reader, staff: Staff, step: str) -> Card:
    """Return a chooser of the person's own cases, for a command that came without a code."""
    words = view.words
    cases = reader.cases.own(staff.id, LONGEST_CHOOSER)
    if not cases:
        text = words("list.nothing_to_pick")
        return Card(words("list.pick"), text, (Section(text=text),))
    text = words("list.pick_text")

    def draw(left_out: frozenset[str]) -> Chooser:
        return chooser(view, tuple(case for case in cases if case.code not in left_out), step)

    choices, faulty = but_for_faulty((case.code for case in cases), draw)
    named = sections_of(view, reader, staff, faulty)
    return Card(words("list.pick"), text, (Section(text=text, chooser=choices), *named))


def list_card(view: View, reader: Reader, staff: Staff) -> Card:
    """Return `/sip lista`."""
    words = view.words
    both = reader.cases.count_own(staff.id) and waiting_for(reader, staff)
    most = LONGEST_OF_TWO if both else LONGEST_LIST
    sections = (
        *own_sections(view, reader, staff, most),
        *_waiting_sections(view, reader, staff, most),
        *_managed(view, reader, staff),
    )
    if not sections:
        text = words("list.empty")
        return Card(words("list.title"), text, (Section(text=text),))
    return Card(words("list.title"), words("list.title"), sections)


def _documents(view: View) -> tuple[Section, ...]:
    """Return the region's own documents, each with its address (R209)."""
    documents, words = view.services.rules.profile.documents, view.words
    lines = tuple(words("help.document", name=document.name, url=document.url) for document in documents)
    return (Section(heading=words("help.documents"), lines=lines),) if lines else ()


def help_card(view: View, reader: Reader, staff: Staff) -> Card:
    """Return `/sip`: what the person can do now, the most urgent cases first."""
    words = view.words
    own = own_sections(view, reader, staff, LONGEST_ABOVE) if staff.coordinator else ()
    extra = ("calendar",) if view.services.feeds else ()
    extract = ("extract",) if staff.coordinator else ()
    figures = ("statistics",) if staff.admin or units_to_see(staff, view.directory) else ()
    parts = {**(PARTS if staff.coordinator else {}), "look": ("list", "show", *extract, *figures, "away", *extra)}
    typed = [
        Section(heading=words(f"help.part.{part}"), lines=tuple(words(f"help.{command}") for command in commands))
        for part, commands in parts.items()
    ]
    sections = (
        Section(text=words("help.intro" if staff.coordinator else "help.intro_agency")),
        *own,
        *_waiting_sections(view, reader, staff, LONGEST_ABOVE),
        Section(heading=words("help.commands")),
        *typed,
        *_documents(view),
    )
    buttons = (
        (Button(Action.CASE_NEW, words("step.new.do"), view.seal(NewCase()), Tone.PRIMARY),)
        if staff.coordinator
        else ()
    )
    return Card(words("help.title"), words("help.title"), sections, buttons, words("help.footer"))
