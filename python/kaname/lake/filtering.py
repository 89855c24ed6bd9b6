"""Rows of a table picked by time, address, name, port and protocol, as SQL conditions.

Which columns hold addresses and names, a table says itself (`Table.mentions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kaname.lake.artifact import refanged
from kaname.lake.engine import quoted
from kaname.lake.mentions import mentions
from kaname.lake.tables.frame import Kind, Table
from kaname.model.address import prefix
from kaname.model.errors import UsageError
from kaname.model.instant import format_us

__all__ = ["Filters", "conditions", "moment", "sides"]

PROTOCOLS = {"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "icmp6": 58, "sctp": 132}
_PORTS = ("port", "sport", "dport")
_HOST = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@)?([^/?#:\[\]]+)"  # host of a URL


@dataclass(frozen=True, slots=True)
class Filters:
    """What rows have to be like; None is anything.

    ``since`` and ``until`` are instants; ``net`` an address or a prefix; ``fqdn`` a name,
    ``fqdn_sub`` a name or what lies above it; ``port`` a port of either side; ``proto``
    the number or the name of an IP protocol; ``sensor`` the sensor that saw them.
    """

    since: int | None = None
    until: int | None = None
    net: str | None = None
    fqdn: str | None = None
    fqdn_sub: str | None = None
    dport: int | None = None
    port: int | None = None
    proto: str | None = None
    sensor: str | None = None


def sides(table: Table) -> list[str]:
    """Address columns of a table: ``src`` for ``src_hi`` and ``src_lo``."""
    return [c.name.removesuffix("_hi") for c in table.all_columns if c.name.endswith("_hi")]


def moment(instant: int) -> str:
    """An instant as SQL."""
    return f"TIMESTAMPTZ '{format_us(instant)}'"


def conditions(table: Table, wanted: Filters) -> list[str]:
    """The conditions, all of which hold for the rows wanted.

    Raises:
        UsageError: a value makes no sense, or the table has no such column.
    """
    return list(_conditions(table, wanted))


def _conditions(table: Table, wanted: Filters) -> Iterator[str]:
    yield from _during(wanted)
    if wanted.sensor is not None:
        yield f"sensor = {quoted(wanted.sensor)}"
    if wanted.net is not None:
        inside = prefix(refanged(wanted.net))
        yield _any(table, "ip", [f"({inside.sql(side)})" for side in _named_sides(table)])
    if wanted.fqdn is not None:
        yield _any(table, "fqdn", list(_names(table, wanted.fqdn, below=False)))
    if wanted.fqdn_sub is not None:
        yield _any(table, "fqdn.sub", list(_names(table, wanted.fqdn_sub, below=True)))
    if wanted.port is not None:
        yield _any(table, "port", _equal(table, _PORTS, wanted.port))
    if wanted.dport is not None:
        yield _any(table, "dport", _equal(table, ("dport", "port"), wanted.dport))
    if wanted.proto is not None:
        yield _any(table, "proto", _equal(table, ("proto",), _protocol(wanted.proto)))


def _during(wanted: Filters) -> Iterator[str]:
    if wanted.since is not None:
        yield f"ts >= {moment(wanted.since)}"
    if wanted.until is not None:
        yield f"ts < {moment(wanted.until)}"


def _any(table: Table, name: str, parts: list[str]) -> str:
    if not parts:
        raise UsageError("lake.error.no_column", table=table.name, name=name)
    return "(" + " OR ".join(parts) + ")"


def _named_sides(table: Table) -> list[str]:
    """Addresses that the table says it mentions; all of them where it says nothing."""
    named = [m.columns[0].removesuffix("_hi") for m in table.mentions if m.kind == "ip"]
    return named or sides(table)


def _equal(table: Table, names: tuple[str, ...], value: int) -> list[str]:
    held = {column.name for column in table.all_columns}
    return [f"{name} = {value}" for name in names if name in held]


def _protocol(text: str) -> int:
    number = PROTOCOLS.get(text.lower())
    if number is not None:
        return number
    if not text.isdecimal() or int(text) > 255:
        raise UsageError("lake.error.proto", found=text, known=", ".join(PROTOCOLS))
    return int(text)


def _names(table: Table, name: str, *, below: bool) -> Iterator[str]:
    """Conditions on the columns that hold names, URLs or anything."""
    plain = refanged(name).strip(".").removeprefix("*.").lower()
    kinds = {column.name: column.kind for column in table.all_columns}
    for kind, columns in mentions(table.name):
        if kind not in {"domain", "host", "text", "url", "email"}:
            continue
        for column in columns:
            shown = {"url": _host_of, "email": _domain_of}.get(kind, _lower)
            if kinds[column] is Kind.STRING_LIST:
                test = _test(shown("x"), plain, below)
                yield f"list_bool_or(list_transform({column}, lambda x: {test}))"
            else:
                yield _test(shown(f'"{column}"'), plain, below)


def _lower(column: str) -> str:
    return f"lower({column})"


def _host_of(column: str) -> str:
    return f"lower(regexp_extract({column}, {quoted(_HOST)}, 1))"


def _domain_of(column: str) -> str:
    return f"lower(regexp_extract({column}, '@([^@>]+)>?$', 1))"


def _test(expression: str, name: str, below: bool) -> str:
    same = f"{expression} = {quoted(name)}"
    return f"({same} OR ends_with({expression}, {quoted('.' + name)}))" if below else same
