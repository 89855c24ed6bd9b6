"""The first shape: findings, indicators, marks, accounts, tokens, audit, state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables, and the triggers that keep the audit log append-only."""
    _findings()
    _indicators()
    _people()
    _audit()


def _int(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _short(name: str, length: int = 64) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _rank(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _cascade(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def _findings() -> None:
    op.create_table(
        "finding",
        _short("id"),
        _text("analysis"),
        _int("window_start"),
        _int("window_end"),
        _int("last_seen"),
        _int("created"),
        _int("changed"),
        _text("sensor"),
        _text("label"),
        _rank("severity"),
        sa.Column("confidence", sa.Double(), nullable=False),
        _rank("tlp"),
        sa.Column("active", sa.Boolean(), nullable=False),
        _short("content"),
        _text("document"),
        _key("finding", "id"),
    )
    _index("finding", "analysis", "window_start")
    _index("finding", "last_seen", "id")
    for column in ("created", "severity", "confidence", "label"):
        _index("finding", column, "last_seen", "id")
    op.create_table(
        "finding_artifact",
        _short("finding"),
        _rank("position"),
        _short("kind", 16),
        _short("role", 16),
        _text("value"),
        _short("key", 512),
        _int("hi", nullable=True),
        _int("lo", nullable=True),
        _key("finding_artifact", "finding", "position"),
        _cascade("finding_artifact", "finding", "finding.id"),
    )
    _index("finding_artifact", "key")
    _index("finding_artifact", "hi", "lo")
    op.create_table(
        "mark",
        _text("analysis"),
        _int("window_start"),
        _text("inputs"),
        _int("marked"),
        _key("mark", "analysis", "window_start"),
    )


def _indicators() -> None:
    op.create_table(
        "indicator",
        _short("id"),
        _short("kind", 16),
        _text("value"),
        _short("key", 512),
        _int("hi", nullable=True),
        _int("lo", nullable=True),
        _text("label"),
        sa.Column("strength", sa.Double(), nullable=False),
        _int("peak"),
        _int("half_life"),
        _int("valid_from"),
        _int("valid_until"),
        _int("updated"),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        _rank("tlp"),
        _short("content"),
        _text("document"),
        _key("indicator", "id"),
    )
    _index("indicator", "key")
    _index("indicator", "hi", "lo")
    _index("indicator", "updated", "id")
    _index("indicator", "valid_from", "id")
    _index("indicator", "valid_until")
    op.create_table(
        "indicator_finding",
        _short("indicator"),
        _short("finding"),
        _key("indicator_finding", "indicator", "finding"),
        _cascade("indicator_finding", "indicator", "indicator.id"),
    )
    _index("indicator_finding", "finding")


def _people() -> None:
    op.create_table(
        "account",
        _short("name"),
        _short("role", 16),
        _rank("clearance"),
        _short("language", 8),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        _int("created"),
        _key("account", "name"),
    )
    op.create_table(
        "token",
        _short("id"),
        _short("account"),
        _text("label"),
        _short("hash"),
        _int("created"),
        _int("expires", nullable=True),
        _int("last_used", nullable=True),
        _int("revoked", nullable=True),
        _key("token", "id"),
        sa.UniqueConstraint("hash", name="uq_token_hash"),
        _cascade("token", "account", "account.name"),
    )
    _index("token", "account")
    op.create_table("state", _short("key", 128), _text("value"), _key("state", "key"))


def _audit() -> None:
    op.create_table(
        "audit",
        _int("seq"),
        _int("at"),
        _text("actor"),
        _text("action"),
        _text("subject"),
        _text("details"),
        _short("previous"),
        _short("hash"),
        _key("audit", "seq"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if sqlite else _POSTGRES_TRIGGERS:
        op.execute(statement)


# The third trigger is for INSERT OR REPLACE, which deletes without firing the second.
_SQLITE_TRIGGERS = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
       BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
       BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
       WHEN EXISTS (SELECT 1 FROM audit WHERE seq >= NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
_POSTGRES_TRIGGERS = (
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
       FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
       FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
)
