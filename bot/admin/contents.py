"""What `doctor` finds inside the database: cases, directory, letters, and what the auditor found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from bot.clock import SystemClock
from bot.findings import Line, fail, in_english, note, ok
from bot.kept_profiles import Kept, changed_in, changed_in_a_sentence, in_a_sentence, in_use, unknown_in
from bot.profile_file import BadProfile, read_others, read_profile
from bot.settings import Settings
from bot.time_guard import TOLERANCE, in_words
from domain.address import lies_within
from domain.directory import Directory
from domain.errors import SipError
from domain.lapse import LapseKind
from storage.audit import Break, Fault, Walk
from storage.encryption.cipher import Keyring
from storage.engine.database import Database, open_database
from storage.lapses import KeptLapse
from storage.transaction import Reader

NO_AGENCIES = "no agencies; fill in directory.toml and run `sipbot directory import directory.toml`"


def look_into(settings: Settings, shown: str) -> list[Line]:
    """Look into the database: what waits, who is in the directory, and whether the keys are the right ones."""
    database = open_database(settings.sipbot_database_url, Keyring(settings.keys), SystemClock())
    try:
        faults = database.read(lambda reader: reader.directory_faults()).result(10)
        directory = Directory() if "all" in faults else database.read(lambda reader: reader.directory).result(10)
        counts = database.read(lambda reader: reader.outbox.counts()).result(10)
        wrong_cases = _not_as_saved(database)
        proved = not wrong_cases and database.read(_proved_and_readable).result(10)
        kept = {} if wrong_cases else in_use(database)
        newest = database.read(lambda reader: reader.journal.newest()).result(10)
        lapses = database.read(lambda reader: reader.lapses.open()).result(10)
        hindered = _cannot_be_written(database)
    except SipError as wrong:
        said = in_english(wrong)
        return [fail("database", f"{shown}: {said} Are SIPBOT_SECRET_KEYS the right ones?")]
    finally:
        database.close()
    if hindered:
        return [fail("database", f"{shown}: {hindered}")]
    if "all" in faults and not (wrong_cases or proved):
        # Neither the directory nor the journal's beginning: it is the keys, and nobody has written anything.
        lacking = "what stands there was written under a key that is not in SIPBOT_SECRET_KEYS; put that one back"
        return [fail("database", f"{shown}: {lacking}, after the others with a comma between")]
    letters = f"{counts.waiting + counts.taken} letters wait, {counts.dead} are dead"
    found = [ok("database", f"{shown}: at the newest schema; {letters}")]
    behind = newest - datetime.now(UTC) if newest is not None else -TOLERANCE
    if behind > TOLERANCE:
        words = f"it is {in_words(-behind)} the journal's newest row; nothing falls due until it is right"
        found.append(fail("clock", words))
    if wrong_cases:
        named = ", ".join(link.code for link in wrong_cases[:5])
        found.append(fail("cases", f"not as they were saved last, so nobody can open them: {named}"))
    elif not proved:
        found.append(note("journal", "its first row was written under a key that is not in SIPBOT_SECRET_KEYS"))
    found += _profiles(settings, kept)
    found += _in_directory(settings, directory, faults)
    found += _lapses(lapses)
    return found


def _in_directory(settings: Settings, directory: Directory, faults: Sequence[str]) -> Iterator[Line]:
    """Yield what the directory says and lacks; `faults` are its rows that are not what was imported."""
    if faults:
        words = f"not as it was imported, so not trusted: {', '.join(faults)}"
        yield fail("directory", f"{words}; who wrote it? Run `sipbot directory import FILE` again")
    if "all" in faults:
        return
    if not directory.agencies:
        yield fail("directory", NO_AGENCIES)
        return
    yield ok("directory", f"{len(directory.agencies)} agencies, {len(directory.staff)} staff")
    lost = [agency.id for agency in directory.agencies.values() if not directory.address_of_agency(agency.id)]
    if lost:
        yield note("directory", f"without a channel, so never summoned in chat: {', '.join(lost)}")
    if not any(staff.coordinator for staff in directory.staff.values()):
        yield fail("directory", "nobody has coordinator = true, so nobody can open a case")
    if not any(staff.admin for staff in directory.staff.values()):
        yield note("directory", "nobody has admin = true, so nobody is told when something does not go out")
    mailboxes = [one.email for one in directory.staff.values()] + [one.email for one in directory.agencies.values()]
    domains = settings.sipbot_mail_domains
    outside = {email for email in mailboxes if email and domains and not lies_within(email, domains)}
    if outside:
        yield note("mail", f"nothing is mailed to {len(outside)} mailboxes outside SIPBOT_MAIL_DOMAINS")


def _profiles(settings: Settings, kept: Mapping[Kept, int]) -> Iterator[Line]:
    """Yield by which rules open cases cannot run, and where they run by others than they were opened by (R208)."""
    try:
        today = read_profile(settings.sipbot_profile)
        known = {**read_others(settings.sipbot_other_profiles), today.name: today}
    except BadProfile:
        return  # said before, where the settings are looked at
    if unknown := unknown_in(kept, known):
        yield fail("profile", in_a_sentence(unknown))
    for name, count in sorted(changed_in(kept, known.values()).items()):
        yield note("profile", changed_in_a_sentence(name, count))


# What is wrong with each kind, and what mends it.
_MENDS = {
    LapseKind.OVERDUE: "reminders are late and go out at the next tick; if they stay here, restart `sipbot serve`",
    LapseKind.UNSENT: "notices were never written; ask whoever answers for the case to tell them",
    LapseKind.WAITING: "letters wait longer than they may; see that `sipbot serve` runs, and restart it",
    LapseKind.DOUBLED: "letters went out more than once, by a fault of the bot; report it, nobody need do more",
    LapseKind.REFUSED: "cases are not as saved last, or unreadable; keep the file as evidence, restore a backup",
    LapseKind.DIRECTORY: "rows of the directory are not as imported, so not trusted; `sipbot directory import` again",
    LapseKind.DAMAGED: "messages are not kept as they were written, so not taken back; run `sipbot damaged-posts`",
    LapseKind.UNDRAWN: "cases cannot be shown, others are; the log says where under the reference; report that",
    LapseKind.LEFT: "people without an account were removed from the directory; remove them from its file too",
    LapseKind.AWAY: "a chat or mail server takes nothing; see its own line here",
}
_NAMED = 5


def _lapses(open_now: Sequence[KeptLapse]) -> Iterator[Line]:
    """Yield what the auditor of `sipbot serve` found when it looked last, by kind."""
    for kind in LapseKind:
        of_kind = [kept.lapse for kept in open_now if kept.lapse.kind is kind]
        if of_kind:
            named = ", ".join(f"{lapse.code} {lapse.subject}".strip() for lapse in of_kind[:_NAMED])
            more = f" and {len(of_kind) - _NAMED} more" if len(of_kind) > _NAMED else ""
            yield fail("auditor", f"{_MENDS[kind]}: {named}{more}")


def _cannot_be_written(database: Database) -> str:
    """Write a row that means nothing; say why it was not kept, or "" when it was."""
    try:
        database.try_to_write().result(10)
    except (SipError, TimeoutError):
        why = database.fault or "no answer"
        return f"it can be read, but not written ({why}); see that there is room, and that it is no standby"
    return ""


def _not_as_saved(database: Database) -> list[Break]:
    """Return the cases whose document is not the one that was saved last, as far as the keys can tell."""
    found: list[Break] = []
    code: str | None = ""
    while code is not None:
        more, code = database.read(partial(_documents, code)).result(60)
        found += (link for link in more if link.fault is Fault.ROLLED_BACK)
    return found


def _documents(after: str, reader: Reader) -> tuple[list[Break], str | None]:
    return reader.audit.rolled_back(after)


def _proved_and_readable(reader: Reader) -> bool:
    """Say whether the key of the journal's first row is known; raises when a case cannot be read with the keys."""
    for code in reader.cases.open_codes("", 1):
        reader.cases.get(code)
    walk = Walk()
    reader.audit.go_on(walk, 1)
    return all(link.fault is not Fault.KEY_UNKNOWN for link in walk.breaks)
