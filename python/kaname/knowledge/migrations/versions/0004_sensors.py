"""Sensors of the telescope: what each monitors since when, and what it sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of sensors and of their gaps."""
    op.create_table(
        "sensor",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("tlp", sa.SmallInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_sensor"),
        sa.UniqueConstraint("token", name="uq_sensor_token"),
    )
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "sensor_gap",
        sa.Column("seq", serial, nullable=False, autoincrement=True),
        sa.Column("sensor", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("noticed", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_sensor_gap"),
    )
    op.create_index(
        "ix_sensor_gap_sensor_kind_since", "sensor_gap", ["sensor", "kind", "since"], unique=True
    )
