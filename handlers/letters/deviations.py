"""What the unit concerned is told of a deviation, and whoever reported it of the answer (R183)."""

from __future__ import annotations

from domain.case import Case
from domain.matters.closure import Ground
from domain.responsibility import units_at_work
from domain.steps.deviations import deviation_of
from handlers.disclosure import may_hear
from handlers.ui.actions import Action, OneMatter
from handlers.ui.cards import Button, Card, Fact, Section, Tone
from handlers.ui.outgoing import Drop, Outgoing, Show, Tell
from handlers.view import View


def _may_hear(view: View, case: Case, agency: str) -> bool:
    """Say whether a unit may still hear of it: once the consent is withdrawn, only one that acts for the case (R77)."""
    withdrawn = case.closure is not None and case.closure.ground is Ground.WITHDRAWN
    return agency in units_at_work(case) if withdrawn else may_hear(view, case, agency)


def deviation(view: View, case: Case, number: int) -> Outgoing:
    """Return a deviation as its unit sees it, with the button to answer until somebody has."""
    found, words = deviation_of(case, number), view.words
    if not _may_hear(view, case, found.agency):
        return Drop("consent")
    title = words("deviation.title", code=case.code)
    facts = [
        Fact(words("fact.fault"), words(f"fault.{found.fault.value}")),
        Fact(words("fact.concerns"), view.agency(found.agency)),
        Fact(words("fact.reported_by"), view.agency_for(found.agency, found.by_agency, case)),
    ]
    buttons: tuple[Button, ...] = ()
    if found.answer is None:
        text = words("deviation.text")
        token = view.seal(OneMatter(case.code, number))
        buttons = (Button(Action.DEVIATION_ANSWER, words("deviation.answer.do"), token, Tone.PRIMARY),)
    else:
        text = words("deviation.text_answered")
        facts.append(Fact(words("fact.remedy"), words(f"remedy.{found.answer.remedy.value}")))
        facts.append(Fact(words("fact.remedy_on"), words.day(found.answer.on)))
    card = Card(title, f"{title}. {text}", (Section(text=text, facts=tuple(facts)),), buttons)
    return Show(f"deviation:{case.code}:{number}", case.version, card)


def answer(view: View, case: Case, number: int) -> Outgoing:
    """Return the answer as whoever reported it reads it."""
    found, words = deviation_of(case, number), view.words
    if found.answer is None or not _may_hear(view, case, found.by_agency):
        return Drop("consent")
    title = words("deviation.answer.title", code=case.code)
    text = words("deviation.answer.text", agency=view.agency_for(found.by_agency, found.agency, case))
    facts = (
        Fact(words("fact.fault"), words(f"fault.{found.fault.value}")),
        Fact(words("fact.remedy"), words(f"remedy.{found.answer.remedy.value}")),
        Fact(words("fact.remedy_on"), words.day(found.answer.on)),
    )
    return Tell(Card(title, f"{title}. {text}", (Section(text=text, facts=facts),)))
