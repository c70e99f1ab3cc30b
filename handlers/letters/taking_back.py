"""Taking back from channels what stands there about a case, when it may be read there no longer (R109; law 4D.4)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.address import Address
from domain.case import Case
from domain.directory import Directory
from domain.responsibility import may_see
from handlers import enqueue
from handlers.ui.outgoing import Drop, Outgoing, TakeBack
from storage.outbox.letter import Letter
from storage.transaction import Reader


def word_of(letter: Letter) -> str:
    """Return the name under which a word is kept that stands beside a surface and is none itself."""
    return f"word:{letter.code}:{letter.key}"


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
