"""The tables of the telescope's organisations: who they are, their alerts, and the outbox.

As in `kaname.knowledge.schema`: instants are BIGINT microseconds (UTC), markings are
ranks, and a record is kept as its whole JSON document beside what is searched by.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from kaname.knowledge.schema import Base

__all__ = ["NoticeRow", "OrganisationAlertRow", "OrganisationRow"]

# SQLite counts by itself only in a column whose type is the word INTEGER.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")


class OrganisationRow(Base):
    """An organisation that is told of what its addresses do."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]


class OrganisationAlertRow(Base):
    """An alert: one for each organisation, host and kind. It outlives its organisation."""

    __tablename__ = "organisation_alert"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    last: Mapped[int]
    changed: Mapped[int]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]

    __table_args__ = (
        Index(None, "organisation", "state"),
        Index(None, "state", "last"),
        Index(None, "last", "id"),
    )


class NoticeRow(Base):
    """A notice in the outbox; ``id`` is its idempotency key, so that it is put there once."""

    __tablename__ = "organisation_notice"

    seq: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    alert: Mapped[str] = mapped_column(String(64), index=True)
    organisation: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    due: Mapped[int]
    document: Mapped[str]

    __table_args__ = (Index(None, "state", "due"),)
