"""The word to the administrators that something did not go out as it should: how much of which kind, and no case.

Which cases it is about is told on the server alone (`sipbot doctor`): who administers the bot need not know of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from domain.address import Address, Kind, mailbox
from domain.directory import Staff
from domain.lapse import Lapse, LapseKind
from handlers.enqueue import What
from handlers.ui.cards import Card, Section
from handlers.ui.outgoing import Drop, Outgoing, PlainMail, Tell
from handlers.view import View
from storage.errors import Undecipherable
from storage.outbox.letter import Letter, Rank
from storage.transaction import Reader, Transaction


def administrators(reader: Reader) -> list[Staff]:
    """Return who is told of what is wrong with the bot itself; nobody while nothing of the directory is believed."""
    try:
        return [staff for staff in reader.directory.staff.values() if staff.admin]
    except Undecipherable:
        return []


def alarms(tx: Transaction, new: Sequence[Lapse], away: Iterable[str]) -> Iterator[Letter]:
    """Yield one word to each administrator about what they have not been told yet.

    It goes by mail to those whose address begins like one of `away`: nothing arrives there now.
    """
    away = tuple(away)
    for who in administrators(tx):
        address = tx.directory.address_of(who)
        yield _alarm(who, address if not address.startswith(away) or not who.email else _mail(who), new, tx)


def by_mail(tx: Transaction, letter: Letter) -> Letter | None:
    """Return the same word by mail, when chat did not take it; None when it was a mail, or no mailbox is known."""
    who = tx.directory.by_identity(Address.parse(letter.address).identity)
    if who is None or not who.email:
        return None
    return Letter(f"{letter.key}:mail", _mail(who), What.ALARM, letter.args, rank=Rank.CHANGE, not_before=tx.now)


def compose(view: View, reader: Reader, letter: Letter) -> Outgoing:
    """Return the word, while any of it is still so."""
    told = letter.args.get("found")
    keys = frozenset(told if isinstance(told, list) else ())
    counts = Counter(kept.lapse.kind for kept in reader.lapses.open() if kept.lapse.key in keys)
    if not counts:
        return Drop("over")
    words = view.words
    lines = [words(f"lapse.{kind.value}", count=counts[kind]) for kind in LapseKind if counts[kind]]
    title, text = words("alarm.title"), words("alarm.text")
    if set(counts) == {LapseKind.LEFT}:
        title, text = words("alarm.left.title"), words("alarm.left.text")
    if Address.parse(letter.address).kind is Kind.MAILBOX:
        return PlainMail(title, "\n\n".join((text, *lines)) + "\n")
    return Tell(Card(title, f"{title}. {text}", (Section(text=text), *(Section(text=line) for line in lines))))


def _alarm(who: Staff, address: str, new: Sequence[Lapse], tx: Transaction) -> Letter:
    found = [lapse.key for lapse in new]
    key = f"alarm:{who.id}:{tx.now.isoformat()}"
    return Letter(key, address, What.ALARM, {"found": found}, rank=Rank.CHANGE, not_before=tx.now)


def _mail(who: Staff) -> str:
    return str(mailbox(who.email))
