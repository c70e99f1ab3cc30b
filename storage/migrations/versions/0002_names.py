"""The standard names: reminders instead of nags, calendar feeds instead of overviews."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

# What a reminder's keys began with, and what they begin with now.
KINDS = {
    "T2": "first_meeting",
    "T3": "confirm_receipt",
    "T4": "name_attendees",
    "T6": "day_before",
    "T7": "report_meeting",
    "T8": "send_plan",
    "T9": "open_points",
    "T10": "follow_up",
    "T11": "consent_expiry",
    "T14": "phone_ending",
    "T16": "confirm_ending",
}
LETTERS = {"nags": "reminders", "nag.mail": "reminder.mail"}
REMINDER_COLUMNS = "code, address, person, step, fired_at, done_at, snoozed_until"


def upgrade() -> None:
    make_reminder("reminder")
    copy_reminders("nag", "reminder", KINDS)
    op.drop_table("nag")
    make_feed_case("feed_case")
    op.execute("INSERT INTO feed_case SELECT staff, code, until, changed_at FROM attendance")
    op.drop_table("attendance")
    rename_letters(LETTERS)
    rename_surfaces("nags:", "reminders:")


def downgrade() -> None:
    make_reminder("nag")
    copy_reminders("reminder", "nag", {name: number for number, name in KINDS.items()})
    op.drop_table("reminder")
    make_feed_case("attendance")
    op.execute("INSERT INTO attendance SELECT staff, code, until, changed_at FROM feed_case")
    op.drop_table("feed_case")
    rename_letters({new: old for old, new in LETTERS.items()})
    rename_surfaces("reminders:", "nags:")


def make_reminder(table: str) -> None:
    op.create_table(
        table,
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
        sa.PrimaryKeyConstraint("key", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{table}_code", table, ["code"])
    op.create_index(f"ix_{table}_open", table, ["address", "fired_at"], **where("done_at IS NULL"))


def copy_reminders(source: str, target: str, names: dict[str, str]) -> None:
    """Copy the rows under the other names: a key is `code|subject|address`, and a subject begins with its kind."""
    kind = _case("kind", {old: f"'{new}'" for old, new in names.items()}, "kind")
    subject = _case(
        "kind", {old: f"'{new}' || substr(subject, {len(old) + 1})" for old, new in names.items()}, "subject"
    )
    key = _case(
        "kind",
        {
            old: f"substr(key, 1, length(code) + 1) || '{new}' || substr(key, length(code) + {len(old) + 2})"
            for old, new in names.items()
        },
        "key",
    )
    op.execute(
        f"INSERT INTO {target} (key, kind, subject, {REMINDER_COLUMNS}) "  # noqa: S608 - made of this file's own words
        f"SELECT {key}, {kind}, {subject}, {REMINDER_COLUMNS} FROM {source}"
    )


def _case(column: str, results: dict[str, str], otherwise: str) -> str:
    branches = " ".join(f"WHEN '{value}' THEN {result}" for value, result in results.items())
    return f"CASE {column} {branches} ELSE {otherwise} END"


def make_feed_case(table: str) -> None:
    op.create_table(
        table,
        sa.Column("staff", WORD, nullable=False),
        sa.Column("code", WORD, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff", "code", name=f"pk_{table}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{table}_code", table, ["code"])


def rename_letters(names: dict[str, str]) -> None:
    outbox = sa.table("outbox", sa.column("what"))
    for old, new in names.items():
        op.execute(outbox.update().where(outbox.c.what == old).values(what=new))


def rename_surfaces(old: str, new: str) -> None:
    post = sa.table("post", sa.column("surface"))
    renamed = sa.literal(new) + sa.func.substr(post.c.surface, len(old) + 1)
    op.execute(post.update().where(post.c.surface.startswith(old)).values(surface=renamed))


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
