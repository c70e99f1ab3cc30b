"""What a handler gets: everything that is kept, for the length of one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import func, select

from domain.directory import Directory
from storage.audit import Audit
from storage.calendar_feeds import CalendarFeeds, CalendarFeedsReading
from storage.calendar_tokens import TokenReading, Tokens
from storage.cases import CaseReading, Cases
from storage.directory.changes import Change
from storage.directory.keeping import DirectoryCache, DirectoryKeeping, DirectoryReading
from storage.document import CaseFormat
from storage.encryption.address_seal import AddressKeeping, AddressReading, SealedAddresses
from storage.encryption.case_keys import CaseKeys
from storage.encryption.cipher import Keyring
from storage.figures import Figures, FiguresReading
from storage.inbox import Inbox
from storage.journal import Journal, JournalReading
from storage.lapses import Lapses, LapsesReading
from storage.outbox.lanes import Lanes
from storage.outbox.outbox import Outbox, OutboxReading
from storage.people import People, PeopleReading
from storage.posts import PostReading, Posts
from storage.processes import Processes
from storage.profiles import Profiles, ProfilesReading
from storage.reminders import Reminders, RemindersReading
from storage.rewrap import Rewrap
from storage.schema.version import is_current
from storage.sql.instants import micros
from storage.sql.link import Link
from storage.sql.statement import Statement

_SERVER_TIME = Statement(select(func.clock_timestamp()))


@dataclass(frozen=True, slots=True)
class Tools:
    """What all transactions of a process share."""

    keyring: Keyring
    case_format: CaseFormat
    directory_cache: DirectoryCache = field(default_factory=DirectoryCache)
    sealed_addresses: SealedAddresses = field(default_factory=SealedAddresses)


class Reader:
    """Everything that can be read, as it stood at one moment."""

    cases: CaseReading
    journal: JournalReading
    outbox: OutboxReading
    posts: PostReading
    reminders: RemindersReading
    people: PeopleReading
    tokens: TokenReading
    feeds: CalendarFeedsReading
    lapses: LapsesReading
    profiles: ProfilesReading
    figures: FiguresReading

    def __init__(self, link: Link, tools: Tools, now: datetime) -> None:
        keys = CaseKeys(link, tools.keyring)
        addresses = AddressReading(link, tools.keyring, tools.sealed_addresses)
        self._link = link
        self.now = now
        self.cases = CaseReading(link, tools.keyring, keys, addresses, tools.case_format)
        self.journal = JournalReading(link, tools.keyring, keys, addresses)
        self.outbox = OutboxReading(link, tools.keyring, addresses, now)
        self.posts = PostReading(link, addresses)
        self.reminders = RemindersReading(link, addresses)
        self.people = PeopleReading(link, addresses)
        self.tokens = TokenReading(link, now)
        self.feeds = CalendarFeedsReading(link, addresses, now)
        self.lapses = LapsesReading(link, addresses)
        self.profiles = ProfilesReading(link)
        self.figures = FiguresReading(link, tools.keyring)
        self.audit = Audit(link, tools.keyring)
        self._directory = DirectoryReading(link, tools.keyring, addresses, tools.directory_cache)

    def server_time(self) -> datetime | None:
        """Return what the database server's clock shows; none when the database is a file of this machine."""
        if self._link.kind == "sqlite":
            return None
        found: datetime = self._link.value(_SERVER_TIME)
        return found.astimezone(UTC)

    def schema_is_current(self) -> bool:
        """Say whether the schema is the one that this program was written for."""
        return is_current(self._link)

    def kept_directory(self) -> Directory:
        """Return the directory as it stands in the database, proved or not: what an import would replace."""
        return self._directory.as_kept()

    def directory_faults(self) -> tuple[str, ...]:
        """Look at the directory's rows; return which are not what was imported: `staff:bup`, `agency:bup`, `all`."""
        return self._directory.wrong()

    @property
    def directory(self) -> Directory:
        """All agencies and staff, but for those whose rows are not what was imported.

        Raises:
            Undecipherable: nothing of it is (`directory.damaged`).
        """
        return self._directory.get()


class Transaction(Reader):
    """Everything that can be read and written, all of it or nothing.

    `now` is the instant at which the transaction began (UTC): one and the same for all that is written in it.
    """

    cases: Cases
    journal: Journal
    outbox: Outbox
    posts: Posts
    reminders: Reminders
    people: People
    tokens: Tokens
    feeds: CalendarFeeds
    lapses: Lapses
    profiles: Profiles
    figures: Figures

    def __init__(self, link: Link, tools: Tools, now: datetime) -> None:
        keyring = tools.keyring
        keys = CaseKeys(link, keyring)
        addresses = AddressKeeping(link, keyring, tools.sealed_addresses)
        self._link = link
        self.now = now
        self._lanes = Lanes(link, micros(now))
        self.journal = Journal(link, keyring, keys, addresses, now)
        self.cases = Cases(link, keyring, keys, addresses, tools.case_format, self.journal)
        self.inbox = Inbox(link, keyring, now)
        self.outbox = Outbox(link, keyring, addresses, now, self._lanes)
        self.posts = Posts(link, addresses)
        self.reminders = Reminders(link, addresses)
        self.people = People(link, addresses)
        self.tokens = Tokens(link, now)
        self.feeds = CalendarFeeds(link, addresses, now)
        self.lapses = Lapses(link, addresses)
        self.profiles = Profiles(link)
        self.figures = Figures(link, keyring)
        self.audit = Audit(link, keyring)
        self.rewrap = Rewrap(link, keyring, addresses)
        self.processes = Processes(link, now)
        self._directory: DirectoryKeeping = DirectoryKeeping(
            link, keyring, addresses, tools.directory_cache, self.journal
        )

    def replace_directory(self, directory: Directory, actor: str = "") -> tuple[Change, ...]:
        """Keep another directory in place of this one, and return what is different."""
        return self._directory.replace(directory, actor)

    def set_away(self, who: str, until: datetime | None) -> bool:
        """Keep until when a member of staff is away, none for who is back; and say whether it was otherwise before."""
        return self._directory.set_away(who, until)

    def require_whole_directory(self) -> None:
        """Make sure that the directory is what was imported, all of it, before it is written anew from what is known.

        Raises:
            Undecipherable: it is not (`directory.damaged`).
        """
        self._directory.require_whole()

    def prove_directory(self) -> None:
        """Prove each row of a directory that was sealed before rows had proofs."""
        self._directory.prove_rows()

    def seal_directory(self) -> None:
        """Seal the directory anew with the newest key."""
        self._directory.seal()

    def shred(self, code: str) -> None:
        """Erase all that is held on a case but its journal, whose secrets cannot be read any more (law 4D.5).

        The figures go on counting it: they are sums that tell of no case.

        Raises:
            NotFound: there is no such case (`case.unknown`).
        """
        self.cases.shred(code)
        self.posts.erase(code)
        self.reminders.erase(code)
        self.outbox.erase(code)
        self.tokens.erase(code)
        self.feeds.erase(code)
        self.lapses.erase(code)

    def flush(self) -> None:
        """Write what waits for the end of the transaction. The database does this before it commits."""
        self.journal.flush()
        self._lanes.flush()
        self.figures.flush()
