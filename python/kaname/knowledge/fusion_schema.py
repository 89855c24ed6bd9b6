"""The tables of intelligence: entities, assertions, cases, watches, feeds, reviews, exchange.

As in `kaname.knowledge.schema`: instants are BIGINT microseconds (UTC), markings are
ranks, and a record is kept as its whole JSON document beside what is searched by.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from kaname.knowledge.schema import Base

__all__ = [
    "AssertionRow",
    "Base",
    "CaseRow",
    "EntityNameRow",
    "EntityRow",
    "FeedRow",
    "LedgerRow",
    "MispEventRow",
    "ReportRow",
    "ReviewRow",
    "StixCollectionRow",
    "StixObjectRow",
    "TaxiiStatusRow",
    "WatchHitRow",
    "WatchRow",
]

# SQLite counts by itself only in a column whose type is the word INTEGER.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")


class EntityRow(Base):
    """A thing of the semantic layer: actor, malware, tool, technique, campaign, tag..."""

    __tablename__ = "entity"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    type: Mapped[str] = mapped_column(String(32))
    name: Mapped[str]
    authority: Mapped[str] = mapped_column(String(64))
    changed: Mapped[int]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]

    __table_args__ = (Index(None, "type", "name"),)


class EntityNameRow(Base):
    """A name of an entity, as a claim of an authority; ``key`` is the folded spelling."""

    __tablename__ = "entity_name"

    key: Mapped[str] = mapped_column(String(512), primary_key=True)
    entity: Mapped[str] = mapped_column(
        String(128), ForeignKey("entity.id", ondelete="CASCADE"), primary_key=True
    )
    authority: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]

    __table_args__ = (Index(None, "entity"),)


class AssertionRow(Base):
    """What somebody said of something; never changed, only followed by another."""

    __tablename__ = "assertion"

    seq: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[int]
    source: Mapped[str] = mapped_column(String(128))
    subject: Mapped[str] = mapped_column(String(512))
    predicate: Mapped[str] = mapped_column(String(64))
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]

    __table_args__ = (Index(None, "subject", "seq"), Index(None, "predicate", "seq"))


class CaseRow(Base):
    """An analyst's folder; CASE is a word of SQL."""

    __tablename__ = "casebook"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(String(64))
    created: Mapped[int]
    changed: Mapped[int]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]

    __table_args__ = (Index(None, "state", "changed"),)


class WatchRow(Base):
    """What somebody wants to be told of, or a suppression entry of this organisation."""

    __tablename__ = "watch"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    value: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    created: Mapped[int]
    document: Mapped[str]


class WatchHitRow(Base):
    """A watch that met an artifact."""

    __tablename__ = "watch_hit"

    seq: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(64), unique=True)
    watch: Mapped[str] = mapped_column(
        String(64), ForeignKey("watch.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[int]
    subject: Mapped[str] = mapped_column(String(512))
    seen: Mapped[bool]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]


class FeedRow(Base):
    """A source that is fetched or delivered regularly, and how it does."""

    __tablename__ = "feed"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    due: Mapped[int]
    changed: Mapped[int]
    document: Mapped[str]


class ReportRow(Base):
    """A report that was taken in: its text and what was found in it."""

    __tablename__ = "report"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    received: Mapped[int]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str]
    document: Mapped[str]

    __table_args__ = (Index(None, "state", "received"),)


class ReviewRow(Base):
    """A question to an analyst: publish this, keep this campaign, accept this report."""

    __tablename__ = "review"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(512), index=True)
    state: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(SmallInteger)
    created: Mapped[int]
    changed: Mapped[int]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]

    __table_args__ = (Index(None, "kind", "state", "priority", "created"),)


class StixCollectionRow(Base):
    """A collection of STIX objects, served by TAXII or taken in."""

    __tablename__ = "stix_collection"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created: Mapped[int]
    document: Mapped[str]


class StixObjectRow(Base):
    """A version of a STIX object as it came, byte for byte.

    ``added`` is strictly increasing in a collection, so that a reader who goes on from it
    neither misses nor repeats a row (TAXII 2.1, 3.4).
    """

    __tablename__ = "stix_object"

    seq: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    collection: Mapped[str] = mapped_column(
        String(64), ForeignKey("stix_collection.id", ondelete="CASCADE")
    )
    id: Mapped[str] = mapped_column(String(256))
    version: Mapped[str] = mapped_column(String(40))  # modified, or created, or date added
    type: Mapped[str] = mapped_column(String(64))
    spec: Mapped[str] = mapped_column(String(8))
    added: Mapped[int]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        UniqueConstraint("collection", "id", "version", name="uq_stix_object_collection"),
        Index(None, "collection", "added", unique=True),
        Index(None, "collection", "type", "added"),
    )


class TaxiiStatusRow(Base):
    """What became of the objects of one request (TAXII 2.1, 4.3)."""

    __tablename__ = "taxii_status"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created: Mapped[int] = mapped_column(BigInteger, index=True)
    document: Mapped[str]


class MispEventRow(Base):
    """A MISP event as it came."""

    __tablename__ = "misp_event"

    uuid: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    changed: Mapped[int] = mapped_column(BigInteger, index=True)
    published: Mapped[bool]
    tlp: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerRow(Base):
    """What was spent of a member's privacy budget; never changed."""

    __tablename__ = "privacy_ledger"

    seq: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    member: Mapped[str] = mapped_column(String(128), index=True)
    at: Mapped[int]
    epsilon: Mapped[float]
    document: Mapped[str]
