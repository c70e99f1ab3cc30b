"""What is written down about a letter after an attempt, in one transaction with what follows from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from bot.delivery import backoff
from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.delivery.parcel import Parcel, fingerprint
from bot.delivery.reach import Reach, is_of_the_line
from bot.delivery.transport import Delivery, Halted
from bot.metrics import Metrics
from domain.address import Address
from handlers.enqueue import AT, What
from handlers.letters.outcomes import SHOWING
from handlers.letters.taking_back import TOLD_TO_MANAGERS, word_of
from handlers.ui.outgoing import CalendarFile, Elsewhere, Outgoing, Show, TakeBack, Tell
from storage.outbox.letter import Rank
from storage.outbox.outbox import Claim, Letter
from storage.posts import Post
from storage.transaction import Reader, Transaction

#: What is counted once the transaction holds: its function may run more than once before that.
Count: TypeAlias = Callable[[], None]

_logger = logging.getLogger(__name__)

_HOLD = timedelta(minutes=5)
_REVIVED_MOST = 1000


class LetterHandlers(Protocol):
    """What follows from letters: composed late, and their fate told to the case."""

    def compose(self, reader: Reader, letter: Letter, /) -> Outgoing | Elsewhere:
        """Say what the letter says now, or where else it goes."""
        ...

    def delivered(self, tx: Transaction, letter: Letter, composed: Outgoing, receipt: Receipt, /) -> None:
        """Write what follows from its arrival."""
        ...

    def undeliverable(self, tx: Transaction, letter: Letter, why: str, /) -> None:
        """Write what follows from its death."""
        ...


class Settlement:
    """Writes the outcome of an attempt; each method returns what is to be counted afterwards."""

    def __init__(self, letter_handlers: LetterHandlers, metrics: Metrics, reaches: Mapping[str, Reach]) -> None:
        self._letter_handlers = letter_handlers
        self._metrics = metrics
        self._reaches = reaches

    def outcome(self, tx: Transaction, parcel: Parcel, delivery: Delivery) -> Count:
        """Write whatever came of handing the letter over."""
        claim = parcel.claim
        match delivery:
            case Sent(receipt):
                return self.sent(tx, parcel, receipt)
            case NotSent(why, retry_after):
                return self.again(tx, claim, why, retry_after)
            case Unknown(why):
                return self.again(tx, claim, why, backoff.LOOK_AFTER, unknown=True)
            case Never(why):
                return self.dead(tx, claim, why)
            case Halted(why):
                return self._held(tx, parcel, why)

    def outcome_alone(self, tx: Transaction, parcel: Parcel, delivery: Delivery) -> Count:
        """Write the outcome without what follows from it: the last resort, so that nothing is sent twice."""
        match delivery:
            case Sent(receipt):
                return self.sent(tx, parcel, receipt, tell=False)
            case Never(why):
                return self.dead(tx, parcel.claim, why, tell=False)
            case _:
                return self.outcome(tx, parcel, delivery)

    def sent(self, tx: Transaction, parcel: Parcel, receipt: Receipt, *, tell: bool = True) -> Count:
        """The letter has arrived; where it stands is kept, so that it can be changed there."""
        letter, composed, transport = parcel.claim.letter, parcel.composed, parcel.transport
        pause = timedelta(seconds=transport.pause(letter.address))
        if not tx.outbox.sent(parcel.claim, str(receipt), tx.now + pause):
            return _nothing
        if isinstance(composed, Show):
            tx.posts.put(_post(composed, letter.address, receipt, parcel.post, tx.now))
            if parcel.post is not None and parcel.own_post is None:
                _leave(tx, letter, parcel.post)
        elif isinstance(composed, TakeBack):
            tx.posts.forget(composed.surface)
        elif _has_other_readers(letter, composed):
            # What only stands beside is kept too, so that it can be taken back.
            tx.posts.put(Post(word_of(letter), letter.address, receipt.place, receipt.message, 1, tx.now))
        if tell:
            self._letter_handlers.delivered(tx, letter, composed, receipt)
        platform, reach = transport.prefix.rstrip(":"), self._reaches[transport.prefix]
        if reach.to_be_taken_up:
            take_up_again(tx, transport.prefix)

        def count() -> None:
            reach.succeeded()
            self._metrics.sent(platform, letter.what)
            self._metrics.halted(platform, now=False)
            self._metrics.away(platform, now=False)

        return count

    def again(
        self, tx: Transaction, claim: Claim, why: str, retry_after: float | None, *, unknown: bool = False
    ) -> Count:
        """The letter is tried again, or given up."""
        letter = claim.letter
        if backoff.given_up(claim.attempts, letter.rank, claim.first_tried_at, tx.now):
            return self.dead(tx, claim, why)
        at = tx.now + backoff.wait(claim.attempts, letter.rank, letter.key, retry_after)
        # A pause that the other side asked for holds for the whole address, not for this letter alone.
        tx.outbox.again(claim, at, why, unknown=unknown, next_ready=at if retry_after else None)
        return lambda: self._metrics.again(_platform(letter.address), why)

    def waits(self, tx: Transaction, parcel: Parcel, delivery: Delivery) -> Count:
        """The platform is away as a whole: all its letters wait, however long, and no attempt is burnt."""
        claim, prefix = parcel.claim, parcel.transport.prefix
        why, unknown = delivery.why if not isinstance(delivery, Sent) else "", isinstance(delivery, Unknown)
        at = tx.now + timedelta(seconds=backoff.LOOK_AFTER) if unknown else tx.now
        tx.outbox.hold(prefix, tx.now + timedelta(seconds=self._reaches[prefix].pause), why)
        tx.outbox.put_back(claim, at, why, unknown=unknown)

        def count() -> None:
            self._metrics.again(_platform(claim.letter.address), why)
            self._metrics.away(prefix.rstrip(":"), now=True)

        return count

    def put_back(self, tx: Transaction, claim: Claim, why: str, until: datetime | None = None) -> Count:
        """The letter was not tried and waits as before, or until an instant."""
        tx.outbox.put_back(claim, tx.now if until is None else until, why)
        return lambda: self._metrics.again(_platform(claim.letter.address), why)

    def dead(self, tx: Transaction, claim: Claim, why: str, *, tell: bool = True) -> Count:
        """The letter will never arrive, and somebody is to hear of it."""
        if not tx.outbox.dead(claim, why):
            return _nothing
        if tell:
            self._letter_handlers.undeliverable(tx, claim.letter, why)

        def count() -> None:
            self._metrics.died()
            _logger.error("a letter is dead", extra={"what": claim.letter.what, "why": why})

        return count

    def elsewhere(self, tx: Transaction, parcel: Parcel, address: str, found: Delivery | None) -> Count:
        """The letter goes to another address; with none to go to it is dead.

        One that was `found` to have arrived where it no longer belongs is kept as shown there: what comes to the new
        address then takes its place. While that could not be looked for it waits.
        """
        claim = parcel.claim
        if found is not None and not isinstance(found, Sent):
            return self.outcome(tx, parcel, found)
        if found is not None:
            count = self.sent(tx, parcel, found.receipt)
        elif address:
            count = self.dropped(tx, claim, "elsewhere")
        else:
            return self.dead(tx, claim, "no_place")
        if address:
            letter = claim.letter
            tx.outbox.put(replace(letter, key=f"{letter.key}{AT}{address}", address=address, not_before=tx.now))
        return count

    def dropped(self, tx: Transaction, claim: Claim, why: str) -> Count:
        """The letter is not to be sent any more."""
        tx.outbox.dropped(claim, why)
        return lambda: self._metrics.dropped(why)

    def _held(self, tx: Transaction, parcel: Parcel, why: str) -> Count:
        """Let the whole platform wait: its token is refused, so every further attempt would be wasted."""
        prefix = parcel.transport.prefix
        tx.outbox.hold(prefix, tx.now + _HOLD, why)
        tx.outbox.put_back(parcel.claim, tx.now + _HOLD, why)

        def count() -> None:
            self._metrics.halted(prefix.rstrip(":"), now=True)
            _logger.error("a platform refuses the bot", extra={"platform": prefix, "why": why})

        return count


def take_up_again(tx: Transaction, prefix: str) -> None:
    """Let all letters of a platform go on, and revive those that died of its absence and show how something stands.

    They say what is so now; one whose surface already shows it is not sent.
    """
    tx.outbox.hold(prefix, tx.now)
    for dead in tx.outbox.dead_letters(_REVIVED_MOST):
        letter = dead.letter
        if letter.address.startswith(prefix) and letter.what in SHOWING and is_of_the_line(dead.why):
            tx.outbox.replay(dead.id)


def _leave(tx: Transaction, letter: Letter, post: Post) -> None:
    """Have deleted what a card has left behind on another platform, which could not delete it as it moved."""
    surface = word_of(letter)
    tx.posts.put(replace(post, surface=surface))
    args, key = {"code": letter.code, "surface": surface}, f"{What.TAKE_BACK}:{surface}"
    tx.outbox.put(
        Letter(key, post.address, What.TAKE_BACK, args, code=letter.code, rank=Rank.CHANGE, not_before=tx.now)
    )


def _post(show: Show, address: str, receipt: Receipt, before: Post | None, now: datetime) -> Post:
    return Post(
        surface=show.surface,
        address=address,
        place=receipt.place,
        message=receipt.message,
        version=show.version,
        shown_at=now,
        fingerprint=fingerprint(show),
        posted_at=now if show.anew or before is None else before.posted_at,
    )


def _has_other_readers(letter: Letter, composed: Outgoing) -> bool:
    """Say whether a word about a case now stands where others read than those whose case it is.

    That is in a channel, or with a manager: a case may become protected, and then neither may read it (law 4D.4).
    """
    about_case = bool(letter.code) and isinstance(composed, Tell | CalendarFile)
    to_manager = letter.what in TOLD_TO_MANAGERS and not letter.args.get("to")
    return about_case and (to_manager or Address.parse(letter.address).kind.is_shared)


def _platform(address: str) -> str:
    return address.partition(":")[0]


def _nothing() -> None:
    """Count nothing: the letter is in other hands."""
