"""The word to an agency that the consent reaches less far than before, or covers it again (R44, R75, R76)."""

from __future__ import annotations

from domain.address import Address, Kind
from domain.audience import in_scope
from domain.case import Case
from domain.meeting import Meeting
from handlers.ui.cards import Card, Fact, Section
from handlers.ui.outgoing import Drop, Outgoing, PlainMail, Tell
from handlers.view import View


def scope(view: View, case: Case, agency: str, address: str, *, again: bool) -> Outgoing:
    """Return what holds from now on: until when, and the questions as categories (law 4D)."""
    words, consent = view.words, case.consent
    if case.closure is not None or consent is None or not in_scope(case, agency):
        return Drop("consent")
    title, text = words("scope.title", code=case.code), words("scope.text")
    if again:
        title, text = words("scope.again.title", code=case.code), words("scope.again.text")
    if Address.parse(address).kind is Kind.MAILBOX:
        return PlainMail(title, f"{text}\n")
    topics = words.sentence([words(f"topic.{topic.value}") for topic in sorted(consent.topics)])
    facts = [Fact(words("consent.topics_now"), topics)]
    if consent.valid_until is not None:
        facts.append(Fact(words("fact.consent_until"), words.day(consent.valid_until)))
    if consent.functions:
        functions = [words(f"function.{each.value}") for each in sorted(consent.functions)]
        facts.append(Fact(words("fact.functions"), words.listing(functions)))
    return Tell(
        Card(title, f"{title}. {text}", (Section(text=text, facts=tuple(facts)),)), beside=_beside(case, agency)
    )


def _beside(case: Case, agency: str) -> str:
    meeting: Meeting | None = case.meeting
    return f"summons:{case.code}:{meeting.number if meeting is not None else 0}:{agency}"
