"""The tables of the sensors of a telescope.

As in `kaname.knowledge.schema`: instants are BIGINT microseconds (UTC), markings are
ranks, and a record is kept as its whole JSON document beside what is searched by.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from kaname.knowledge.schema import Base

__all__ = ["SensorGapRow", "SensorRow"]

# SQLite counts by itself only in a column whose type is the word INTEGER.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")


class SensorRow(Base):
    """A sensor, what it monitors, and the SHA-256 of the token that it delivers with."""

    __tablename__ = "sensor"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    token: Mapped[str | None] = mapped_column(String(64), unique=True)
    tlp: Mapped[int] = mapped_column(SmallInteger)
    document: Mapped[str]


class SensorGapRow(Base):
    """A time from which a sensor delivered nothing, and what is known of it."""

    __tablename__ = "sensor_gap"

    seq: Mapped[int] = mapped_column(_SERIAL, primary_key=True, autoincrement=True)
    sensor: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    since: Mapped[int]
    until: Mapped[int]
    noticed: Mapped[int]
    amount: Mapped[int]

    __table_args__ = (Index(None, "sensor", "kind", "since", unique=True),)
