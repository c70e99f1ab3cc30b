"""The tables. All instants are whole microseconds since 1970 in UTC, all yes and no are 1 and 0.

Plain columns hold codes, agencies, staff, places in chat and times: what must be found by query, and nothing
about the person (law 4D). What is about the person, and what was decided and why, stands encrypted in
`case_.document`, `journal.secret` and `outbox.args`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

# Codes, keys and addresses sort by bytes, whatever language the database server speaks.
_Word = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts upwards only in an INTEGER PRIMARY KEY


def _word(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, _Word, primary_key=key, nullable=False)


def _whole(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _yes_no(name: str) -> Column[int]:
    return Column(name, SmallInteger, nullable=False)


def _bytes(name: str, *, key: bool = False, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=key, nullable=null)


def _of_case(*, key: bool = True) -> Column[str]:
    return Column("code", _Word, ForeignKey("case_.code"), primary_key=key, nullable=False)


case_ = Table(
    "case_",
    metadata,
    _word("code", key=True),
    _whole("version"),
    _word("state"),
    _word("step"),
    _word("owner"),
    _whole("urgent_at"),
    _yes_no("open"),
    _yes_no("protected"),
    _whole("opened_at"),
    _word("parties"),  # JSON: the agencies and what each one owes, as rows of `case_party`
    _bytes("document"),
    Index(
        "ix_case_owner", "owner", "urgent_at", "code", sqlite_where=text("open = 1"), postgresql_where=text("open = 1")
    ),
    Index("ix_case_open", "code", sqlite_where=text("open = 1"), postgresql_where=text("open = 1")),
)

case_key = Table(
    "case_key",
    metadata,
    _of_case(),
    _bytes("wrapped"),
    sqlite_with_rowid=False,
)

case_party = Table(
    "case_party",
    metadata,
    _of_case(),
    _word("agency", key=True),
    _yes_no("waiting"),
    _whole("urgent_at"),
    Index(
        "ix_case_party_waiting",
        *("agency", "urgent_at", "code"),
        sqlite_where=text("waiting = 1"),
        postgresql_where=text("waiting = 1"),
    ),
    sqlite_with_rowid=False,
)

due = Table(
    "due",
    metadata,
    _of_case(),
    _whole("at"),
    Index("ix_due_at", "at", "code"),
    sqlite_with_rowid=False,
)

# Append-only: triggers of the first migration refuse UPDATE, DELETE and TRUNCATE.
journal = Table(
    "journal",
    metadata,
    _word("code", key=True),
    Column("seq", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    _whole("at"),
    _word("actor"),
    _word("agency"),
    _word("action"),
    _word("before"),
    _word("after"),
    _word("details"),
    _bytes("secret", null=True),
    _bytes("key_id"),
    _bytes("mac"),
    Index("ix_journal_at", "at"),
    sqlite_with_rowid=False,
)

# The head of each case's chain, and under the empty code that of the system's own.
chain = Table(
    "chain",
    metadata,
    _word("code", key=True),
    _whole("seq"),
    _bytes("head"),
    _bytes("key_id"),
    _bytes("seal"),
    # Version and SHA-256 of the document that was saved last; none for a case not saved since version 0.1.
    _whole("version", null=True),
    _bytes("document", null=True),
    sqlite_with_rowid=False,
)

inbox = Table(
    "inbox",
    metadata,
    _bytes("key", key=True),
    _whole("at"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Number, Identity(), primary_key=True),
    _word("key"),
    _word("address"),
    _word("what"),
    _word("code"),
    _yes_no("rank"),  # 0 to 3
    _word("state"),
    _whole("put_at"),
    _whole("not_before"),
    _whole("next_at"),
    _whole("expires_at"),
    _whole("attempts"),
    _whole("first_tried_at", null=True),
    _yes_no("uncertain"),
    _word("holder"),
    _word("why"),
    _word("receipt"),
    _whole("settled_at", null=True),
    _bytes("args"),
    CheckConstraint("state IN ('waiting', 'taken', 'sent', 'dead', 'dropped')", name="state"),
    Index("uq_outbox_key", "key", unique=True),
    Index(
        "ix_outbox_waiting",
        *("address", "rank", "id", "next_at", "attempts", "not_before"),
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("ix_outbox_dead", "id", sqlite_where=text("state = 'dead'"), postgresql_where=text("state = 'dead'")),
    Index("ix_outbox_code", "code", sqlite_where=text("code <> ''"), postgresql_where=text("code <> ''")),
)

# One row for every address that has letters, or had one sent a moment ago.
lane = Table(
    "lane",
    metadata,
    _word("address", key=True),
    _yes_no("rank"),
    _whole("ready_at"),
    _whole("paced_until"),
    _word("holder"),
    _whole("letter", null=True),
    Index("ix_lane_ready", "rank", "ready_at"),
    sqlite_with_rowid=False,
)

hold = Table(
    "hold",
    metadata,
    _word("prefix", key=True),
    _whole("until"),
    _word("why"),
)

post = Table(
    "post",
    metadata,
    _word("surface", key=True),
    _word("code"),
    _word("address"),
    _word("place"),
    _word("message"),
    _whole("version"),
    _whole("shown_at"),
    _word("fingerprint"),
    # When it was last posted anew and so noticed; none for what has stood there since before that was noted.
    _whole("posted_at", null=True),
    Index("ix_post_code", "code"),
    sqlite_with_rowid=False,
)

reminder = Table(
    "reminder",
    metadata,
    _word("key", key=True),
    _word("code"),
    _word("address"),
    _word("person"),
    _word("kind"),
    _word("step"),
    _word("subject"),
    _whole("fired_at"),
    _whole("done_at", null=True),
    _whole("snoozed_until", null=True),
    # What it is about, and in how many posts that has stood.
    Column("matter", _Word, nullable=False, server_default=text("''")),
    Column("posted", BigInteger, nullable=False, server_default=text("0")),
    Index(
        "ix_reminder_open",
        *("address", "fired_at"),
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index("ix_reminder_code", "code"),
    sqlite_with_rowid=False,
)

# Which case a secret part of an address belongs to, and until when. The parts are random, so their plain hash tells
# nothing.
token = Table(
    "token",
    metadata,
    _bytes("hash", key=True),
    _word("code"),
    _whole("expires_at"),
    Index("ix_token_code", "code"),
    Index("ix_token_expires", "expires_at"),
    sqlite_with_rowid=False,
)

# Whose meetings a case holds: found for one person's calendar feed.
feed_case = Table(
    "feed_case",
    metadata,
    _word("staff", key=True),
    _word("code", key=True),
    _whole("until"),
    _whole("changed_at"),
    Index("ix_feed_case_code", "code"),
    sqlite_with_rowid=False,
)

# The secret part of a person's feed address, by its plain hash; one a person.
feed = Table(
    "feed",
    metadata,
    _word("staff", key=True),
    _bytes("hash"),
    _whole("made_at"),
    Index("uq_feed_hash", "hash", unique=True),
    sqlite_with_rowid=False,
)

agency = Table(
    "agency",
    metadata,
    _word("id", key=True),
    _whole("position"),
    _word("name"),
    _word("alias"),
    _word("kind"),
    _word("principal"),
    _word("email"),
    _word("manager"),
)

# An agency's own channels and rooms; the lowest position is the one that is used.
agency_address = Table(
    "agency_address",
    metadata,
    Column("agency", _Word, ForeignKey("agency.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _word("address"),
)

staff = Table(
    "staff",
    metadata,
    _word("id", key=True),
    _whole("position"),
    Column("agency", _Word, ForeignKey("agency.id"), nullable=False),
    _word("name"),
    _word("title"),
    _word("email"),
    _yes_no("coordinator"),
    _yes_no("admin"),
)

staff_identity = Table(
    "staff_identity",
    metadata,
    _word("identity", key=True),
    _whole("position"),
    Column("staff", _Word, ForeignKey("staff.id"), nullable=False),
)

# One row: names the directory as it is now, so that processes know when theirs is old.
directory_revision = Table(
    "directory_revision",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    _whole("revision"),
    # Proves the directory; none until it is imported or the keys are rotated after version 0.1.
    _bytes("key_id", null=True),
    _bytes("seal", null=True),
)

# The processes that carry letters: of one name only one at a time. `run` is drawn anew at each start.
process = Table(
    "process",
    metadata,
    _word("name", key=True),
    _word("run"),
    _whole("beat"),
    _whole("at"),
    sqlite_with_rowid=False,
)

# What did not go out as it should have, as the auditor found it.
lapse = Table(
    "lapse",
    metadata,
    _word("key", key=True),
    _word("kind"),
    _word("code"),
    _word("subject"),
    _whole("found_at"),
    _whole("gone_at", null=True),
    sqlite_with_rowid=False,
)

# By which regions' rules cases have been opened; an empty name stands for cases from before that was noted.
profile = Table(
    "profile",
    metadata,
    _word("name", key=True),
    sqlite_with_rowid=False,
)

# Sums of what becomes of cases (statistik). No row is about one case, and none is erased with one.
figure = Table(
    "figure",
    metadata,
    _word("quarter", key=True),
    _word("agency", key=True),
    _word("track", key=True),
    _word("name", key=True),
    _whole("count"),
    _whole("total"),
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    _word("identity", key=True),
    _word("locale"),
    _word("dm"),
    # Never written. It goes with the next migration of this table.
    _whole("home_at", null=True),
)
