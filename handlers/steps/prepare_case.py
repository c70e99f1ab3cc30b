"""`/sip förbered`: one checklist of what is agreed with the person before the meeting (R20, R37, R103-R113, R126)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.case import AgeBand, Case
from domain.matters.preparation import PlaceWish, Premeeting, Preparation, TakingPart, Task, ToldAfter
from domain.responsibility import name_of
from domain.steps.prepare import prepare, problems_of_preparation, require_preparable, tasks_of
from handlers import enqueue
from handlers.request import Request
from handlers.screens.person import companions_of, contacts_of, ways_of
from handlers.ui.actions import CaseForm
from handlers.ui.cards import Card, Fact, Section, Tone
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import begun, choices
from handlers.ui.responses import Ask, Response, Say

FORM = "case.prepare"
# Questions to ask the person, by the names of their words: nine on the purpose, eight on goals (R110), and R112.
QUESTIONS = tuple(f"purpose_{number}" for number in range(1, 10))
GOALS = tuple(f"goal_{number}" for number in range(1, 9))
FOR_CHILDREN = tuple(f"child_{number}" for number in range(1, 4))


def show(request: Request, code: str) -> Response:
    """Show the checklist: what is done, what the person wishes, and questions to ask them."""
    case = request.case_to_steer(code)
    require_preparable(case)
    return Say(checklist(request, case))


def checklist(request: Request, case: Case) -> Card:
    """Return the card: what is left first."""
    words, done = request.words, case.preparation.done
    tasks = tasks_of(case)
    lines = tuple(
        words("prepare.done" if task in done else "prepare.left", task=words(f"task.{task.value}"))
        for task in sorted(tasks, key=lambda task: task in done)
    )
    left = len([task for task in tasks if task not in done])
    title = words("prepare.title", code=case.code, left=left)
    facts = (*wishes(request, case), *companions_of(request.view, case))
    sections = [Section(heading=words("prepare.tasks"), lines=lines), Section(facts=facts)]
    if not facts:
        sections = sections[:1]
    # The questions are a page long, so what one can press stands above them.
    buttons = (
        request.view.to_step(case.code, "preparing", label=words("step.preparing.do"), tone=Tone.PRIMARY),
        request.view.to_step(case.code, "companion", label=words("step.companion.do")),
    )
    sections += [
        Section(buttons=buttons),
        Section(heading=words("prepare.questions"), lines=_asked(request, QUESTIONS)),
        Section(heading=words("prepare.goals"), lines=_asked(request, GOALS)),
    ]
    if case.age_band is AgeBand.CHILD:
        sections.append(Section(heading=words("prepare.child"), lines=_asked(request, FOR_CHILDREN)))
    contacts = contacts_of(request.view, case)
    if contacts:
        lines = tuple(words("help.document", name=one.name, url=one.url) for one in contacts)
        sections.append(Section(heading=words("contacts.heading"), lines=lines))
    return Card(title, title, tuple(sections), footer=words("prepare.footer"))


def _asked(request: Request, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(request.words(f"ask.{name}") for name in names)


def wishes(request: Request, case: Case) -> tuple[Fact, ...]:
    """Return what has been agreed with the person."""
    words, known, found = request.words, case.preparation, []
    if known.ways:
        found.append(Fact(words("fact.ways"), ways_of(request.view, case)))
    if known.told_after is not None:
        found.append(Fact(words("prepare.told_after"), words(f"told_after.{known.told_after.value}")))
    if known.place is not None:
        found.append(Fact(words("prepare.place"), words(f"place_wish.{known.place.value}")))
    if known.wanted:
        names = [name_of(who, request.directory) for who in known.wanted]
        found.append(Fact(words("prepare.wanted"), words.listing(names)))
    if known.lead_wish:
        found.append(Fact(words("prepare.lead_wish"), name_of(known.lead_wish, request.directory)))
    if known.premeeting is not None:
        found.append(Fact(words("prepare.premeeting"), words(f"premeeting.{known.premeeting.value}")))
    return tuple(found)


def ask(request: Request, code: str) -> Response:
    """Open the form of the checklist, filled with what is known."""
    case = request.case_to_steer(code)
    require_preparable(case)
    words, known = request.words, case.preparation
    parts: tuple[Field | Note, ...] = (
        Note(words("prepare.intro", code=code)),
        Field(
            "done",
            FieldKind.CHECKBOXES,
            words("prepare.tasks"),
            options=choices(words, "task", Task),
            initial=begun(Task, known.done),
        ),
        Field(
            "ways",
            FieldKind.MULTI_SELECT,
            words("fact.ways"),
            options=choices(words, "taking_part", TakingPart),
            initial=begun(TakingPart, known.ways),
        ),
        Field(
            "told_after",
            FieldKind.SELECT,
            words("prepare.told_after"),
            options=choices(words, "told_after", ToldAfter),
            initial=known.told_after.value if known.told_after is not None else None,
        ),
        Field(
            "place_wish",
            FieldKind.SELECT,
            words("prepare.place"),
            options=choices(words, "place_wish", PlaceWish),
            initial=known.place.value if known.place is not None else None,
        ),
        Field("wanted", FieldKind.USERS, words("prepare.wanted"), hint=words("prepare.wanted.hint"),
              initial=known.wanted),
        Field("lead_wish", FieldKind.USER, words("prepare.lead_wish"), hint=words("prepare.lead_wish.hint"),
              initial=known.lead_wish or None),
        Field(
            "premeeting",
            FieldKind.SELECT,
            words("prepare.premeeting"),
            hint=words("prepare.premeeting.hint"),
            options=choices(words, "premeeting", Premeeting),
            initial=known.premeeting.value if known.premeeting is not None else None,
        ),
    )  # fmt: skip
    token = request.seal(CaseForm(FORM, code))
    return Ask(Form(FORM, words("prepare.form_title"), words("form.save"), words("form.cancel"), token, parts))


def submit(request: Request, token: CaseForm, values: FormData) -> Response:
    """Keep it. What the agencies are shown of it changes on their summonses (R110, R126, R132)."""
    case = request.case_to_steer(token.code)
    require_preparable(case)
    lead = values.identity("lead_wish")
    preparation = Preparation(
        done=values.some("done", Task),
        ways=values.some("ways", TakingPart),
        told_after=values.one("told_after", ToldAfter),
        place=values.one("place_wish", PlaceWish),
        wanted=tuple(_staff_id(request, identity) for identity in values.identities("wanted")),
        lead_wish=_staff_id(request, lead) if lead else "",
        premeeting=values.one("premeeting", Premeeting),
    )
    if values.problems:
        return request.mend(values.problems)
    problems = problems_of_preparation(case, preparation, request.directory, request.today)
    if problems:
        return request.mend(problems)
    after = prepare(case, preparation)
    letters = enqueue.summonses(after, case.coming_meeting, request.directory, request.now)
    details: dict[str, str | int] = {"done": " ".join(sorted(preparation.done))}
    if preparation.premeeting is not None:
        details["premeeting"] = preparation.premeeting.value
    saved = request.save(case, after, [request.entry("case.prepared", details)], letters)
    return Say(checklist(request, saved))


def _staff_id(request: Request, identity: str) -> str:
    staff = request.directory.by_identity(identity) or request.directory.staff.get(identity)
    return staff.id if staff is not None else identity
