"""Agencies have addresses, whatever the platform, and a manager is an identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

# The columns that there were, in the order in which they were used, with how their addresses began.
COLUMNS = {"slack_channel": "slack:channel:", "matrix_room": "matrix:room:"}

AGENCY = sa.table("agency", *(sa.column(name) for name in ("id", "position", "manager", *COLUMNS)))
ADDRESS = sa.table("agency_address", *(sa.column(name) for name in ("agency", "position", "address")))
STAFF = sa.table("staff", *(sa.column(name) for name in ("id", "position", "agency")))
IDENTITY = sa.table("staff_identity", *(sa.column(name) for name in ("identity", "position", "staff")))


def upgrade() -> None:
    op.create_table(
        "agency_address",
        sa.Column("agency", WORD, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("address", WORD, nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["agency.id"], name="fk_agency_address_agency"),
        sa.PrimaryKeyConstraint("agency", "position", name="pk_agency_address"),
    )
    for place, (column, beginning) in enumerate(COLUMNS.items()):
        kept = sa.select(AGENCY.c.id, sa.literal(place), sa.literal(beginning) + AGENCY.c[column])
        op.execute(ADDRESS.insert().from_select(["agency", "position", "address"], kept.where(AGENCY.c[column] != "")))
    name_managers_in_full()
    for column in COLUMNS:
        op.drop_column("agency", column)


def downgrade() -> None:
    for column in COLUMNS:
        op.add_column("agency", sa.Column(column, WORD, nullable=False, server_default=""))
    connection = op.get_bind()
    for agency, address in connection.execute(sa.select(ADDRESS.c.agency, ADDRESS.c.address)).all():
        for column, beginning in COLUMNS.items():
            if address.startswith(beginning):
                value = {column: address.removeprefix(beginning)}
                connection.execute(AGENCY.update().where(AGENCY.c.id == agency).values(value))
    # A user of the other platform had no place in the column.
    manager = sa.case(
        (AGENCY.c.manager.startswith("slack:"), sa.func.substr(AGENCY.c.manager, len("slack:") + 1)), else_=""
    )
    op.execute(AGENCY.update().values(manager=manager))
    op.drop_table("agency_address")


def name_managers_in_full() -> None:
    """Turn `T0/U0CHEF` and `U0CHEF` into identities.

    A user alone is taken to be in the team of the agency's own staff, where somebody with that user's name goes
    first, and else in that of the first of all staff. Where there is no team nobody was written to.
    """
    connection = op.get_bind()
    agencies = connection.execute(sa.select(AGENCY.c.id, AGENCY.c.manager).where(AGENCY.c.manager != "")).all()
    people = connection.execute(
        sa.select(STAFF.c.agency, IDENTITY.c.identity)
        .join_from(STAFF, IDENTITY, IDENTITY.c.staff == STAFF.c.id)
        .where(IDENTITY.c.identity.startswith("slack:"))
        .order_by(STAFF.c.position, IDENTITY.c.position)
    ).all()
    for agency, manager in agencies:
        own = [identity for unit, identity in people if unit == agency]
        teams = [identity.partition("/")[0] for identity in (*own, *(identity for _, identity in people))]
        named = [identity for identity in own if identity.endswith(f"/{manager}")]
        if "/" in manager:
            found = f"slack:{manager}"
        elif named:
            found = named[0]
        else:
            found = f"{teams[0]}/{manager}" if teams else ""
        connection.execute(AGENCY.update().where(AGENCY.c.id == agency).values(manager=found))
