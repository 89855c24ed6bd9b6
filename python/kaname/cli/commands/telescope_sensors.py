"""`kaname telescope sensors ...`: what each sensor monitors, and how it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, group, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.instant import DAY, now_us, parse_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge.sensor_records import Sensor
    from kaname.knowledge.sensors import Sensors

__all__ = ["add", "gaps", "key", "list_sensors", "prefix", "remove", "sensors", "status", "token"]

_HERE = "kaname.cli.commands.telescope_sensors"
_ACTOR = "command line"
sensors = group(
    "telescope sensors",
    {
        "list": f"{_HERE}:list_sensors",
        "add": f"{_HERE}:add",
        "remove": f"{_HERE}:remove",
        "prefix": f"{_HERE}:prefix",
        "token": f"{_HERE}:token",
        "key": f"{_HERE}:key",
        "gaps": f"{_HERE}:gaps",
        "status": f"{_HERE}:status",
    },
)


def _part(session: Session) -> Sensors:
    from kaname.knowledge.sensors import Sensors

    return session.knowledge.part(Sensors)


def _changed(session: Session, action: str, name: str, details: dict[str, Any]) -> None:
    """Note who did it, and bring the file up to date that analyses read."""
    from kaname.telescope.registered import publish

    session.knowledge.audit(_ACTOR, f"sensor.{action}", name, details)
    publish(session.knowledge, session.settings.data)


@command("telescope sensors list")
def list_sensors(session: Session) -> None:
    """List registered sensors and the prefixes they monitor now."""
    from kaname.knowledge.links import Links

    found = _part(session).sensors()
    partners = session.knowledge.part(Links).partners("sensor")
    keys = {one.name: [each.fingerprint for each in one.keys] for one in partners}
    if session.as_json:
        shown = [msgspec.to_builtins(one) | {"keys": keys.get(one.name, [])} for one in found]
        put_json({"sensors": shown})
        return
    heads = ("name", "tlp", "sensor_prefixes", "sensor_remote", "sensor_sealed", "sensor_seen",
             "about")  # fmt: skip
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (one.name, one.tlp.label, _prefixes(one), "x" if one.remote else "",
             "x" if keys.get(one.name) else "", moment(one.last_seen, zone), one.description)
            for one in found
        ),
        empty=say("cli.empty.sensors"),
    )  # fmt: skip


def _prefixes(sensor: Sensor) -> str:
    now = now_us()
    return ", ".join(one.prefix for one in sensor.prefixes if one.holds_at(now))


@command("telescope sensors add")
@click.argument("name", metavar="NAME")
@option("--prefix", "prefixes", metavar="PREFIX", multiple=True, key="sensor_prefix")
@option("--from", "since", metavar="TIME", key="sensor_from")
@option("--description", default="", key="sensor_description")
@option("--tlp", metavar="LEVEL", default="amber", key="sensor_tlp")
@option("--remote", is_flag=True, key="sensor_remote")
@option("--key", "file", metavar="FILE", type=click.Path(path_type=Path), key="sensor_key")
def add(
    session: Session,
    name: str,
    *,
    prefixes: tuple[str, ...],
    since: str | None,
    description: str,
    tlp: str,
    remote: bool,
    file: Path | None,
) -> None:
    """Register the sensor NAME, or describe it anew; its prefixes stay."""
    from kaname.knowledge.sensor_records import Sensor
    from kaname.readers.ingest import check_sensor

    check_sensor(name)
    part = _part(session)
    part.put_sensor(Sensor(name=name, description=description, tlp=Tlp.parse(tlp)))
    begin = parse_us(since) if since else 0
    for each in prefixes:
        part.monitor(name, each, begin)
    if file is not None:
        _add_key(session, name, file)
    secret = part.issue_token(name) if remote else None
    _changed(session, "put", name, {"prefixes": list(prefixes), "remote": remote})
    _tell(session, name, secret)


def _tell(session: Session, name: str, secret: str | None) -> None:
    """The sensor as it is now, and its token this once."""
    if session.as_json:
        shown = msgspec.to_builtins(_part(session).sensor(name))
        put_json(shown if secret is None else shown | {"secret": secret})
        return
    if secret is None:
        click.echo(name)
        return
    click.echo(secret)
    note(say("cli.telescope.sensor_token", name=name))


@command("telescope sensors remove")
@click.argument("name", metavar="NAME")
def remove(session: Session, name: str) -> None:
    """Forget the sensor NAME; what it observed stays."""
    gone = _part(session).remove_sensor(name)
    _changed(session, "remove", name, {})
    if session.as_json:
        put_json(msgspec.to_builtins(gone))
        return
    note(say("cli.telescope.sensor_gone", name=name))


@command("telescope sensors prefix")
@click.argument("name", metavar="NAME")
@click.argument("prefix", metavar="PREFIX")
@option("--from", "since", metavar="TIME", key="sensor_from")
@option("--until", metavar="TIME", key="sensor_until")
@option("--end", is_flag=True, key="sensor_end")
def prefix(
    session: Session, name: str, prefix: str, *, since: str | None, until: str | None, end: bool
) -> None:
    """Say that the sensor NAME monitors PREFIX, or with --end that it does no longer."""
    part = _part(session)
    if end:
        at = parse_us(until) if until else now_us()
        part.release(name, prefix, at)
        _changed(session, "prefix.end", name, {"prefix": prefix, "until": at})
    else:
        begin, stop = parse_us(since) if since else 0, parse_us(until) if until else None
        part.monitor(name, prefix, begin, stop)
        _changed(session, "prefix", name, {"prefix": prefix, "since": begin, "until": stop})
    found = part.sensor(name)
    if session.as_json:
        put_json(msgspec.to_builtins(found))
        return
    zone = session.settings.shows
    heads = ("sensor_prefix", "sensor_since", "sensor_until")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (one.prefix, moment(one.since or None, zone), moment(one.until, zone))
            for one in found.prefixes
        ),
        empty=say("cli.empty.sensor_prefixes"),
    )


@command("telescope sensors token")
@click.argument("name", metavar="NAME")
@option("--revoke", is_flag=True, key="sensor_revoke")
def token(session: Session, name: str, *, revoke: bool) -> None:
    """Make a new token for the remote sensor NAME, in place of an older one."""
    part = _part(session)
    secret = None
    if revoke:
        part.revoke_token(name)
    else:
        secret = part.issue_token(name)
    _changed(session, "token.revoke" if revoke else "token", name, {})
    _tell(session, name, secret)


@command("telescope sensors key")
@click.argument("name", metavar="NAME")
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@option("--remove", "gone", metavar="FINGERPRINT", key="sensor_key_remove")
def key(session: Session, name: str, *, file: Path | None, gone: str | None) -> None:
    """Register the public FILE of the remote sensor NAME, which has to seal from then on."""
    from kaname.knowledge.links import Links

    _part(session).sensor(name)
    links = session.knowledge.part(Links)
    if gone is not None:
        links.drop_key("sensor", name, gone)
        session.knowledge.audit(_ACTOR, "sensor.key.remove", name, {"key": gone})
    if file is not None:
        _add_key(session, name, file)
    partner = links.partner("sensor", name)
    found = [one.fingerprint for one in partner.keys] if partner else []
    if session.as_json:
        put_json({"name": name, "keys": found})
        return
    for one in found:
        click.echo(one)
    if not found:
        note(say("cli.telescope.sensor_open", name=name))


def _add_key(session: Session, name: str, file: Path) -> None:
    from kaname.knowledge.links import Links
    from kaname.sealing.keyfiles import read
    from kaname.sealing.link_keys import link_public_key

    made = link_public_key(read(file), file)
    session.knowledge.part(Links).add_key("sensor", name, made.text, made.fingerprint)
    session.knowledge.audit(_ACTOR, "sensor.key", name, {"key": made.fingerprint})


@command("telescope sensors gaps")
@click.argument("name", metavar="NAME")
@option("--since", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
def gaps(session: Session, name: str, *, since: str | None, until: str | None) -> None:
    """List the times of which the sensor NAME says nothing; of the last week without --since."""
    from kaname.telescope.sensors.gaps import all_gaps

    end = parse_us(until) if until else now_us()
    start = parse_us(since) if since else end - 7 * DAY
    found = all_gaps(session.lake, _part(session), name, start, end)
    if session.as_json:
        put_json({"gaps": [msgspec.to_builtins(one) for one in found]})
        return
    zone = session.settings.shows
    heads = ("gap_kind", "sensor_since", "sensor_until", "gap_amount")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (say(f"cli.gap.{one.kind}"), moment(one.since, zone), moment(one.until, zone),
             one.amount)
            for one in found
        ),
        empty=say("cli.empty.gaps"),
    )  # fmt: skip


@command("telescope sensors status")
@click.argument("name", metavar="[NAME]", required=False)
def status(session: Session, name: str | None) -> None:
    """Show how sensors do: packets of their last day, those to other addresses, losses."""
    from kaname.telescope.sensors.status import statuses

    registered = _part(session).sensors()
    found = statuses(session.lake, registered, clearance=Tlp.RED)
    if name is not None:
        _part(session).sensor(name)
        found = [one for one in found if one.sensor.name == name]
    if session.as_json:
        put_json({"sensors": [msgspec.to_builtins(one) for one in found]})
        return
    zone = session.settings.shows
    heads = ("name", "sensor_addresses", "packets", "offtarget", "lost", "sensor_last")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (one.sensor.name, one.addresses or "-", one.packets, one.offtarget, one.lost,
             moment(one.last_us, zone))
            for one in found
        ),
        empty=say("cli.empty.sensors"),
    )  # fmt: skip
