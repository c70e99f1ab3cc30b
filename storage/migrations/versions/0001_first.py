"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The journal is append-only. A new row must be the next of its chain: that also stops INSERT OR REPLACE, which deletes
# without firing a trigger.
SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_next BEFORE INSERT ON journal
    WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM journal WHERE code = NEW.code)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
)
POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
    """,
    """
    CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_refuse()
    """,
    """
    CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()
    """,
)


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", WORD, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("alias", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("principal", WORD, nullable=False),
        sa.Column("email", WORD, nullable=False),
        sa.Column("slack_channel", WORD, nullable=False),
        sa.Column("matrix_room", WORD, nullable=False),
        sa.Column("manager", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agency"),
    )
    op.create_table(
        "case_",
        sa.Column("code", WORD, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("step", WORD, nullable=False),
        sa.Column("owner", WORD, nullable=False),
        sa.Column("urgent_at", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.SmallInteger(), nullable=False),
        sa.Column("protected", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("parties", WORD, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_case_"),
    )
    op.create_index("ix_case_open", "case_", ["code"], **where("open = 1"))
    op.create_index("ix_case_owner", "case_", ["owner", "urgent_at", "code"], **where("open = 1"))
    op.create_table(
        "chain",
        sa.Column("code", WORD, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_chain"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "directory_revision",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_directory_revision"),
    )
    op.create_table(
        "hold",
        sa.Column("prefix", WORD, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("why", WORD, nullable=False),
        sa.PrimaryKeyConstraint("prefix", name="pk_hold"),
    )
    op.create_table(
        "inbox",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_inbox"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal",
        sa.Column("code", WORD, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", WORD, nullable=False),
        sa.Column("agency", WORD, nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("before", WORD, nullable=False),
        sa.Column("after", WORD, nullable=False),
        sa.Column("details", WORD, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", "seq", name="pk_journal"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lane",
        sa.Column("address", WORD, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("paced_until", sa.BigInteger(), nullable=False),
        sa.Column("holder", WORD, nullable=False),
        sa.Column("letter", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("address", name="pk_lane"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lane_ready", "lane", ["rank", "ready_at"])
    op.create_table(
        "nag",
        sa.Column("key", WORD, nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("address", WORD, nullable=False),
        sa.Column("person", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("step", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("snoozed_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_nag"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_nag_code", "nag", ["code"])
    op.create_index("ix_nag_open", "nag", ["address", "fired_at"], **where("done_at IS NULL"))
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("address", WORD, nullable=False),
        sa.Column("what", WORD, nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("first_tried_at", sa.BigInteger(), nullable=True),
        sa.Column("uncertain", sa.SmallInteger(), nullable=False),
        sa.Column("holder", WORD, nullable=False),
        sa.Column("why", WORD, nullable=False),
        sa.Column("receipt", WORD, nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("args", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'sent', 'dead', 'dropped')", name=op.f("ck_outbox_state")),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_code", "outbox", ["code"], **where("code <> ''"))
    op.create_index("ix_outbox_dead", "outbox", ["id"], **where("state = 'dead'"))
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["address", "rank", "id", "next_at", "attempts", "not_before"],
        **where("state = 'waiting'"),
    )
    op.create_index("uq_outbox_key", "outbox", ["key"], unique=True)
    op.create_table(
        "person",
        sa.Column("identity", WORD, nullable=False),
        sa.Column("locale", WORD, nullable=False),
        sa.Column("dm", WORD, nullable=False),
        sa.Column("home_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("identity", name="pk_person"),
    )
    op.create_table(
        "post",
        sa.Column("surface", WORD, nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("address", WORD, nullable=False),
        sa.Column("place", WORD, nullable=False),
        sa.Column("message", WORD, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", WORD, nullable=False),
        sa.PrimaryKeyConstraint("surface", name="pk_post"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_post_code", "post", ["code"])
    op.create_table(
        "token",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_token"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_token_code", "token", ["code"])
    op.create_index("ix_token_expires", "token", ["expires_at"])
    op.create_table(
        "attendance",
        sa.Column("staff", WORD, nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff", "code", name="pk_attendance"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attendance_code", "attendance", ["code"])
    op.create_table(
        "feed",
        sa.Column("staff", WORD, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff", name="pk_feed"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_feed_hash", "feed", ["hash"], unique=True)
    op.create_table(
        "case_key",
        sa.Column("code", WORD, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["case_.code"], name="fk_case_key_code"),
        sa.PrimaryKeyConstraint("code", name="pk_case_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_party",
        sa.Column("code", WORD, nullable=False),
        sa.Column("agency", WORD, nullable=False),
        sa.Column("waiting", sa.SmallInteger(), nullable=False),
        sa.Column("urgent_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["case_.code"], name="fk_case_party_code"),
        sa.PrimaryKeyConstraint("code", "agency", name="pk_case_party"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_party_waiting", "case_party", ["agency", "urgent_at", "code"], **where("waiting = 1"))
    op.create_table(
        "due",
        sa.Column("code", WORD, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["case_.code"], name="fk_due_code"),
        sa.PrimaryKeyConstraint("code", name="pk_due"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_due_at", "due", ["at", "code"])
    op.create_table(
        "staff",
        sa.Column("id", WORD, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("agency", WORD, nullable=False),
        sa.Column("name", WORD, nullable=False),
        sa.Column("title", WORD, nullable=False),
        sa.Column("email", WORD, nullable=False),
        sa.Column("coordinator", sa.SmallInteger(), nullable=False),
        sa.Column("admin", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["agency.id"], name="fk_staff_agency"),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
    )
    op.create_table(
        "staff_identity",
        sa.Column("identity", WORD, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("staff", WORD, nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_staff_identity_staff"),
        sa.PrimaryKeyConstraint("identity", name="pk_staff_identity"),
    )
    op.execute("INSERT INTO directory_revision (id, revision) VALUES (1, 0)")
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for trigger in POSTGRESQL_TRIGGERS if is_postgresql else SQLITE_TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    for table in (
        "staff_identity",
        "staff",
        "due",
        "case_party",
        "case_key",
        "feed",
        "attendance",
        "token",
        "post",
        "person",
        "outbox",
        "nag",
        "lane",
        "journal",
        "inbox",
        "hold",
        "directory_revision",
        "chain",
        "case_",
        "agency",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_refuse")


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
