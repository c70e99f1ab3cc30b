"""After a backup was put in place: what stands in chat is of later, and what was done since is not held any more.

Where messages stand is so whatever database says it, and is taken from the one that was replaced: otherwise lists would
stand there for good, and be posted a second time. Then all are drawn as things are held to be now.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.steps.set_back import above_calendars
from handlers import enqueue
from handlers.redraw import redraw
from handlers.save import Entry, save
from handlers.services import Services
from storage.posts import Post
from storage.transaction import Transaction


def take_over(tx: Transaction, standing: Iterable[Post], *, sent: Iterable[str] = ()) -> None:
    """Have what stands in chat changed in place.

    `standing` are the messages of the database that was replaced, `sent` the keys of letters that wait here and had
    been sent there.
    """
    tx.outbox.sent_before(sent)
    known = {post.surface: post for post in standing if _is_held(tx, post)}
    for post in known.values():
        tx.posts.put(post)
    for platform in sorted({post.address.partition(":")[0] for post in tx.posts.at("")}):
        redraw(tx, platform, _occasion(tx))


def went_on(services: Services, tx: Transaction, codes: Iterable[str], actor: str) -> None:
    """Tell of each case that had gone on since the copy, or may have, to whoever is responsible; once each.

    What is sent of its meetings from now on is newer to every calendar than what was sent before.
    """
    for code in codes:
        case = tx.cases.find(code)
        if case is None:
            continue
        note = enqueue.note_once(case, case.responsible, "note.set_back", tx.directory, tx.now, _occasion(tx), {})
        save(services, tx, case, above_calendars(case), [Entry("case.set_back", actor)], [note])


def _occasion(tx: Transaction) -> str:
    return f"set back:{tx.now.isoformat()}"


def _is_held(tx: Transaction, post: Post) -> bool:
    """Say whether what a message is about is held: a list of reminders, or a case."""
    kind, _, rest = post.surface.partition(":")
    return kind == enqueue.What.REMINDERS or tx.cases.exists(rest.partition(":")[0])
