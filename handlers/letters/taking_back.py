"""Taking back from channels what stands there about a case, when it may be read there no longer (R109; law 4D.4)."""

from __future__ import annotations

from collections.abc import Iterable

from domain.address import Address
from domain.case import Case
from handlers import enqueue
from handlers.ui.outgoing import Drop, Outgoing, TakeBack
from storage.outbox.letter import Letter
from storage.posts import Post
from storage.transaction import Reader


def word_of(letter: Letter) -> str:
    """Return the name under which a word is kept that stands beside a surface and is none itself."""
    return f"word:{letter.code}:{letter.key}"


def from_channels(reader: Reader, case: Case, *, but: Iterable[str] = ()) -> list[Letter]:
    """Return the letters that delete what stands about a case in channels, but for some surfaces."""
    kept = frozenset(but)
    return [
        enqueue.take_back(case, post.surface, post.address, reader.now)
        for post in reader.posts.of_case(case.code)
        if post.surface not in kept and _is_in_channel(post)
    ]


def _is_in_channel(post: Post) -> bool:
    return bool(post.message) and Address.parse(post.address).kind.is_shared


def take_back(reader: Reader, letter: Letter) -> Outgoing:
    """Return what deletes it, unless it has gone, or stands elsewhere now."""
    surface = str(letter.args.get("surface", ""))
    post = reader.posts.get(surface)
    if post is None or post.address != letter.address:
        return Drop("gone")
    return TakeBack(surface)
