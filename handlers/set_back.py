"""After a backup was put in place: what stands in chat is of later, and what was done since is not held any more.

Where messages stand is so whatever database says it, and is taken from the one that was replaced: otherwise lists would
stand there for good, and be posted a second time. Then all are drawn as things are held to be now.
"""

from __future__ import annotations

from collections.abc import Iterable

from handlers import enqueue
from handlers.redraw import redraw
from handlers.save import put_letters
from storage.posts import Post
from storage.transaction import Transaction


def set_back(tx: Transaction, standing: Iterable[Post], gone_on: Iterable[str], *, sent: Iterable[str] = ()) -> None:
    """Have what stands in chat changed in place, and tell of each case that had gone on, to whoever is responsible.

    `standing` are the messages of the database that was replaced, `sent` the keys of letters that wait here and had
    been sent there, `gone_on` the codes of cases in which it holds more.
    """
    tx.outbox.sent_before(sent)
    known = {post.surface: post for post in standing if _is_held(tx, post)}
    for post in known.values():
        tx.posts.put(post)
    occasion = f"set back:{tx.now.isoformat()}"
    for platform in sorted({post.address.partition(":")[0] for post in known.values()}):
        redraw(tx, platform, occasion)
    for code in gone_on:
        case = tx.cases.find(code)
        if case is not None:
            put_letters(
                tx, [enqueue.note_once(case, case.responsible, "note.set_back", tx.directory, tx.now, occasion, {})]
            )


def _is_held(tx: Transaction, post: Post) -> bool:
    """Say whether what a message is about is held: a list of reminders, or a case."""
    kind, _, rest = post.surface.partition(":")
    return kind == enqueue.What.REMINDERS or tx.cases.exists(rest.partition(":")[0])
