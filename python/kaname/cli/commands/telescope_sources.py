"""`kaname telescope sources`: who sent packets to the telescope, and everything on one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment, note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.instant import parse_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.telescope.catalogue import SourceRow
    from kaname.telescope.dossier import Dossier, Trait
    from kaname.telescope.rejudging import Reasons

__all__ = ["sources"]

_ORDERS = ["packets", "last", "ports", "confidence"]


@command("telescope sources")
@click.argument("address", required=False, metavar="[ADDRESS]")
@option("--since", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
@option("--label", metavar="LABEL", key="label")
@option("--sensor", metavar="NAME", key="sensor_only")
@option("--network", metavar="CIDR", key="network")
@option("--unsure", is_flag=True, key="unsure")
@option("--sort", "order", type=click.Choice(_ORDERS), default="packets", key="sort")
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--offset", type=click.IntRange(0), default=0, key="offset")
def sources(
    session: Session,
    address: str | None,
    *,
    since: str | None,
    until: str | None,
    limit: int,
    **filters: Any,
) -> None:
    """List sources, the busiest first; with ADDRESS, tell everything on one."""
    begin = parse_us(since) if since else None
    end = parse_us(until) if until else None
    _derive(session)
    if address is not None:
        if filters["network"] or filters["label"] or filters["unsure"]:
            raise UsageError("telescope.error.one_source")
        _one(session, address, begin, end)
        return
    from kaname.telescope.catalogue import SourceQuery, listed

    query = SourceQuery(since=begin, until=end, limit=limit, **filters)
    page = listed(session.lake, query, Tlp.RED)
    if session.as_json:
        put_json(msgspec.to_builtins(page))
        return
    put_table(
        tuple(
            say(f"cli.head.{name}")
            for name in ("source", "packets", "ports", "sessions", "tool", "last_seen", "labels")
        ),
        (_line(row, session) for row in page.items),
        empty=say("cli.empty.telescope_sources"),
    )
    if page.next is not None:
        shown = query.offset + len(page.items)
        note(say("cli.telescope.more_sources", shown=shown, total=page.total, offset=page.next))


def _derive(session: Session) -> None:
    """Label the days that are not yet; where a nexus runs it does so itself."""
    from kaname.analysis.deriving import derive
    from kaname.telescope.registered import RegisteredParameters

    settings = session.settings
    params = RegisteredParameters(settings.analyses, session.knowledge, settings.data)
    with contextlib.suppress(ConflictError), progress_bar() as progress:
        derive(session.lake, outputs=("source_days",), params=params, progress=progress)


def _line(row: SourceRow, session: Session) -> tuple[object, ...]:
    labels = ", ".join(
        f"{one.label} {one.probability:.2f}"
        + ("" if len(row.labels) == 1 else f" ({100 * one.share:.0f} %)")
        for one in row.labels
    )
    last = moment(row.last, session.settings.shows)
    return row.source, row.packets, row.ports, row.sessions, row.tool or "-", last, labels


def _one(session: Session, address: str, since: int | None, until: int | None) -> None:
    from kaname.knowledge import FindingQuery
    from kaname.lake.networks import Networks
    from kaname.model.address import from_text
    from kaname.telescope.dossier import Asked, dossier
    from kaname.telescope.rejudging import reasons

    settings = session.settings
    asked = Asked(address=address, since=since, until=until)
    found = dossier(session.lake, Networks.open(settings.data), asked, Tlp.RED)
    if found is None:
        raise NotFoundError("telescope.error.no_source", address=address)
    params = settings.analyses.get("telescope.sources", {})
    why = reasons(session.lake, Tlp.RED, from_text(address), found.last, params)
    findings = session.knowledge.findings(FindingQuery(artifact=found.address, limit=20)).items
    if session.as_json:
        named = [{"id": one.id, "title": one.title(session.language)} for one in findings]
        told = {
            f"{label}/{family}": [say(key, **values) for key, values in lines]
            for (label, family), lines in why.items()
        }
        put_json({**msgspec.to_builtins(found), "why": told, "findings": named})
        return
    _tell(session, found, why)
    if findings:
        click.echo(f"\n{say('cli.telescope.findings')}")
        for one in findings:
            click.echo(f"  {one.id}  {one.title(session.language)}")


def _tell(session: Session, found: Dossier, why: dict[tuple[str, str], Reasons]) -> None:
    zone = session.settings.shows
    place = " ".join(
        part
        for part in (found.country, f"AS{found.asn}" if found.asn else "", found.as_name)
        if part
    )
    click.echo(f"{found.address}  {place}".rstrip())
    click.echo(
        say(
            "cli.telescope.source",
            packets=found.packets,
            destinations=found.destinations,
            sessions=len(found.sessions),
            first=moment(found.first, zone),
            last=moment(found.last, zone),
            sensors=", ".join(found.sensors),
        )
    )
    for doing in found.doings:
        share = f"{100 * doing.share:.0f} %"
        head = f"{doing.label}  {doing.probability:.3f}  {share}"
        click.echo(f"\n{head}  {doing.packets:,}  {doing.service}")
        for key, values in why.get((doing.label, doing.family), ()):
            click.echo(f"  - {say(key, **values)}")
    click.echo(f"\n{say('cli.telescope.services')}")
    for service in found.services[:20]:
        click.echo(f"  {service.service}  {service.packets:,}")
    for key, traits in (
        ("marks", found.marks),
        ("relations", found.relations),
        ("ttls", found.ttls),
        ("windows", found.windows),
    ):
        if traits:
            click.echo(f"\n{say(f'cli.telescope.{key}')}  {_listed(traits)}")


def _listed(traits: tuple[Trait, ...]) -> str:
    return ", ".join(f"{trait.name} {trait.packets:,}" for trait in traits)
