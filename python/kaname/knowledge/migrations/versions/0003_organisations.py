"""Organisations of the telescope: what they own, whom to tell, and what they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of organisations, their alerts and the notices of these."""
    op.create_table(
        "organisation",
        _short("id"),
        sa.Column("tlp", sa.SmallInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )
    _alerts()
    _notices()


def _short(name: str, length: int = 64) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _alerts() -> None:
    op.create_table(
        "organisation_alert",
        _short("id"),
        _short("organisation"),
        _short("kind", 16),
        _short("state", 16),
        _int("last"),
        _int("changed"),
        sa.Column("tlp", sa.SmallInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_alert"),
    )
    _index("organisation_alert", "organisation", "state")
    _index("organisation_alert", "state", "last")
    _index("organisation_alert", "last", "id")


def _notices() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "organisation_notice",
        sa.Column("seq", serial, nullable=False, autoincrement=True),
        _short("id"),
        _short("alert"),
        _short("organisation"),
        _short("channel", 16),
        _short("state", 16),
        _int("due"),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_organisation_notice"),
        sa.UniqueConstraint("id", name="uq_organisation_notice_id"),
    )
    _index("organisation_notice", "alert")
    _index("organisation_notice", "state", "due")
