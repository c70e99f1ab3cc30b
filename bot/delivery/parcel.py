"""A letter on its way: what was claimed and composed, and the post that already shows it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from bot.delivery.transport import Transport
from handlers.ui.outgoing import CalendarFile, Outgoing, Show, TakeBack, Tell
from storage.outbox.outbox import Claim
from storage.posts import Post


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed letter on its way, with what was composed and the post it belongs to."""

    claim: Claim
    transport: Transport
    composed: Outgoing
    post: Post | None

    @property
    def own_post(self) -> Post | None:
        """The post, where it stands on the platform that the letter goes to: no other can change what stands there."""
        return self.post if self.post is not None and self.post.address.startswith(self.transport.prefix) else None

    @property
    def shown_already(self) -> Literal["", "newer", "same"]:
        """Say whether the surface shows this version or a `newer` one, or the `same` content; else nothing."""
        composed, post = self.composed, self.post
        if not isinstance(composed, Show) or composed.anew or post is None:
            return ""
        if post.address != self.claim.letter.address:
            return ""
        if post.version >= composed.version:
            return "newer"
        return "same" if post.fingerprint == fingerprint(composed) else ""


def surface_of(composed: Outgoing) -> str:
    """Return the surface that a letter belongs to; "" for one that stands alone."""
    match composed:
        case Show(surface=surface) | TakeBack(surface=surface):
            return surface
        case Tell(beside=beside) | CalendarFile(beside=beside):
            return beside
        case _:
            return ""


def fingerprint(show: Show) -> str:
    """Return what a card looks like in a few characters: the same fingerprint, the same content."""
    return hashlib.sha256(repr(show.card).encode()).hexdigest()[:32]
