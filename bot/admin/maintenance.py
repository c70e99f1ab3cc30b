"""What the operator does from the command line with the database: verify, rotate, erase, copy, restore."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from bot.admin.database import WAIT, code_of, opened_existing, require_file
from bot.admin.erasure import REMAINS, erase
from bot.admin.set_back import Restored, follow_up
from bot.clock import SystemClock
from bot.findings import in_english
from bot.settings import Settings
from domain.errors import Invalid, NotFound, SipError
from storage.audit import Anchor, Break, Walk
from storage.backup import backup
from storage.engine.database import Database, kind_of
from storage.outbox.outbox import DeadLetter
from storage.restoring import require_alone, restore
from storage.rotation import rotate
from storage.transaction import Reader, Transaction


class BrokenJournal(ValueError):
    """A backup's journal is not whole, and which link is the first that is broken."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the journal found: the first broken link, or how much there is and its anchor."""

    broken: str
    rows: int
    chains: int
    anchor: str


def verify_journal(settings: Settings, anchors: Path | None = None) -> Verdict:
    """Walk all chains of the journal, look for cases that are gone or set back, and compare with anchors in a file.

    Today's anchor is added to the file when all is whole.
    """
    database = opened_existing(settings)
    walk = Walk()
    try:
        while not walk.done and not walk.breaks:
            database.read(lambda reader: reader.audit.go_on(walk)).result(WAIT)
        gone = database.read(lambda reader: list(reader.audit.gone())).result(WAIT)
        gone += _rolled_back(database)
        past = [] if anchors is None else _moved(database, anchors)
        anchor = database.read(lambda reader: reader.audit.anchor(reader.now)).result(WAIT)
    finally:
        database.close()
    found = [_in_words(link) for link in [*walk.breaks, *gone]] + past
    verdict = Verdict(found[0] if found else "", walk.rows, anchor.chains, str(anchor))
    if anchors is not None and not found:
        with anchors.open("a", encoding="utf-8") as file:
            file.write(f"{verdict.anchor}\n")
    return verdict


def _rolled_back(database: Database) -> list[Break]:
    found: list[Break] = []
    code: str | None = ""
    while code is not None:
        more, code = database.read(partial(_documents, code)).result(WAIT)
        found += more
    return found


def _documents(after: str, reader: Reader) -> tuple[list[Break], str | None]:
    return reader.audit.rolled_back(after)


_COMPARED = 12  # anchors of the file: the first, and the newest


def _moved(database: Database, anchors: Path) -> list[str]:
    """Compare with anchors that were kept elsewhere; return what is no longer as it was."""
    lines = anchors.read_text(encoding="utf-8").splitlines() if anchors.exists() else []
    told = []
    for line in dict.fromkeys([*lines[:1], *lines[1:][1 - _COMPARED :]]):
        _, _, instant = line.partition(" at ")
        try:
            until = datetime.fromisoformat(instant)
        except ValueError as wrong:
            raise LookupError(f"{anchors}: {line[:20]!r} is no anchor") from wrong
        now = database.read(partial(_anchor, until)).result(WAIT)
        if str(now) != line:
            told.append(f"what was written until {instant} is no longer what it was then")
    return told


def _anchor(until: datetime, reader: Reader) -> Anchor:
    return reader.audit.anchor(until)


def dead_letters(settings: Settings, *, replay: bool) -> list[str]:
    """Return one line for each letter that could not be delivered; with `replay` they are tried again."""
    database = opened_existing(settings)
    try:
        if not replay:
            found = database.read(lambda reader: reader.outbox.dead_letters(_LETTERS_AT_ONCE)).result(WAIT)
            more = ["There may be more: these are the newest."] if len(found) == _LETTERS_AT_ONCE else []
            return [*map(_dead_line, found), *more]
        lines: list[str] = []
        while some := database.write(_replayed).result(WAIT):
            lines += map(_dead_line, some)
        return lines
    finally:
        database.close()


def _replayed(tx: Transaction) -> tuple[DeadLetter, ...]:
    found = tx.outbox.dead_letters(_LETTERS_AT_ONCE)
    for dead in found:
        tx.outbox.replay(dead.id)
    return found


def _dead_line(dead: DeadLetter) -> str:
    return (
        f"{dead.id}  {dead.letter.code or '-'}  {dead.letter.what}  by {dead.letter.address.partition(':')[0]}  "
        f"{dead.attempts} tries  {dead.why}  {dead.died_at:%Y-%m-%d %H:%M} UTC"
    )


_LETTERS_AT_ONCE = 500


def erase_case(settings: Settings, text: str, decision: str, admins: list[str]) -> str:
    """Erase a case; return what remains.

    Raises:
        LookupError: no such case, or a code that was mistyped.
        NotErased: not two administrators, or no reference.
    """
    code = code_of(text)
    database = opened_existing(settings)
    try:
        database.write(lambda tx: erase(tx, code, decision, admins)).result(WAIT)
    except NotFound as missing:
        raise LookupError(f"there is no case {code}") from missing
    finally:
        database.close()
    return f"{code} is erased. {REMAINS}"


def restore_backup(settings: Settings, source: Path, *, although_broken: bool = False) -> Restored:
    """Put a backup in the database's place once the keys have proved it, have chat follow, and say what else follows.

    Raises:
        BrokenJournal: its journal is not whole, and that is not accepted; nothing was changed.
    """
    proofs: list[Verdict] = []

    def check(url: str) -> None:
        of_the_copy = settings.model_copy(update={"sipbot_database_url": url})
        proofs.append(_proven(of_the_copy, although_broken=although_broken))

    kept = restore(settings.sipbot_database_url, source, SystemClock().now(), check)
    told = [f"Restored from {source}."] + ([f"What was there before is kept as {kept}."] if kept else [])
    follows = (
        "What was done since the backup is gone here, but stands in mailboxes and calendars. Letters that waited when "
        "the backup was made go out when the bot starts, but for those that are known to have been sent since."
    )
    return _told(proofs[0], [*told, follows], _followed(settings, f"sqlite:///{kept}" if kept else ""))


def restored(settings: Settings, before: str, *, although_broken: bool = False) -> Restored:
    """Check a database that PostgreSQL's own program has put back, have chat follow, and say what else follows.

    `before` is the name of the one that was replaced, on the same server; "" when it is gone.

    Raises:
        BrokenJournal: its journal is not whole, and that is not accepted; nothing was changed.
        Invalid: the database is an SQLite file, which `restore` puts back itself (`restore.use_restore`).
        Unavailable: somebody has it open (`restore.in_use`).
    """
    url = settings.sipbot_database_url
    if kind_of(url) == "sqlite":
        raise Invalid("restore.use_restore")
    require_alone(url)
    verdict = _proven(settings, although_broken=although_broken)
    replaced = make_url(url).set(database=before).render_as_string(hide_password=False) if before else ""
    return _told(verdict, [], _followed(settings, replaced))


def _followed(settings: Settings, before_url: str) -> Restored:
    """Do what follows; that it cannot be done is left to the operator: the database is in place."""
    try:
        return follow_up(settings, before_url)
    except SipError as wrong:
        return Restored((), (f"Chat was not made to follow, and nobody was told: {in_english(wrong)}",))


def _proven(settings: Settings, *, although_broken: bool) -> Verdict:
    verdict = verify_journal(settings)
    if verdict.broken and not although_broken:
        raise BrokenJournal(verdict.broken)
    return verdict


def _told(verdict: Verdict, first: list[str], after: Restored) -> Restored:
    if not verdict.broken:
        return Restored((*first, f"The journal is whole: {verdict.rows} rows.", *after.told), after.to_do)
    broken = f"The journal is broken: {verdict.broken}; find out who wrote the database"
    return Restored((*first, *after.told), (*after.to_do, broken))


def _in_words(found: Break) -> str:
    where = found.code or "the system's own chain"
    return f"{where}, row {found.seq}: {found.fault.value.replace('_', ' ')}"


def rotate_keys(settings: Settings) -> str:
    """Wrap everything with the first key; return what was done in words."""
    database = opened_existing(settings)
    try:
        rotated = rotate(database)
        done = f"Wrapped anew: the keys of {rotated.case_keys} cases, and {rotated.letters} letters that wait.\n"
        if len(settings.keys) == 1:
            return (
                f"{done}There is only one key. To change it, put a fresh one of `sipbot keys new` before it:\n"
                "  SIPBOT_SECRET_KEYS=new,old\n"
                "Restart the bot, and run this again."
            )
        return (
            f"{done}Buttons that stand in chat from before need the older key. When they are of no use any more:\n"
            "  SIPBOT_SECRET_KEYS=new,verify:old\n"
            "Then the old key proves the journal's older rows and opens nothing."
        )
    finally:
        database.close()


def back_up(settings: Settings, target: Path) -> str:
    """Copy the database and check the copy; return where it is."""
    require_file(settings.sipbot_database_url)
    return f"Copied and checked: {backup(settings.sipbot_database_url, target)}"
