"""The tables. All instants are whole microseconds since 1970 in UTC, all yes and no are 1 and 0.

Plain columns hold codes, agencies, what was done and when: what must be found by query, and nothing about the person
(law 4D). What is about the person, and what was decided and why, stands encrypted in `case_.document`,
`journal.secret` and `outbox.args`. Where people are written to and who they are in chat is sealed in its column, so
that it is found by equality and read by nobody without the keys (`address`; `storage/encryption/address_seal.py`).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    SmallInteger,
    Table,
    text,
)

from storage.schema.columns import Number, Word, address, data, metadata, of_case, whole, word, yes_no

case_ = Table(
    "case_",
    metadata,
    word("code", key=True),
    whole("version"),
    word("state"),
    word("step"),
    address("owner"),
    whole("urgent_at"),
    yes_no("open"),
    yes_no("protected"),
    whole("opened_at"),
    word("parties"),  # JSON: the agencies and what each one owes, as rows of `case_party`
    data("document"),
    Index(
        "ix_case_owner", "owner", "urgent_at", "code", sqlite_where=text("open = 1"), postgresql_where=text("open = 1")
    ),
    Index("ix_case_open", "code", sqlite_where=text("open = 1"), postgresql_where=text("open = 1")),
)

case_key = Table(
    "case_key",
    metadata,
    of_case(),
    data("wrapped"),
    sqlite_with_rowid=False,
)

case_party = Table(
    "case_party",
    metadata,
    of_case(),
    word("agency", key=True),
    yes_no("waiting"),
    whole("urgent_at"),
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
    of_case(),
    whole("at"),
    Index("ix_due_at", "at", "code"),
    sqlite_with_rowid=False,
)

# One row: the key of all sealed addresses, wrapped by the newest key of the ring.
address_key = Table(
    "address_key",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    data("wrapped"),
)

# Append-only: triggers of the first migration refuse UPDATE, DELETE and TRUNCATE.
journal = Table(
    "journal",
    metadata,
    word("code", key=True),
    Column("seq", BigInteger, primary_key=True, nullable=False, autoincrement=False),
    whole("at"),
    word("actor"),
    word("agency"),
    word("action"),
    word("before"),
    word("after"),
    word("details"),
    data("secret", null=True),
    data("key_id"),
    data("mac"),
    Index("ix_journal_at", "at"),
    sqlite_with_rowid=False,
)

# The head of each case's chain, and under the empty code that of the system's own.
chain = Table(
    "chain",
    metadata,
    word("code", key=True),
    whole("seq"),
    data("head"),
    data("key_id"),
    data("seal"),
    # Version and SHA-256 of the document that was saved last; none for a case not saved since version 0.1.
    whole("version", null=True),
    data("document", null=True),
    sqlite_with_rowid=False,
)

inbox = Table(
    "inbox",
    metadata,
    data("key", key=True),
    whole("at"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Number, Identity(), primary_key=True),
    address("key"),  # holds addresses, and names of staff in chat
    address("address"),
    word("what"),
    word("code"),
    yes_no("rank"),  # 0 to 3
    word("state"),
    whole("put_at"),
    whole("not_before"),
    whole("next_at"),
    whole("expires_at"),
    whole("attempts"),
    whole("first_tried_at", null=True),
    yes_no("uncertain"),
    word("holder"),
    word("why"),
    address("receipt"),
    whole("settled_at", null=True),
    data("args"),
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
    address("address", key=True),
    yes_no("rank"),
    whole("ready_at"),
    whole("paced_until"),
    word("holder"),
    whole("letter", null=True),
    Index("ix_lane_ready", "rank", "ready_at"),
    sqlite_with_rowid=False,
)

hold = Table(
    "hold",
    metadata,
    word("prefix", key=True),
    whole("until"),
    word("why"),
)

post = Table(
    "post",
    metadata,
    address("surface", key=True),
    word("code"),
    address("address"),
    address("place"),
    word("message"),
    whole("version"),
    whole("shown_at"),
    address("fingerprint"),  # a hash, by which guesses at what is shown could be tried; and the proof of the row
    # When it was last posted anew and so noticed; none for what has stood there since before that was noted.
    whole("posted_at", null=True),
    Index("ix_post_code", "code"),
    sqlite_with_rowid=False,
)

reminder = Table(
    "reminder",
    metadata,
    address("key", key=True),  # only what it is found by
    word("code"),
    address("address"),
    address("person"),
    word("kind"),
    word("step"),
    word("subject"),
    whole("fired_at"),
    whole("done_at", null=True),
    whole("snoozed_until", null=True),
    # What it is about, and in how many posts that has stood.
    Column("matter", Word, nullable=False, server_default=text("''")),
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
    data("hash", key=True),
    word("code"),
    whole("expires_at"),
    Index("ix_token_code", "code"),
    Index("ix_token_expires", "expires_at"),
    sqlite_with_rowid=False,
)

# Whose meetings a case holds: found for one person's calendar feed.
feed_case = Table(
    "feed_case",
    metadata,
    address("staff", key=True),
    word("code", key=True),
    whole("until"),
    whole("changed_at"),
    Index("ix_feed_case_code", "code"),
    sqlite_with_rowid=False,
)

# The secret part of a person's feed address: half of its plain hash, and a proof that it is theirs; one a person.
feed = Table(
    "feed",
    metadata,
    address("staff", key=True),
    data("hash"),
    whole("made_at"),
    Index("uq_feed_hash", "hash", unique=True),
    sqlite_with_rowid=False,
)

# The processes that carry letters: of one name only one at a time. `run` is drawn anew at each start.
process = Table(
    "process",
    metadata,
    word("name", key=True),
    word("run"),
    whole("beat"),
    whole("at"),
    sqlite_with_rowid=False,
)

# What did not go out as it should have, as the auditor found it.
lapse = Table(
    "lapse",
    metadata,
    address("key", key=True),
    word("kind"),
    word("code"),
    address("subject"),  # holds the identity of who has no account any more
    whole("found_at"),
    whole("gone_at", null=True),
    sqlite_with_rowid=False,
)

# By which regions' rules cases have been opened; an empty name stands for cases from before that was noted.
profile = Table(
    "profile",
    metadata,
    word("name", key=True),
    sqlite_with_rowid=False,
)

# Sums of what becomes of cases (statistik). No row is about one case, and none is erased with one.
figure = Table(
    "figure",
    metadata,
    data("id", key=True),  # a keyed hash of what is added up
    word("quarter"),
    data("label"),  # what is added up: unit, track and name, sealed
    whole("count"),
    whole("total"),
    Index("ix_figure_quarter", "quarter"),
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    address("identity", key=True),
    word("locale"),
    address("dm"),
    # Never written. It goes with the next migration of this table.
    whole("home_at", null=True),
)
