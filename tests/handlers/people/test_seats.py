"""What is for one person follows who is away, whatever seat they have; and nobody sees more by it (R40; law 4D.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import templates
from domain.address import mailbox
from domain.case import Case, Flag
from domain.directory import Directory
from domain.matters.deviation import Deviation, Fault
from domain.reminders.due import Due, To
from domain.reminders.kinds import KINDS, Kind
from handlers import enqueue, mails, notices
from handlers.enqueue import What
from handlers.receivers import receivers
from handlers.view import View
from storage.outbox.letter import Letter
from tests.domain.makers import (
    BIRGIT,
    DIRECTORY,
    JULIA,
    OMAR,
    SVEN,
    attendee,
    called,
    coming,
    consented,
    held_case,
    instant,
    moved_to,
    named,
    opened,
    stamp,
    without,
)
from tests.handlers.people.test_disclosure import SERVICES

NOW = instant("2026-03-10 10:00")
PROTECTED = frozenset({Flag.PROTECTED})
MAIL_OF_SVEN = "sven@exempel.invalid"


def absent(who: str, deputy: str = "") -> Directory:
    """Return the directory while somebody is away."""
    person = replace(DIRECTORY.staff[who], deputy=deputy, away_until=datetime(2026, 12, 3, tzinfo=UTC))
    sven = replace(DIRECTORY.staff[SVEN], email=MAIL_OF_SVEN)
    return Directory(DIRECTORY.agencies, {**DIRECTORY.staff, SVEN: sven, who: person})


def seated(flags: frozenset[Flag] = frozenset()) -> Case:
    """Return a case in which Julia is chair and secretary, and named by her agency."""
    case = called(
        consented(opened(flags=flags)),
        "2026-03-26 13:00",
        "2026-03-09 10:00",
        "bup",
        "skola",
        chair=JULIA,
        secretary=JULIA,
    )
    return named(case, "bup", "2026-03-09 11:00", attendee("julia", staff=JULIA))


def shielded() -> Case:
    """Return a protected case, of which Julia alone is told at her agency."""
    return seated(PROTECTED)


DEVIATION = Deviation(1, Fault.COOPERATION, "bup", "bup", stamp(JULIA, "2026-03-09 10:00"))
NOBODY = "no one person is meant"
ASKED = "it is an answer to whoever has just asked"
STAYS = "it stays where something stands already"

#: How each kind of letter follows: what makes one for Julia, or why it is for nobody whose place another could take.
LETTERS: Mapping[What, Callable[[Directory], Letter | None] | str] = {
    What.BOARD: lambda known: enqueue.board(held_case(), known, NOW),
    What.HANDED: STAYS,
    What.SUMMONS: lambda known: enqueue.summons(shielded(), coming(shielded()), "bup", known, NOW),
    What.SUMMONS_NOTICE: lambda known: enqueue.summons_notice(
        shielded(), coming(shielded()), "bup", "moved", known, NOW
    ),
    What.CALENDAR_FILE: NOBODY,
    What.INVITE: "it is an entry in one person's own calendar",
    What.ENDING: lambda known: enqueue.ending(shielded(), "bup", known, NOW, urgent=False),
    What.NARROWED: lambda known: enqueue.narrowed(shielded(), "bup", known, NOW),
    What.ROLE: lambda known: enqueue.role(seated(), coming(seated()), JULIA, known, NOW),
    What.LEAD: lambda known: enqueue.lead_changed(shielded(), "bup", known, NOW),
    What.PLAN_CHANGED: lambda known: enqueue.plan_changed(shielded(), "bup", known, NOW),
    What.TAKE_BACK: STAYS,
    What.SCOPE: lambda known: enqueue.scope(shielded(), "bup", known, NOW),
    What.EXPIRED: lambda known: enqueue.expired(shielded(), coming(shielded()), "bup", known, NOW),
    What.PLAN: lambda known: enqueue.plan_notice(shielded(), 1, "bup", known, NOW),
    What.NOTE: lambda known: enqueue.note(held_case(), JULIA, "note.you_lead", known, NOW),
    What.REMINDERS: "each kind of reminder is looked at below",
    What.REMINDER_MAIL: NOBODY,
    What.HOME: ASKED,
    What.FIGURES: ASKED,
    What.RUN_SHEET: ASKED,
    What.DEVIATION: NOBODY,  # the manager of a unit, looked at below
    What.DEVIATION_ANSWER: lambda known: notices.deviation_answer(seated(), DEVIATION, known, NOW),
    What.WHISPER: ASKED,
    What.NOTE_MAIL: lambda known: mails.note_mail(held_case(), JULIA, "note.undeliverable", known, NOW),
    What.ALARM: "it is about the bot itself, and for every administrator",
}
PERSONAL = {what: make for what, make in LETTERS.items() if not isinstance(make, str)}


def test_of_every_kind_of_letter_it_is_said_how_it_follows_who_is_away() -> None:
    assert set(LETTERS) == set(What)


@pytest.mark.parametrize("what", PERSONAL)
def test_r40_a_letter_to_one_person_goes_to_their_deputy_while_they_are_away(what: What) -> None:
    letter = PERSONAL[what](absent(JULIA, SVEN))
    assert letter is not None
    assert letter.address in {DIRECTORY.address_of(SVEN), str(mailbox(MAIL_OF_SVEN))}


@pytest.mark.parametrize("what", [what for what in PERSONAL if what is not What.NOTE_MAIL])
def test_4d_4_nothing_of_a_protected_case_goes_to_a_manager_who_only_stands_in(what: What) -> None:
    """Who sets somebody away must not see by that what is for those alone who are named."""
    letter = PERSONAL[what](absent(JULIA))
    assert letter is not None
    protected = {What.BOARD, What.NOTE, What.ROLE, What.DEVIATION_ANSWER}.isdisjoint({what})
    assert letter.address == DIRECTORY.address_of(JULIA if protected else BIRGIT)


def view(directory: Directory) -> View:
    return View(SERVICES, templates.load("sv"), directory, NOW)


def addresses(case: Case, kind: Kind, to: To, directory: Directory, who: str = JULIA) -> set[str]:
    person = who if to is To.PERSON else ""
    due = Due(kind.name, f"{kind.name}:1", "1", to, NOW, "", person, "bup", "bup")
    return {found.address for found in receivers(view(directory), case, due) if found.address}


#: Who is reminded instead of whom, by whom a reminder is for: the staff id of who is away, and of who hears then.
FOLLOWS: Mapping[To, tuple[str, str] | None] = {
    To.PERSON: (JULIA, SVEN),
    To.ATTENDEES: (JULIA, SVEN),
    To.MANAGER: (BIRGIT, SVEN),
    To.UNIT: None,
    To.MAILBOX: None,
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("to", To)
def test_r40_every_reminder_to_a_person_goes_to_their_deputy_while_they_are_away(kind: Kind, to: To) -> None:
    follows = FOLLOWS[to]
    if follows is None:
        assert addresses(seated(), kind, to, absent(JULIA, SVEN)) == addresses(seated(), kind, to, DIRECTORY)
        return
    who, deputy = follows
    case = replace(held_case(), meetings=seated().meetings) if to is To.PERSON else seated()
    assert addresses(case, kind, to, absent(who, deputy)) in ({DIRECTORY.address_of(deputy)}, set())
    assert DIRECTORY.address_of(who) in addresses(case, kind, to, DIRECTORY) or not addresses(case, kind, to, DIRECTORY)


@pytest.mark.parametrize("directory", [without(OMAR), moved_to(OMAR, "vc")])
def test_4d_9_for_a_chair_who_has_left_whoever_answers_for_the_case_is_reminded(directory: Directory) -> None:
    """Also when they have gone to a unit that hears nothing of the case (R62)."""
    narrow = consented(opened(), agencies=frozenset({"bup", "skola"}))
    case = called(narrow, "2026-03-26 13:00", "2026-03-09 10:00", "skola", chair=OMAR)
    report = next(kind for kind in KINDS if kind.name == "report_meeting")
    assert addresses(case, report, To.PERSON, directory, OMAR) == {DIRECTORY.address_of(case.responsible)}
    assert addresses(case, report, To.PERSON, DIRECTORY, OMAR) == {DIRECTORY.address_of(OMAR)}
