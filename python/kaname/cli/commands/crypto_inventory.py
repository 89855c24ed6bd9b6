"""`kaname crypto inventory`: which cryptography is in files and behind endpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item

__all__ = ["inventory"]

_PARTIAL = 3
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@command("crypto inventory", settings=("sensor", "tlp"))
@click.argument(
    "paths", nargs=-1, metavar="[PATH...]", type=click.Path(path_type=Path, exists=True)
)
@option("--endpoints", "scope_file", type=_FILE, key="crypto_scope")
@option("--cbom", "output", type=click.Path(path_type=Path, dir_okay=False), key="crypto_cbom")
@option("--version", type=click.Choice(("1.6", "1.7")), default="1.7", key="crypto_cbom_version")
@option("--diff", "old", type=_FILE, key="crypto_diff")
@option("--password-file", type=_FILE, key="crypto_password_file")
@option("--to-lake", is_flag=True, key="crypto_to_lake")
@option("--subject", metavar="NAME", key="crypto_of")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
@option("--limit", type=click.IntRange(0, 10_000_000), default=200, key="limit")
def inventory(
    session: Session,
    paths: tuple[Path, ...],
    *,
    scope_file: Path | None,
    output: Path | None,
    version: str,
    old: Path | None,
    password_file: Path | None,
    to_lake: bool,
    subject: str | None,
    sensor: str | None,  # noqa: ARG001 - settled in the settings
    tlp: str | None,  # noqa: ARG001
    limit: int,
) -> int:
    """Take stock of the cryptography in PATH... and behind the endpoints of a scope file."""
    from kaname.cryptography.inventory.cbom import cbom, compare, dump_cbom, load_cbom

    if not paths and scope_file is None:
        raise UsageError("cryptography.error.nothing_to_inventory")
    before = load_cbom(old) if old is not None else None
    passwords = _passwords(password_file)
    items = _items(paths, scope_file, passwords)
    wanted = output is not None or before is not None or to_lake
    document = cbom(items, version=version, subject=subject) if wanted else {}
    if output is not None:
        dump_cbom(document, output)
        note(say("cli.crypto.cbom_written", path=output))
    if to_lake:
        _bring(session, document, output)
    difference = compare(before, document) if before is not None else None
    _tell(session, items, difference, limit)
    return _PARTIAL if any(one.kind == "malformed" for one in items) else 0


def _bring(session: Session, document: dict[str, Any], output: Path | None) -> None:
    from kaname.cryptography.bringing import bring_in

    settings = session.settings
    found = bring_in(
        session.lake, document, sensor=settings.sensor, tlp=settings.tlp, path=output
    ).source
    note(say("cli.crypto.in_lake", rows=found.rows, sensor=settings.sensor, data=settings.data))


def _passwords(path: Path | None) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path is not None else []


def _items(paths: tuple[Path, ...], scope_file: Path | None, passwords: list[str]) -> list[Item]:
    from kaname.cryptography.inventory.endpoints import endpoints_items
    from kaname.cryptography.inventory.files import files_items
    from kaname.cryptography.inventory.scope import read_scope

    items: list[Item] = []
    scope = read_scope(scope_file) if scope_file is not None else None
    with progress_bar("cli.progress.crypto") as show:
        if paths:
            items += files_items(
                paths, passwords=passwords, show=lambda name, number: show(name, number, 0)
            )
        if scope is not None:
            total = len(scope.endpoints)
            items += endpoints_items(scope, show=lambda name, number: show(name, number, total))
    return items


def _tell(
    session: Session, items: list[Item], difference: dict[str, Any] | None, limit: int
) -> None:
    import msgspec

    counts: dict[str, int] = {}
    for one in items:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    if session.as_json:
        found = {"items": [msgspec.to_builtins(one) for one in items], "counts": counts}
        put_json(found if difference is None else found | {"difference": difference})
        return
    heads = ("kind", "algorithm", "parameter", "strength", "quantum", "place", "details")
    put_table(
        tuple(say(f"cli.head.{head}") for head in heads),
        (
            (
                one.kind, one.algorithm, one.parameter or "-",
                "-" if one.strength is None else one.strength,
                say("cli.crypto.vulnerable") if one.quantum_vulnerable else "-",
                one.place, _detail(one),
            )
            for one in items[:limit]
        ),
        empty=say("cli.empty.crypto_items"),
    )  # fmt: skip
    note(say("cli.crypto.counted", items=len(items),
             unread=counts.get("malformed", 0) + counts.get("opaque", 0)))  # fmt: skip
    for change, components in (difference or {}).items():
        for one in components:
            click.echo(f"{say(f'cli.crypto.{change}')}  {one['name']}  {', '.join(one['places'])}")


def _detail(item: Item) -> str:
    details = item.details
    if "reason" in details:
        return str(details["reason"])
    words = [details.get(name) for name in ("suite", "ssh", "setting", "subject", "form")]
    words += details.get("notes", [])
    return ", ".join(str(word) for word in words if word)
