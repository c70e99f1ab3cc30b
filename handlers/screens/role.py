"""What chair and secretary are shown of the meeting that they are to run: one card each, kept fresh (R30, R55)."""

from __future__ import annotations

from domain.case import Case
from domain.directory import Staff
from domain.meeting import Meeting
from domain.responsibility import name_of
from handlers.disclosure import covers, may_hear
from handlers.screens.contact import who_answers
from handlers.ui.cards import Card, Fact, Section
from handlers.view import View

CHAIR, SECRETARY = "chair", "secretary"


def roles_of(meeting: Meeting) -> dict[str, str]:
    """Return who has which role at a meeting, by staff id; one who has both is told of the chair."""
    return {who: role for who, role in ((meeting.secretary, SECRETARY), (meeting.chair, CHAIR)) if who}


def role_card(view: View, case: Case, meeting: Meeting, staff: Staff) -> Card | None:
    """Return the card, or None when this person has no role any more that they may hear of."""
    role = roles_of(meeting).get(staff.id)
    over = case.closure is not None or not meeting.is_open or staff.id == case.responsible
    if role is None or over or not may_hear(view, case, staff.agency):
        return None
    if not meeting.is_hosted_by(staff.id, staff.agency):
        return None
    words = view.words
    title, text = words(f"role.{role}.title", code=case.code), words(f"role.{role}.text")
    return Card(title, f"{title}. {text}", (Section(text=text, facts=_facts(view, case, meeting, staff)),))


def _facts(view: View, case: Case, meeting: Meeting, reader: Staff) -> tuple[Fact, ...]:
    words, directory = view.words, view.directory
    when = words("summons.protected_time") if case.protected else view.when(meeting)
    found = [Fact(words("fact.when"), when)]
    if meeting.place and not case.protected:
        found.append(Fact(words("fact.where"), meeting.place))
    purpose = words.sentence([words(f"topic.{topic.value}") for topic in meeting.purpose])
    found += [
        Fact(words("fact.purpose"), purpose),
        Fact(words("fact.responsible"), who_answers(view, case, reader.agency)),
    ]
    if meeting.chair != reader.id:
        found.append(Fact(words("fact.chair"), name_of(meeting.chair, directory)))
    if meeting.secretary and meeting.secretary != reader.id:
        found.append(Fact(words("fact.secretary"), name_of(meeting.secretary, directory)))
    coming = who_comes(view, case, meeting, reader.agency)
    if coming:
        found.append(Fact(words("fact.who_comes"), coming))
    return tuple(found)


def who_comes(view: View, case: Case, meeting: Meeting, reader: str) -> str:
    """Name those who come at the present time, of units that the consent covers or that act for the case (R123).

    In a protected case nobody is told who else comes (law 4D.4).
    """
    if case.protected:
        return ""
    hosts = {host.who.key for host in meeting.hosts}
    people: dict[str, list[str]] = {}
    for agency, who in meeting.coming():
        if covers(view, case, agency) or (who.key in hosts and may_hear(view, case, agency)):
            people.setdefault(view.agency_for(reader, agency, case), []).append(who.name)
    return ", ".join(f"{view.words.listing(names)} ({agency})" for agency, names in people.items())


def over_card(view: View, case: Case) -> Card:
    """Return what stands there when the role is over: the meeting was held or called off, or somebody else has it."""
    title, text = view.words("role.over.title", code=case.code), view.words("role.over.text")
    return Card(title, f"{title}. {text}", (Section(text=text),))
