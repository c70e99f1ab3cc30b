"""For whom somebody stands in: said at the start of whatever they get in another's place."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.ui.cards import Section
from handlers.view import View


def said_first(view: View, people: Iterable[str], address: str) -> tuple[Section, ...]:
    """Return a section for each of the people who is away and stood in for at this address."""
    words, directory, found = view.words, view.directory, []
    for who in dict.fromkeys(people):
        staff = directory.staff.get(who)
        if staff is None or staff.away_until is None or directory.stand_in_for(staff) is None:
            continue
        if directory.address_today(staff) == address:
            day = words.day(view.services.rules.local_date(staff.away_until))
            found.append(Section(text=words("absence.stands_in", name=staff.name, day=day)))
    return tuple(found)


def manager_id(view: View, agency: str) -> str:
    """Return the staff id of an agency's manager, "" when there is none in the directory."""
    manager = view.directory.manager_of(agency) if agency in view.directory.agencies else None
    return "" if manager is None else manager.id
