"""Intelligence: indicators with terms, entities, assertions, cases, watches, exchange.

Indicators are derived, so the old ones are dropped: the next analysis makes them anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of intelligence, and that of indicators in its new shape."""
    op.drop_table("indicator_finding")
    op.drop_table("indicator")
    _indicators()
    _semantics()
    _desk()
    _exchange()


def _int(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _serial() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("seq", kind, nullable=False, autoincrement=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _short(name: str, length: int = 64) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _rank(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _real(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{columns[0]}")


def _cascade(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE"
    )


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=unique)


def _indicators() -> None:
    op.create_table(
        "indicator",
        _short("id"),
        _rank("low"),
        _rank("high"),
        _short("kind", 16),
        _text("value"),
        _short("key", 512),
        _int("hi", nullable=True),
        _int("lo", nullable=True),
        _text("label"),
        _short("state", 16),
        _real("score"),
        _int("stands_until"),
        _int("valid_from"),
        _int("valid_until"),
        _int("updated"),
        _flag("revoked"),
        _rank("tlp"),
        _short("content"),
        _text("document"),
        _key("indicator", "id", "low"),
    )
    _index("indicator", "key")
    _index("indicator", "hi", "lo")
    for column in ("updated", "valid_from", "score"):
        _index("indicator", column, "id")
    _index("indicator", "valid_until")
    _index("indicator", "stands_until")
    op.create_table(
        "indicator_finding",
        _short("indicator"),
        _rank("low"),
        _short("finding"),
        _key("indicator_finding", "indicator", "low", "finding"),
        sa.ForeignKeyConstraint(
            ["indicator", "low"],
            ["indicator.id", "indicator.low"],
            name="fk_indicator_finding_indicator",
            ondelete="CASCADE",
        ),
    )
    _index("indicator_finding", "finding")


def _semantics() -> None:
    op.create_table(
        "entity",
        _short("id", 128),
        _short("type", 32),
        _text("name"),
        _short("authority"),
        _int("changed"),
        _rank("tlp"),
        _text("document"),
        _key("entity", "id"),
    )
    _index("entity", "type", "name")
    op.create_table(
        "entity_name",
        _short("key", 512),
        _short("entity", 128),
        _short("authority"),
        _text("name"),
        _key("entity_name", "key", "entity", "authority"),
        _cascade("entity_name", "entity", "entity.id"),
    )
    _index("entity_name", "entity")
    op.create_table(
        "assertion",
        _serial(),
        _short("id"),
        _int("at"),
        _short("source", 128),
        _short("subject", 512),
        _short("predicate"),
        _rank("tlp"),
        _text("document"),
        _key("assertion", "seq"),
        _unique("assertion", "id"),
    )
    _index("assertion", "subject", "seq")
    _index("assertion", "predicate", "seq")


def _desk() -> None:
    _casebook()
    _watches()
    op.create_table(
        "feed",
        _short("id"),
        _short("kind", 16),
        _short("state", 16),
        _int("due"),
        _int("changed"),
        _text("document"),
        _key("feed", "id"),
    )
    op.create_table(
        "report",
        _short("id"),
        _text("title"),
        _short("language", 8),
        _short("state", 16),
        _int("received"),
        _rank("tlp"),
        _text("text"),
        _text("document"),
        _key("report", "id"),
    )
    _index("report", "state", "received")
    op.create_table(
        "review",
        _short("id"),
        _short("kind", 32),
        _short("subject", 512),
        _short("state", 16),
        _rank("priority"),
        _int("created"),
        _int("changed"),
        _rank("tlp"),
        _text("document"),
        _key("review", "id"),
    )
    _index("review", "subject")
    _index("review", "kind", "state", "priority", "created")


def _casebook() -> None:
    op.create_table(
        "casebook",
        _short("id"),
        _text("title"),
        _short("state", 16),
        _short("owner"),
        _int("created"),
        _int("changed"),
        _rank("tlp"),
        _text("document"),
        _key("casebook", "id"),
    )
    _index("casebook", "state", "changed")


def _watches() -> None:
    op.create_table(
        "watch",
        _short("id"),
        _short("owner"),
        _short("kind", 32),
        _text("value"),
        _short("state", 16),
        _int("created"),
        _text("document"),
        _key("watch", "id"),
    )
    op.create_table(
        "watch_hit",
        _serial(),
        _short("id"),
        _short("watch"),
        _int("at"),
        _short("subject", 512),
        _flag("seen"),
        _rank("tlp"),
        _text("document"),
        _key("watch_hit", "seq"),
        _unique("watch_hit", "id"),
        _cascade("watch_hit", "watch", "watch.id"),
    )
    _index("watch_hit", "watch")


def _exchange() -> None:
    op.create_table(
        "stix_collection",
        _short("id"),
        _int("created"),
        _text("document"),
        _key("stix_collection", "id"),
    )
    op.create_table(
        "stix_object",
        _serial(),
        _short("collection"),
        _short("id", 256),
        _short("version", 40),
        _short("type"),
        _short("spec", 8),
        _int("added"),
        _rank("tlp"),
        _bytes("body"),
        _key("stix_object", "seq"),
        _unique("stix_object", "collection", "id", "version"),
        _cascade("stix_object", "collection", "stix_collection.id"),
    )
    _index("stix_object", "collection", "added", unique=True)
    _index("stix_object", "collection", "type", "added")
    op.create_table(
        "taxii_status",
        _short("id"),
        _int("created"),
        _text("document"),
        _key("taxii_status", "id"),
    )
    _index("taxii_status", "created")
    _misp_and_ledger()


def _misp_and_ledger() -> None:
    op.create_table(
        "misp_event",
        _short("uuid"),
        _int("number"),
        _int("changed"),
        _flag("published"),
        _rank("tlp"),
        _bytes("body"),
        _key("misp_event", "uuid"),
        _unique("misp_event", "number"),
    )
    _index("misp_event", "changed")
    op.create_table(
        "privacy_ledger",
        _serial(),
        _short("member", 128),
        _int("at"),
        _real("epsilon"),
        _text("document"),
        _key("privacy_ledger", "seq"),
    )
    _index("privacy_ledger", "member")
