"""What the analyses of cryptography have in common: inventories out of rows, and evidence.

An inventory is all rows with one digest; a series is what one sensor brought in under one
name. Verdicts are made here from rows, so the same rows give the same findings until the
policy tables change, which is another version of the analyses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kaname.analysis.frame import ALL, Context, Parameter
from kaname.analysis.selection import Selection, during, quoted
from kaname.cryptography.assets import item_of
from kaname.cryptography.policy.tables import Policy, load
from kaname.model.artifact import canonical
from kaname.model.records import Artifact, ArtifactKind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kaname.cryptography.inventory.item import Item

__all__ = [
    "TABLES",
    "Found",
    "Inventory",
    "artifacts_of",
    "assets",
    "found_in",
    "inventories",
    "named",
    "one_of",
    "policy_of",
    "rows_of",
    "series",
]

_COLUMNS: Final = (
    "item", "asset", "location", "line", "byte_offset", "host", "algorithm", "parameter", "use",
    "strength", "quantum_vulnerable", "details", "evidence", "alike", "row_in_src",
)  # fmt: skip
_HOSTS, _CERTIFICATES, _NAMED = 20, 5, 5
_ONE_SIZE: Final = frozenset({"X25519", "X448", "Ed25519", "Ed448"})


TABLES: Final = Parameter(
    "tables", "", None, None, "file",
    "file of policy tables (one, or an array of them) that count where they are newer",
    "新しい場合に優先する政策表のファイル(1 つ、または配列)", file=True,
)  # fmt: skip
"""Which policy tables count: those that come with kaname, or newer ones of a file."""


class Inventory(NamedTuple):
    """An inventory by its digest; ``ts`` is when it was taken."""

    ts: int
    digest: str
    name: str


class Found(NamedTuple):
    """An item as a row has it."""

    item: Item
    host: str | None
    alike: str


def _us(column: ir.TimestampValue) -> ir.IntegerValue:
    import ibis

    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    return column.delta(epoch, unit="microsecond").cast("int64")


def inventories(rows: ir.Table) -> list[Inventory]:
    """All inventories of the table ``crypto_inventories``, by time."""
    wanted = rows.select("inventory", "name", ts=_us(rows.ts)).distinct().to_pyarrow().to_pylist()
    return sorted({Inventory(row["ts"], row["inventory"], row["name"]) for row in wanted})


def series(found: Iterable[Inventory]) -> dict[str, list[Inventory]]:
    """Inventories by name, each by time."""
    by_name: dict[str, list[Inventory]] = {}
    for one in sorted(found):
        by_name.setdefault(one.name, []).append(one)
    return dict(sorted(by_name.items()))


def found_in(rows: ir.Table, one: Inventory) -> list[Found]:
    """What the table ``crypto_assets`` has of an inventory, in the order of the document."""
    own = rows.filter(rows.inventory == one.digest)
    times = {name: _us(own[name]) for name in ("not_before", "not_after")}
    wanted: list[dict[str, Any]] = own.select(*_COLUMNS, **times).to_pyarrow().to_pylist()
    wanted.sort(key=lambda row: (row["row_in_src"], row["item"]))
    return [Found(item_of(row), row["host"], row["alike"]) for row in wanted]


def policy_of(context: Context) -> Policy:
    """The policy tables that the parameters name.

    Raises:
        InputError: the file holds none.
    """
    named = context.text(TABLES.name)
    return load(Path(named).expanduser() if named else None)


def rows_of(context: Context, *more: str, since: int | None = None) -> str:
    """The SQL condition of the rows that ``context`` is about, for which ``more`` hold."""
    window = context.window
    own = [during(window.start if since is None else since, window.end)]
    if context.sensor != ALL:
        own.append(f"sensor = {quoted(context.sensor)}")
    return "\n  AND ".join((*own, *more))


def assets(condition: str) -> Selection:
    """Cryptography in use, by place and by what it is."""
    keys = (
        ("location", "location"), ("asset", "asset"), ("algorithm", "algorithm"),
        ("coalesce(parameter, '')", "parameter"), ("coalesce(suite, '')", "suite"),
        ("inventory", "inventory"),
    )  # fmt: skip
    sums = (
        ("count(*)", "items"),
        ("min(strength)", "strength"),
        ("max(not_after)", "not_after"),
    )
    return Selection("crypto_assets", condition, keys, sums)


def one_of(column: str, values: Iterable[str]) -> str:
    """The condition that ``column`` is one of ``values``."""
    return f"{column} IN ({', '.join(map(quoted, sorted(set(values))))})"


def named(items: Iterable[Item]) -> str:
    """Distinct algorithms of ``items`` in a line: the first few, and how many more there are."""
    names = list(dict.fromkeys(_name(item) for item in items))
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} (+{len(names) - _NAMED})"


def _name(item: Item) -> str:
    suite = item.details.get("suite")
    if suite:
        return str(suite)
    said = item.parameter or ""
    bare = item.algorithm in _ONE_SIZE or said.startswith(("TLS", "SSL"))
    name = item.algorithm if bare or not said else f"{item.algorithm} {said}"
    hashed = item.details.get("signature_hash")
    return f"{name} ({hashed})" if hashed and item.kind == "certificate" else name


def artifacts_of(found: Sequence[Found]) -> tuple[Artifact, ...]:
    """The hosts and certificates of ``found``, the first few of each; neither is an attacker."""
    hosts = dict.fromkeys(one.host for one in found if one.host)
    digests = dict.fromkeys(one.item.evidence for one in found if one.item.kind == "certificate")
    listed = [_host(host) for host in list(hosts)[:_HOSTS]]
    listed += [_certificate(digest) for digest in list(digests)[:_CERTIFICATES]]
    return tuple(dict.fromkeys(one for one in listed if one is not None))


def _host(host: str) -> Artifact | None:
    for kind in (ArtifactKind.IP, ArtifactKind.DOMAIN):
        if (spelt := canonical(kind, host)) is not None:
            return Artifact(kind, spelt, Role.MISCONFIGURED)
    return None


def _certificate(digest: str) -> Artifact | None:
    spelt = canonical(ArtifactKind.CERTIFICATE, digest)
    return None if spelt is None else Artifact(ArtifactKind.CERTIFICATE, spelt, Role.UNKNOWN)
