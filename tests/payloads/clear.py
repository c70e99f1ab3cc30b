"""What stands in the clear in a database, word by word: all that somebody reads who has the file and no key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from domain.case import State
from domain.reminders.kinds import KIND_OF
from storage.engine.sqlite import connect

# What the agencies are called is known to all who use the bot.
OF_AGENCIES = {("agency", "name"), ("agency", "alias")}
# An address or an identity, of which only the platform, or the kind of message, stands in the clear.
HIDDEN = re.compile(r"~[\w-]{43,}")
# Of the key of a reminder stands no more than what it is found by.
FOUND_BY = re.compile(r"~[\w-]{21}")
MEETING_UID = re.compile(r"<[0-9a-f]{32}@kalender\.exempel\.invalid>")
SEPARATORS = re.compile(r"[^\w+-]+")
PLAIN = re.compile(
    r"[+-]?\d*|\d+\+\d\d"  # a number, an instant
    r"|(over-)?\d{4}-\d\d-\d\d(T\d\d)?"  # a day
    r"|SIP-[0-9A-Z]{5}-[0-9A-Z]"  # a case
    r"|F0[0-9A-Z]*"  # Slack's names of files
    r"|[0-9a-f]{32,64}|[a-z2-7]{26}|[0-9a-z]{25}"  # a hash; a random key
)


# Whose: agencies, platforms, and those who are no person.
WHOSE = """
    bup fk polis skola soc vc slack mail channel person mailbox unit manager phone clock courier operator
"""
# What was done, and the kinds of messages and reminders. That a consent was given, narrowed or has run out is an act
# (law 4D: change events); what it covers is not here, nor any reason, category or ground.
ACTS = """
    admitted again answer answered calendar care case changed closed closing companions confirm confirmed consent
    declined declined_obliged denied deviation directory discharged ending escalations event expired file follow_up
    form forward_undone forwarded forwarded_held given handed handed_over handed_to_you held home ics invite invited
    lead letter made mail manager_declined marked measure meeting message misdirected missed moved named narrowed
    no_channel nobody_named note noted notice noticed opened operator own plan prepare prepared press promise proposed
    read receipt received recorded refused reminder remindermail reminders renew replaced reply reported reviewed role
    scope sealed sent sent_again set_back sheet snoozed summons take_back taken_back tick ticked told turned undelivered
    whisper withdrawn word you_lead alarm board CANCEL REQUEST
"""
# How letters stand, and what the auditor finds.
STANDING = """
    away damaged doubled invented left left_behind overdue undrawn unsent waiting dropped sent
    already_shown gathered never_shown recalled
"""
# That somebody has evaluated a meeting, and that figures were shown; neither says what.
FIGURES = "evaluated evaluated_person show statistics figures empty"
# That somebody of the staff was away, and is back.
ABSENCE = "staff back"
MORE = "plan_changed"
ALLOWED = {*f"{WHOSE} {ACTS} {STANDING} {FIGURES} {ABSENCE} {MORE}".split(), *map(str, State), *KIND_OF}
QUARTERS = {"2026-2", "2026-3", "2026-4", "2027-1"}
OF_COLUMN = {
    "case_.step": {"confirm", "consent", "held", "nothing", "wait"},
    "journal.details": {"_document", "_sealed", "true", "added", "changed", "removed", "who", "slack"},
    "person.locale": {"sv-SE", "en-GB"},
    "profile.name": {"gotland"},
    "figure.quarter": QUARTERS,
    "agency.kind": {"social_services", "health_care", "school", "other"},
    "agency.principal": {"municipality", "region", "state", "private", "voluntary"},
}


def allowed(column: str) -> set[str]:
    """Return the words that may stand in a column."""
    return OF_COLUMN.get(column, ALLOWED)


def words(file: Path) -> dict[str, set[str]]:
    """Return the words of each column of text, but for numbers, days, cases, and names that a platform gives."""
    found: dict[str, set[str]] = {}
    with closing(connect(file)) as database:
        for table, column, kind in _columns(database):
            if kind == "BLOB" or (table, column) in OF_AGENCIES:
                continue
            for (value,) in database.execute(f'SELECT DISTINCT "{column}" FROM "{table}"'):  # noqa: S608
                found.setdefault(f"{table}.{column}", set()).update(_said(table, column, value))
    return found


def _columns(database: Any) -> Iterator[tuple[str, str, str]]:
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for _, column, kind, *_ in database.execute(f'PRAGMA table_info("{table}")').fetchall():
            yield table, column, kind


def _said(table: str, column: str, value: object) -> Iterator[str]:
    if not isinstance(value, str):
        return
    if MEETING_UID.fullmatch(value):
        return
    hidden = FOUND_BY if (table, column) == ("reminder", "key") else HIDDEN
    said = SEPARATORS.split(hidden.sub("", value))
    yield from (word for word in said if not PLAIN.fullmatch(word))
