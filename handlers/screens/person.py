"""What is shown of the person without telling who they are: how they take part, and who stands by them (law 4D)."""

from __future__ import annotations

from domain.case import AgeBand, Case
from domain.matters.companion import Companion
from domain.matters.preparation import TakingPart
from domain.profile import LocalDocument
from domain.steps.evaluate import evaluation_of
from handlers.ui.cards import Fact, Section
from handlers.view import View


def ways_of(view: View, case: Case) -> str:
    """Return how the person takes part."""
    return view.words.sentence([view.words(f"taking_part.{w.value}") for w in TakingPart if w in case.preparation.ways])


def contacts_of(view: View, case: Case) -> tuple[LocalDocument, ...]:
    """Return the region's lists of contacts for a child, by whether measures are ongoing (R129)."""
    if case.age_band is not AgeBand.CHILD:
        return ()
    return view.services.rules_of(case).profile.contacts_for_children(ongoing=case.ongoing)


def companion_words(view: View, companion: Companion) -> str:
    """Return what somebody close is called here: a role and a number, never a name (law 4D)."""
    return view.words(f"companion.{companion.role.value}", number=companion.number)


def taking_part_of(view: View, case: Case) -> tuple[Section, ...]:
    """Return how the person took part in the last meeting, and how they felt about it, where that is known (R19)."""
    words, held = view.words, case.last_held
    if held is None or held.report is None:
        return ()
    felt, facts = evaluation_of(case, held).felt, []
    if held.report.person is not None:
        facts.append(Fact(words("fact.took_part"), words(f"took_part.{held.report.person.value}")))
    if felt is not None:
        facts.append(Fact(words("fact.felt"), words(f"felt.{felt.value}")))
    return (Section(facts=tuple(facts)),) if facts else ()


def companions_of(view: View, case: Case) -> tuple[Fact, ...]:
    """Return who stands by the person and may take part (R24, R42, R83)."""
    words = view.words
    lines = [
        words("companion.line", who=companion_words(view, each),
              does=words.listing([words(f"does.{what.value}") for what in sorted(each.does)]))
        for each in case.companions
        if each.does and case.may_take_part(each)
    ]  # fmt: skip
    return (Fact(words("fact.companions"), "; ".join(lines)),) if lines else ()
