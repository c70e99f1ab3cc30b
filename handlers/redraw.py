"""Drawing everything anew: for a platform on which the bot begins from nothing, and no longer knows its own messages.

Each message is changed where it stands, so nobody is called anew; what is answered under it is understood again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.case import Case
from handlers import enqueue, notices
from handlers.enqueue import What
from handlers.save import put_letters
from storage.outbox.letter import Letter
from storage.posts import DamagedPost, Post
from storage.transaction import Transaction

# Surfaces that are for one person in a role of theirs.
_OF_ONE: Final = frozenset({"role", "sheet"})


def redraw(tx: Transaction, platform: str, occasion: str) -> int:
    """Have all that stands on a platform drawn once more, and return how many messages; once for each occasion."""
    posts = tx.posts.at(f"{platform}:")
    letters = [letter for post in posts for letter in _letters(tx, post)]
    for post in posts:
        # Of an older version than any case, with nothing in it: whatever is drawn next is news. The version of a list
        # of reminders says which of them stand there, and stays.
        version = post.version if post.surface.startswith(f"{What.REMINDERS}:") else -1
        tx.posts.put(replace(post, version=version, fingerprint=""))
    put_letters(tx, [replace(letter, key=f"{letter.key}:{occasion}") for letter in letters])
    return len(letters)


def drawn_anew(tx: Transaction, damaged: DamagedPost, occasion: str) -> list[Letter]:
    """Return what posts anew what stood in a row that is not what was written and has been forgotten, if that is known.

    What cannot be drawn is a word that was said once: it stands where it stands.
    """
    if not damaged.surface or not damaged.address:
        return []
    post = Post(damaged.surface, damaged.address, "", "", -1, tx.now)
    return [replace(letter, key=f"{letter.key}:{occasion}") for letter in _letters(tx, post) if letter.address]


def move(tx: Transaction, address: str, occasion: str, *, left: bool = False) -> None:
    """Have what stands at an address drawn where it belongs now, and the rest taken back: it has another reader.

    `left`: whoever was written to there has no part any more. What says who took over their boards stays.
    """
    for post in tx.posts.standing_at(address):
        kind, _, rest = post.surface.partition(":")
        case = tx.cases.find(rest.partition(":")[0])
        if not post.message or case is None or (left and kind == What.BOARD):
            continue
        drawn = [] if left and kind in _OF_ONE else [one for one in _letters(tx, post) if one.what != What.NOTE]
        drawn = [letter for letter in drawn if letter.address]
        if any(letter.address == address for letter in drawn):
            continue
        put_letters(tx, [replace(letter, key=f"{letter.key}:{occasion}") for letter in drawn])
        # It may not be taken there; here it goes away all the same.
        put_letters(tx, [enqueue.take_back(case, post.surface, address, tx.now)])


def _letters(tx: Transaction, post: Post) -> Iterator[Letter]:
    """Yield the letter that draws what a surface shows, unless its case is gone."""
    kind, _, rest = post.surface.partition(":")
    if kind == What.REMINDERS:
        yield enqueue.reminders(post.address, "redrawn", tx.now, anew=False)
        return
    code, _, parts = rest.partition(":")
    case = tx.cases.find(code)
    if case is not None:
        yield from _of_case(tx, case, kind, parts)


def _of_case(tx: Transaction, case: Case, kind: str, parts: str) -> Iterator[Letter]:
    number, _, whose = parts.partition(":")
    match kind:
        case What.BOARD:
            yield enqueue.board(case, tx.directory, tx.now)
        case What.SUMMONS:
            meetings = (meeting for meeting in case.meetings if str(meeting.number) == number)
            yield from (enqueue.summons(case, meeting, whose, tx.directory, tx.now) for meeting in meetings)
        case "deviation":
            found = (deviation for deviation in case.deviations if str(deviation.number) == number)
            yield from (notices.deviation(case, deviation, tx.directory, tx.now) for deviation in found)
        case "sheet":
            meetings = (meeting for meeting in case.meetings if str(meeting.number) == number)
            yield from (notices.run_sheet(case, meeting, whose, tx.directory, tx.now) for meeting in meetings)
        case "role":
            meetings = (meeting for meeting in case.meetings if str(meeting.number) == number)
            who = whose.partition("|")[0]  # behind it, who stood in
            yield from (enqueue.role(case, meeting, who, tx.directory, tx.now) for meeting in meetings)
        case "plan":
            yield enqueue.plan_notice(case, int(number), whose, tx.directory, tx.now)
        case What.ENDING:
            yield enqueue.ending(case, parts, tx.directory, tx.now, urgent=False)
