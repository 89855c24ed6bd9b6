"""Taking in what sensors deliver: checked, committed as a source of its own, each once."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from kaname.knowledge.sensor_records import Gap, Sensor
from kaname.knowledge.sensors import Sensors
from kaname.model.errors import ForbiddenError
from kaname.model.instant import now_us
from kaname.readers.deliveries.package import Header, decode
from kaname.readers.frame import ReadReport

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.readers.deliveries.form import Form

__all__ = ["Taken", "take_in"]


class Taken(msgspec.Struct, frozen=True):
    """What became of a delivery. ``already``: it was here, and nothing was done."""

    sequence: int
    rows: int
    already: bool


def take_in(lake: Lake, knowledge: Knowledge, form: Form, sensor: Sensor, body: bytes) -> Taken:
    """Commit a delivery of ``sensor``; the same one again changes nothing.

    Raises:
        InputError: it is no sound delivery.
        ForbiddenError: it is that of another sensor.
    """
    header, rows = decode(form, body)
    if header.sensor != sensor.name:
        raise ForbiddenError("readers.error.other_sensor", found=header.sensor)
    identity = _identity(header)
    known = lake.known(identity)
    if known is None:
        path = f"live:{form.reader}:sensor:{sensor.name}:{header.spool[:8]}:{header.sequence}"
        with lake.writer(
            identity=identity,
            path=path,
            size=len(body),
            sensor=sensor.name,
            tlp=sensor.tlp,
            reader=form.reader,
            reader_version=form.version,
        ) as writer:
            for table, batch in rows:
                writer.write(table, batch)
            source = writer.commit(_report(header))
    sensors = knowledge.part(Sensors)
    sensors.note_gaps(_gaps(header))
    # Noted again when it was here already: the process may have died before it was noted.
    sensors.delivered(sensor.name, header.spool, header.sequence, header.last_us)
    return Taken(header.sequence, (known or source).rows, known is not None)


def _identity(header: Header) -> str:
    name = f"sensor:{header.sensor}:{header.spool}:{header.sequence}"
    return hashlib.sha256(name.encode()).hexdigest()


def _report(header: Header) -> ReadReport:
    return ReadReport(
        records=header.records,
        counters=dict(header.counters),
        notes=dict(header.notes),
        bad_records=header.bad,
        damaged=header.damaged,
        first_us=header.first_us,
        last_us=header.last_us,
    )


def _gaps(header: Header) -> list[Gap]:
    return [
        Gap(
            sensor=header.sensor,
            kind="undelivered",
            since=one.since,
            until=one.until,
            noticed=now_us(),
            amount=one.minutes,
        )
        for one in header.gave_up
    ]
