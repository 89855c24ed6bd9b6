"""`kaname lake export`: rows of a table as one file in another format."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, put_json
from kaname.cli.speech import say
from kaname.model.instant import parse_us

__all__ = ["export"]

_FORMATS = ("parquet", "arrow", "csv", "jsonl", "ocsf", "n6")


@command("lake export")
@click.argument("table", metavar="TABLE")
@option("--format", "form", type=click.Choice(_FORMATS), default="parquet", key="export_format")
@option(
    "--output",
    "--out",
    "out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    key="export_out",
)
@option("--since", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
@option("--net", metavar="PREFIX", key="filter_net")
@option("--fqdn", metavar="NAME", key="filter_fqdn")
@option("--fqdn-sub", metavar="NAME", key="filter_fqdn_sub")
@option("--dport", type=click.IntRange(0, 65535), key="filter_dport")
@option("--proto", metavar="PROTO", key="filter_proto")
def export(
    session: Session,
    table: str,
    *,
    form: str,
    out: Path,
    since: str | None,
    until: str | None,
    net: str | None,
    fqdn: str | None,
    fqdn_sub: str | None,
    dport: int | None,
    proto: str | None,
) -> None:
    """Write rows of TABLE to a file; it is there only when it is complete."""
    from kaname.lake.exporting import EXCHANGED
    from kaname.lake.filtering import Filters
    from kaname.writers.shielding import shield_of

    wanted = Filters(
        since=parse_us(since) if since else None,
        until=parse_us(until) if until else None,
        net=net,
        fqdn=fqdn,
        fqdn_sub=fqdn_sub,
        dport=dport,
        proto=proto,
    )
    hide = None
    if form in EXCHANGED:
        hide = shield_of(session.settings.data, session.knowledge).pseudonym
    rows = session.lake.export(table, out, form, wanted, progress=_shown(table), hide=hide)
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if session.as_json:
        put_json({"table": table, "format": form, "path": str(out), "rows": rows})
    else:
        note(say("cli.lake.exported", rows=rows, table=table, path=out))


def _shown(table: str) -> Callable[[int], None]:
    def show(rows: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{say('cli.progress.export', table=table, rows=rows)}")

    return show
