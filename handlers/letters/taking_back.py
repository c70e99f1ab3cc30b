"""Taking back from channels what stands there about a case, when it may be read there no longer (R109; law 4D.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.address import Address
from domain.case import Case
from domain.directory import Directory
from domain.lapse import Lapse, LapseKind
from domain.responsibility import may_see
from handlers import enqueue
from handlers.enqueue import What
from handlers.letters import alarm
from handlers.save import put_letters
from handlers.ui.outgoing import Drop, Outgoing, TakeBack
from storage.outbox.letter import Letter, Rank
from storage.transaction import Reader, Transaction

_WORD: Final = "word:"

#: Words that managers are told, unless somebody is named in them whom they are for.
TOLD_TO_MANAGERS: Final = frozenset({What.NOTE, What.DEVIATION_ANSWER})


def word_of(letter: Letter) -> str:
    """Return the name under which a word is kept that stands beside a surface and is none itself."""
    return f"{_WORD}{letter.code}:{letter.key}"


def from_channels(reader: Reader, case: Case, *, but: Iterable[str] = ()) -> list[Letter]:
    """Return the letters that delete what stands about a case where others read than those it names, but for some.

    That is in channels, and with managers and whoever else may not see it.
    """
    kept = frozenset(but)
    return [
        enqueue.take_back(case, post.surface, post.address, reader.now)
        for post in reader.posts.of_case(case.code)
        if post.surface not in kept and post.message and not is_named_place(case, post.address, reader.directory)
    ]


def tell_of_damaged(tx: Transaction, case: Case) -> int:
    """Have the administrators told of messages whose place is not known for certain, and return how many there are.

    They cannot be taken back, and keep no other from being so: the sooner somebody looks for them, the better.
    """
    damaged = [Lapse(LapseKind.DAMAGED, case.code, post.mark) for post in tx.posts.damaged_of(case.code)]
    new = tx.lapses.note(damaged, tx.now, ())
    if new:
        put_letters(tx, alarm.alarms(tx, new, ()))
    return len(damaged)


def of_expiry(reader: Reader, before: Case, after: Case, agency: str) -> list[Letter]:
    """Return the letter that deletes the word to an agency that the consent has run out, once it holds again (R64)."""
    meeting = before.coming_meeting
    if meeting is None:
        return []
    surface = word_of(enqueue.expired(before, meeting, agency, reader.directory, reader.now))
    post = reader.posts.get(surface)
    return [] if post is None else [enqueue.take_back(after, surface, post.address, reader.now, rank=Rank.CHANGE)]


def of_narrowing(reader: Reader, after: Case, agency: str) -> list[Letter]:
    """Return the letters that delete the words to an agency that the consent covers no longer (R62).

    They name who answers for the plan, or say when and where one meets. What shows how something stands is drawn anew.
    """
    if agency not in reader.directory.agencies:
        return []  # What stood in its channel was taken back as the agency went.
    channel, manager = reader.directory.address_of_agency(agency), reader.directory.address_of_manager(agency)
    return [
        enqueue.take_back(after, post.surface, post.address, reader.now, rank=Rank.CHANGE)
        for post in reader.posts.of_case(after.code)
        if post.surface.startswith(_WORD)
        and (post.address == channel or (post.address == manager and f":{agency}:" in post.surface))
    ]


def is_named_place(case: Case, address: str, directory: Directory) -> bool:
    """Say whether an address is that of one person who may see the case as it is now."""
    person = directory.by_identity(Address.parse(address).identity)
    return person is not None and may_see(case, person, directory)


def take_back(reader: Reader, letter: Letter) -> Outgoing:
    """Return what deletes it, unless it has gone, or stands elsewhere now."""
    surface = str(letter.args.get("surface", ""))
    post = reader.posts.get(surface)
    if post is None or post.address != letter.address:
        return Drop("gone")
    return TakeBack(surface)
