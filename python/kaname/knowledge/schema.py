"""The tables of the store. The migrations make them; a test holds the two together.

Instants are BIGINT microseconds, UTC. Markings, severities and clearances are ranks, so
that a WHERE clause can compare them. A record is kept as its whole JSON document; the
columns beside it are what is filtered and sorted by.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    SmallInteger,
    String,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "AccountRow",
    "ArtifactRow",
    "AuditRow",
    "Base",
    "CarriedRow",
    "FindingRow",
    "IndicatorRow",
    "MarkRow",
    "StateRow",
    "TokenRow",
]


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can speak of them on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {int: BigInteger, str: Text}  # noqa: RUF012  (read by SQLAlchemy)


class FindingRow(Base):
    """A finding; ``content`` is the SHA-256 of everything in it but ``created``."""

    __tablename__ = "finding"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    analysis: Mapped[str]
    window_start: Mapped[int]
    window_end: Mapped[int]
    last_seen: Mapped[int]
    created: Mapped[int]
    changed: Mapped[int]
    sensor: Mapped[str]
    label: Mapped[str]
    severity: Mapped[int] = mapped_column(SmallInteger)
    confidence: Mapped[float]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    active: Mapped[bool]
    content: Mapped[str] = mapped_column(String(64))
    document: Mapped[str]

    __table_args__ = (
        Index(None, "analysis", "window_start"),
        Index(None, "last_seen", "id"),
        Index(None, "created", "last_seen", "id"),
        Index(None, "severity", "last_seen", "id"),
        Index(None, "confidence", "last_seen", "id"),
        Index(None, "label", "last_seen", "id"),
    )


class ArtifactRow(Base):
    """An artifact of a finding, to look findings up by.

    ``key`` is the value in a length that an index can hold; ``hi`` and ``lo`` are there
    for addresses, so that a prefix finds them.
    """

    __tablename__ = "finding_artifact"

    finding: Mapped[str] = mapped_column(
        String(64), ForeignKey("finding.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(16))
    value: Mapped[str]
    key: Mapped[str] = mapped_column(String(512))
    hi: Mapped[int | None] = mapped_column(BigInteger)
    lo: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "key"), Index(None, "hi", "lo"))


class IndicatorRow(Base):
    """An indicator as readers of the markings ``low`` to ``high`` (ranks) see it.

    ``score`` holds until ``stands_until``.
    """

    __tablename__ = "indicator"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    low: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    high: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str]
    key: Mapped[str] = mapped_column(String(512))
    hi: Mapped[int | None] = mapped_column(BigInteger)
    lo: Mapped[int | None] = mapped_column(BigInteger)
    label: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    score: Mapped[float]
    stands_until: Mapped[int]
    valid_from: Mapped[int]
    valid_until: Mapped[int]
    updated: Mapped[int]
    revoked: Mapped[bool]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    content: Mapped[str] = mapped_column(String(64))
    document: Mapped[str]

    __table_args__ = (
        Index(None, "key"),
        Index(None, "hi", "lo"),
        Index(None, "updated", "id"),
        Index(None, "valid_from", "id"),
        Index(None, "valid_until"),
        Index(None, "score", "id"),
        Index(None, "stands_until"),
    )


class CarriedRow(Base):
    """Which findings carry an indicator. No foreign key: the finding may be newer or gone."""

    __tablename__ = "indicator_finding"

    indicator: Mapped[str] = mapped_column(String(64), primary_key=True)
    low: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    finding: Mapped[str] = mapped_column(String(64), primary_key=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["indicator", "low"], ["indicator.id", "indicator.low"], ondelete="CASCADE"
        ),
        Index(None, "finding"),
    )


class MarkRow(Base):
    """How far an analysis is: what a window's input was when it was last evaluated."""

    __tablename__ = "mark"

    analysis: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    inputs: Mapped[str]
    marked: Mapped[int]


class AccountRow(Base):
    """A person or program."""

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    clearance: Mapped[int] = mapped_column(SmallInteger)
    language: Mapped[str] = mapped_column(String(8))
    disabled: Mapped[bool]
    created: Mapped[int]


class TokenRow(Base):
    """A token; ``hash`` is the SHA-256 of the secret, which is 256 random bits."""

    __tablename__ = "token"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(
        String(64), ForeignKey("account.name", ondelete="CASCADE"), index=True
    )
    label: Mapped[str]
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[int]
    expires: Mapped[int | None]
    last_used: Mapped[int | None]
    revoked: Mapped[int | None]


class AuditRow(Base):
    """A line of the audit log; triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[int]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[str]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class StateRow(Base):
    """Small internal state, a JSON value a key."""

    __tablename__ = "state"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    value: Mapped[str]
