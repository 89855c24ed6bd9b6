"""`kaname analyze`: run analyses over a time range, or all that is pending."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.pairs import pairs
from kaname.cli.speech import say
from kaname.model.errors import UsageError
from kaname.model.instant import parse_us

__all__ = ["analyze"]


@command("analyze", settings=("engine",))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@option("--since", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
@option("--param", "params", multiple=True, metavar="NAME=VALUE", key="param")
@option("--engine", type=click.Choice(["duckdb", "spark"]), key="engine")
@option("--list", "listing", is_flag=True, key="list_analyses")
def analyze(
    session: Session,
    names: tuple[str, ...],
    *,
    since: str | None,
    until: str | None,
    params: tuple[str, ...],
    engine: str | None,  # noqa: ARG001 - a setting
    listing: bool,
) -> None:
    """Run the analyses NAME (all, when none is named)."""
    from kaname.analysis.frame import analyses, describe, is_on_demand
    from kaname.analysis.runner import run
    from kaname.telescope.registered import RegisteredParameters

    if listing:
        _list([describe(a, session.language) for a in analyses().values()], session)
        return
    given = pairs(params)
    if given and len(names) != 1:
        raise UsageError("cli.error.param_without_name")
    settings = session.settings
    parameters = RegisteredParameters(settings.analyses, session.knowledge, settings.data)
    with progress_bar() as progress:
        reports = [
            run(
                session.lake,
                session.knowledge,
                name,
                since=parse_us(since) if since else None,
                until=parse_us(until) if until else None,
                params={**parameters.get(name, {}), **given},
                progress=progress,
                engine=session.engine,
            )
            for name in names or [n for n, a in analyses().items() if not is_on_demand(a)]
        ]
    if session.fuse() is None:
        note(say("cli.analyze.nexus_fuses"))
    if session.as_json:
        put_json({"runs": [msgspec.to_builtins(report) for report in reports]})
        return
    for report in reports:
        note(say("cli.analyze.done", **msgspec.to_builtins(report)))


def _list(described: list[dict[str, Any]], session: Session) -> None:
    if session.as_json:
        put_json({"analyses": described})
        return
    put_table(
        (say("cli.head.name"), say("cli.head.version"), say("cli.head.about")),
        ((d["name"], d["version"], d["text"]) for d in described),
        empty=say("cli.empty.analyses"),
    )
