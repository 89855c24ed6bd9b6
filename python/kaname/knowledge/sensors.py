"""The part of the store that holds the sensors of a telescope and their gaps."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from kaname.knowledge.links import forget_partner
from kaname.knowledge.part import StorePart
from kaname.knowledge.sensor_records import Gap, Sensor
from kaname.knowledge.sensor_schema import SensorGapRow, SensorRow
from kaname.knowledge.spelling import clean
from kaname.model.address import prefix as prefix_of
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.sensors import Monitored, Registry

__all__ = ["Sensors"]

_LOCK = "sensors"
_PREFIX = "kns_"  # lets secret scanners recognise a leaked token
_MOST_PREFIXES = 10_000
_MOST_GAPS = 10_000

_encoder = msgspec.json.Encoder(order="deterministic")
_sensor = msgspec.json.Decoder(Sensor)


class Sensors(StorePart):
    """Sensors by name. A removed sensor leaves its observations and gaps."""

    def put_sensor(self, sensor: Sensor) -> bool:
        """Register it, or change its description or marking; False: as it was.

        Its prefixes, its token and what it delivered stay, where it is known already.
        """
        with self._database.write(_LOCK) as connection:
            before = _find(connection, sensor.name)
            if before is None:
                made = msgspec.structs.replace(sensor, created=now_us())
                connection.execute(insert(SensorRow), _columns(made))
                return True
            changed = msgspec.structs.replace(
                before,
                description=clean(sensor.description),
                tlp=sensor.tlp,
            )
            if changed == before:
                return False
            _save(connection, changed)
            return True

    def issue_token(self, name: str) -> str:
        """A new token for the sensor, in place of an older one; the secret is not kept.

        Raises:
            NotFoundError: there is no such sensor.
        """
        secret = _PREFIX + secrets.token_urlsafe(32)
        with self._database.write(_LOCK) as connection:
            found = _known(connection, name)
            _save(connection, msgspec.structs.replace(found, remote=True), token=_hash(secret))
        return secret

    def revoke_token(self, name: str) -> None:
        """End the sensor's token; without one this changes nothing.

        Raises:
            NotFoundError: there is no such sensor.
        """
        with self._database.write(_LOCK) as connection:
            found = _known(connection, name)
            _save(connection, msgspec.structs.replace(found, remote=False), token=None)

    def authenticate(self, name: str, secret: str) -> Sensor | None:
        """The sensor of that name, if ``secret`` is its token.

        What is searched for is the SHA-256 of 256 random bits, so the time taken tells
        nothing about tokens that exist.
        """
        statement = select(SensorRow.document).where(
            SensorRow.name == clean(name), SensorRow.token == _hash(secret)
        )
        with self._database.read() as connection:
            document = connection.execute(statement).scalar()
        return None if document is None else _sensor.decode(document)

    def remove_sensor(self, name: str) -> Sensor:
        """Forget a sensor.

        Raises:
            NotFoundError: there is none of that name.
        """
        with self._database.write(_LOCK) as connection:
            found = _known(connection, name)
            connection.execute(delete(SensorRow).where(SensorRow.name == found.name))
            forget_partner(connection, "sensor", found.name)
            return found

    def sensors(self, *, clearance: Tlp = Tlp.RED) -> list[Sensor]:
        """All sensors that ``clearance`` may see, by name."""
        statement = (
            select(SensorRow.document)
            .where(SensorRow.tlp <= clearance.rank)
            .order_by(SensorRow.name)
        )
        with self._database.read() as connection:
            return [_sensor.decode(text) for text in connection.execute(statement).scalars()]

    def sensor(self, name: str, *, clearance: Tlp = Tlp.RED) -> Sensor:
        """The sensor of that name.

        Raises:
            NotFoundError: there is none, or it is marked above ``clearance``.
        """
        with self._database.read() as connection:
            found = _known(connection, name)
        if not found.tlp.visible_to(clearance):
            raise NotFoundError("knowledge.error.sensor", found=name)
        return found

    def registry(self) -> Registry:
        """What all sensors monitor, as analyses read it."""
        return Registry({each.name: each.prefixes for each in self.sensors() if each.prefixes})

    def monitor(self, name: str, prefix: str, since: int = 0, until: int | None = None) -> Sensor:
        """Say that a sensor monitors ``prefix`` for since <= time < until.

        Raises:
            NotFoundError: there is no such sensor.
            UsageError: it is no prefix, or the time ends before it begins.
            ConflictError: the same prefix is registered for an overlapping time.
        """
        made = Monitored(_written(prefix), since, until)
        if until is not None and until <= since:
            raise UsageError("knowledge.error.sensor_time")
        with self._database.write(_LOCK) as connection:
            found = _known(connection, name)
            if any(_overlap(made, other) for other in found.prefixes):
                raise ConflictError("knowledge.error.sensor_prefix", sensor=name, found=made.prefix)
            if len(found.prefixes) >= _MOST_PREFIXES:
                raise UsageError("knowledge.error.sensor_prefixes", most=_MOST_PREFIXES)
            return _with(connection, found, (*found.prefixes, made))

    def release(self, name: str, prefix: str, at: int) -> Sensor:
        """Say that a sensor monitors ``prefix`` no longer, from ``at`` on.

        Where it began later than ``at`` it is taken as never registered.

        Raises:
            NotFoundError: there is no such sensor, or it does not monitor that prefix then.
        """
        written = _written(prefix)
        with self._database.write(_LOCK) as connection:
            found = _known(connection, name)
            hit = [
                one
                for one in found.prefixes
                if one.prefix == written and (one.until is None or at < one.until)
            ]
            if not hit:
                raise NotFoundError("knowledge.error.sensor_no_prefix", sensor=name, found=written)
            rest = [one for one in found.prefixes if one not in hit]
            ended = [msgspec.structs.replace(one, until=at) for one in hit if one.since < at]
            return _with(connection, found, (*rest, *ended))

    def delivered(self, name: str, spool: str, sequence: int, minute: int | None) -> None:
        """Note that a delivery was taken; an older one than the last changes the time only."""
        with self._database.write(_LOCK) as connection:
            found = _known(connection, name)
            newer = spool != found.spool or sequence > found.sequence
            last = max(minute or 0, found.last_minute or 0) or None
            changed = msgspec.structs.replace(
                found,
                last_seen=now_us(),
                last_minute=last,
                minutes=found.minutes + newer,
                spool=spool,
                sequence=sequence if newer else found.sequence,
            )
            _save(connection, changed)

    def note_gaps(self, gaps: Iterable[Gap]) -> int:
        """Keep gaps; one that is known by sensor, kind and begin is extended. How many are new."""
        new = 0
        with self._database.write("sensor-gaps") as connection:
            for gap in gaps:
                which = (
                    SensorGapRow.sensor == gap.sensor,
                    SensorGapRow.kind == gap.kind,
                    SensorGapRow.since == gap.since,
                )
                changed = connection.execute(
                    update(SensorGapRow).where(*which).values(until=gap.until, amount=gap.amount)
                )
                if changed.rowcount == 0:
                    connection.execute(insert(SensorGapRow), msgspec.to_builtins(gap))
                    new += 1
        return new

    def gaps(
        self, names: Sequence[str], since: int | None = None, until: int | None = None
    ) -> list[Gap]:
        """Gaps of these sensors that touch since <= time < until, the latest first."""
        columns = [getattr(SensorGapRow, field) for field in Gap.__struct_fields__]
        statement = select(*columns).where(SensorGapRow.sensor.in_(names))
        if since is not None:
            statement = statement.where(SensorGapRow.until > since)
        if until is not None:
            statement = statement.where(SensorGapRow.since < until)
        statement = statement.order_by(SensorGapRow.since.desc(), SensorGapRow.seq.desc())
        with self._database.read() as connection:
            rows = connection.execute(statement.limit(_MOST_GAPS))
            return [Gap(**row._mapping) for row in rows]  # noqa: SLF001


def _find(connection: Connection, name: str) -> Sensor | None:
    statement = select(SensorRow.document).where(SensorRow.name == clean(name))
    document = connection.execute(statement).scalar()
    return None if document is None else _sensor.decode(document)


def _known(connection: Connection, name: str) -> Sensor:
    found = _find(connection, name)
    if found is None:
        raise NotFoundError("knowledge.error.sensor", found=name)
    return found


def _with(connection: Connection, sensor: Sensor, prefixes: tuple[Monitored, ...]) -> Sensor:
    ordered = tuple(sorted(prefixes, key=lambda one: (prefix_of(one.prefix), one.since)))
    changed = msgspec.structs.replace(sensor, prefixes=ordered)
    _save(connection, changed)
    return changed


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _written(prefix: str) -> str:
    """The usual way to write the prefix; bits behind its length are refused."""
    try:
        net = ipaddress.ip_network(prefix.strip())
    except ValueError:
        raise UsageError("model.error.prefix", found=prefix) from None
    if net.prefixlen == 0:
        raise UsageError("model.error.prefix", found=prefix)
    return str(net)


def _overlap(one: Monitored, other: Monitored) -> bool:
    if one.prefix != other.prefix:
        return False
    begins_before_end = other.until is None or one.since < other.until
    return begins_before_end and (one.until is None or other.since < one.until)


def _columns(sensor: Sensor) -> dict[str, object]:
    return {
        "name": sensor.name,
        "tlp": sensor.tlp.rank,
        "document": clean(_encoder.encode(sensor).decode()),
    }


def _save(connection: Connection, sensor: Sensor, **more: str | None) -> None:
    values = _columns(sensor) | more
    connection.execute(update(SensorRow).where(SensorRow.name == sensor.name).values(values))
