"""Looking through the lake without SQL: tables, rows page by page, sources."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from kaname.api import present
from kaname.api.cells import cells, kinds
from kaname.api.inventory import Stock
from kaname.api.shapes import PageOut, QueryOut, SourceOut, TableOut, Text
from kaname.model.address import prefix
from kaname.model.errors import UsageError
from kaname.model.instant import format_us

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.api.services import Services
    from kaname.knowledge import Account
    from kaname.lake import QueryResult
    from kaname.lake.tables import Table

__all__ = ["RowQuery", "query_out", "rows", "sources", "statement", "table_out"]

_KEY = ("ts", "batch", "row_in_src")  # one order of all rows, whatever is added later
_PORTS = ("port", "sport", "dport")


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows of a table, from where on."""

    table: Table
    since: int | None
    until: int | None
    net: str | None
    port: int | None
    limit: int
    cursor: str | None


def table_out(table: Table, stock: Stock, *, full: bool) -> TableOut:
    """A table; with columns and days when ``full``."""
    held = stock.tables[table.name]
    columns = [
        {"name": c.name, "kind": c.kind.value, "nullable": c.nullable, "en": c.en, "ja": c.ja}
        for c in table.all_columns
    ]
    return TableOut(
        name=table.name,
        description=Text(en=table.en, ja=table.ja),
        rows=held.rows,
        bytes=held.bytes,
        files=held.files,
        first=held.first,
        last=held.last,
        columns=columns if full else [],
        partitions=[held.days[day] for day in sorted(held.days)] if full else [],
    )


def rows(services: Services, account: Account, wanted: RowQuery) -> QueryOut:
    """A page of rows in order of time, with addresses as text in front.

    Raises:
        UsageError: the cursor is broken, or the table has no such column.
        LimitError: the page took too long.
    """
    from kaname.lake import Limits

    limits = Limits(rows=wanted.limit + 1, seconds=float(services.settings.query_seconds))
    with services.queries.running(account.name, "") as cancel:
        result = services.lake.query(
            statement(wanted), limits=limits, clearance=account.clearance, cancel=cancel
        )
    more = result.table.num_rows > wanted.limit
    page = msgspec.structs.replace(query_out(result), truncated=more)
    if not more:
        return page
    shown = result.table.slice(0, wanted.limit)
    return msgspec.structs.replace(page, rows=page.rows[: wanted.limit], next=_cursor(shown))


def statement(wanted: RowQuery) -> str:
    """The SQL behind a page of rows."""
    names = {column.name for column in wanted.table.all_columns}
    shown = [f"ip({side}_hi, {side}_lo) AS {side}" for side in _sides(names)]
    where = " AND ".join(_conditions(wanted, names)) or "true"
    order = ", ".join(_KEY)
    return (  # every part is a name of the schema or a checked number
        f"SELECT {', '.join([*shown, '*'])} FROM {wanted.table.name} WHERE {where} "  # noqa: S608
        f"ORDER BY {order} LIMIT {wanted.limit + 1}"
    )


def _sides(names: set[str]) -> list[str]:
    """Address columns of a table: ``src`` for ``src_hi`` and ``src_lo``."""
    return [side for side in ("src", "dst", "vic") if f"{side}_hi" in names]


def _conditions(wanted: RowQuery, names: set[str]) -> Iterator[str]:
    if wanted.since is not None:
        yield f"ts >= {_literal(wanted.since)}"
    if wanted.until is not None:
        yield f"ts < {_literal(wanted.until)}"
    if wanted.net is not None:
        inside = prefix(wanted.net)
        yield "(" + " OR ".join(inside.sql(side) for side in _sides(names)) + ")"
    if wanted.port is not None:
        ports = [name for name in _PORTS if name in names]
        if not ports:
            raise UsageError("api.error.no_column", table=wanted.table.name, name="port")
        yield "(" + " OR ".join(f"{name} = {wanted.port}" for name in ports) + ")"
    if wanted.cursor is not None:
        at, batch, row = _read_cursor(wanted.cursor)
        yield f"(ts, batch, row_in_src) > ({_literal(at)}, {batch}, {row})"
        yield f"ts >= {_literal(at)}"  # the same again in a form that skips files


def _literal(instant: int) -> str:
    return f"TIMESTAMPTZ '{format_us(instant)}'"


def _cursor(table: pa.Table) -> str:
    last = table.select(list(_KEY)).slice(table.num_rows - 1)
    return _encode(*(int(value) for value in cells(last)[0]))


def _encode(*key: int) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _read_cursor(text: str) -> tuple[int, int, int]:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(data, type=tuple[int, int, int])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise UsageError("api.error.cursor") from None


def query_out(result: QueryResult) -> QueryOut:
    """A result as JSON rows."""
    return QueryOut(
        columns=result.table.column_names,
        kinds=kinds(result.table),
        rows=cells(result.table),
        truncated=result.truncated,
        files=result.files,
        missing=[
            {"table": part.table, "dt": part.dt, "rows": part.rows} for part in result.missing
        ],
        seconds=result.seconds,
    )


def sources(
    services: Services, account: Account, limit: int, cursor: str | None
) -> PageOut[SourceOut]:
    """A page of sources, the newest first."""
    after = None if cursor is None else _read_cursor(cursor)[1]
    found = services.lake.sources(limit=limit + 1, after=after, clearance=account.clearance)
    page = found[:limit]
    following = _encode(page[-1].ingested, page[-1].batch, 0) if len(found) > limit else None
    stock = services.inventory.of(services.lake, account.clearance)
    return PageOut([present.source(one) for one in page], following, len(stock.sources))
