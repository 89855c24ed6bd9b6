"""Looking through the lake without SQL: tables, rows page by page, sources."""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from kaname.api import present
from kaname.api.cells import cells, kinds
from kaname.api.inventory import Stock
from kaname.api.shapes import (
    HistogramOut,
    MetaOut,
    PageOut,
    QueryOut,
    SourceOut,
    TableOut,
    Text,
    TimeBin,
)
from kaname.lake.filtering import Filters, conditions, moment, sides
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.api.services import Services
    from kaname.knowledge import Account
    from kaname.lake import QueryResult
    from kaname.lake.tables import Table

__all__ = [
    "RowQuery",
    "all_fields",
    "fetch",
    "histogram",
    "query_out",
    "rows",
    "sources",
    "statement",
    "table_out",
]

_KEY = ("ts", "batch", "row_in_src")  # one order of all rows, whatever is added later
_MOST_BINS = 2000


@dataclass(frozen=True, slots=True)
class RowQuery:
    """Which rows of a table, which of their columns (none: all), from where on."""

    table: Table
    filters: Filters
    fields: tuple[str, ...]
    limit: int
    cursor: str | None


def all_fields(table: Table) -> tuple[str, ...]:
    """All stored columns, without the texts and the day that a page shows besides."""
    return tuple(column.name for column in table.all_columns)


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
    result, following = fetch(services, account, wanted)
    page = query_out(result)
    meta = MetaOut(
        rows=result.table.num_rows,
        files=result.files,
        missing_files=len(result.missing),
        sampled=_sampled(result.table),
        engine_ms=round(result.seconds * 1000, 1),
    )
    return msgspec.structs.replace(page, truncated=following is not None, next=following, meta=meta)


def fetch(services: Services, account: Account, wanted: RowQuery) -> tuple[QueryResult, str | None]:
    """The rows of a page, and the cursor of the one behind it.

    Raises: as `rows`.
    """
    from kaname.lake import Limits, QueryResult

    limits = Limits(rows=wanted.limit + 1, seconds=float(services.settings.query_seconds))
    with services.queries.running(account.name, "") as cancel:
        found = services.lake.query(
            statement(wanted), limits=limits, clearance=account.clearance, cancel=cancel
        )
    whole = found.table
    following = _cursor(whole.slice(0, wanted.limit)) if whole.num_rows > wanted.limit else None
    shown = whole.slice(0, wanted.limit)
    hidden = [name for name in _KEY if wanted.fields and name not in wanted.fields]
    result = QueryResult(
        shown.drop_columns(hidden) if hidden else shown,
        truncated=following is not None,
        files=found.files,
        missing=found.missing,
        seconds=found.seconds,
    )
    return result, following


def _sampled(table: pa.Table) -> bool:
    """Whether counters of the rows stand for more packets than were looked at."""
    import pyarrow.compute as pc

    if "sampling" not in table.column_names or not table.num_rows:
        return False
    return bool((pc.max(table.column("sampling")).as_py() or 1) > 1)


def statement(wanted: RowQuery) -> str:
    """The SQL behind a page of rows."""
    where = " AND ".join([*conditions(wanted.table, wanted.filters), *_behind(wanted)]) or "true"
    order = ", ".join(_KEY)
    return (  # every part is a name of the schema or a checked number
        f"SELECT {', '.join(_shown(wanted))} FROM {wanted.table.name} WHERE {where} "  # noqa: S608
        f"ORDER BY {order} LIMIT {wanted.limit + 1}"
    )


def _shown(wanted: RowQuery) -> list[str]:
    """Columns of the page: addresses as text, then all, or just those asked for."""
    texts = {side: f"ip({side}_hi, {side}_lo) AS {side}" for side in sides(wanted.table)}
    if not wanted.fields:
        return [*texts.values(), "*"]
    held = {column.name for column in wanted.table.all_columns} | {"dt"}
    for name in wanted.fields:
        if name not in held and name not in texts:
            raise UsageError("lake.error.field", table=wanted.table.name, name=name)
    keys = [name for name in _KEY if name not in wanted.fields]  # what a cursor is made of
    return [texts.get(name, name) for name in (*wanted.fields, *keys)]


def _behind(wanted: RowQuery) -> Iterator[str]:
    if wanted.cursor is not None:
        at, batch, row = _read_cursor(wanted.cursor)
        yield f"(ts, batch, row_in_src) > ({moment(at)}, {batch}, {row})"
        yield f"ts >= {moment(at)}"  # the same again in a form that skips files


def histogram(
    services: Services, account: Account, table: Table, wanted: Filters, bins: int
) -> HistogramOut:
    """Rows over time in about ``bins`` equal steps; without limits over all there are.

    Raises:
        UsageError: the period ends before it begins, or a filter makes no sense.
        LimitError: there is too much to count.
    """
    stock = services.inventory.of(services.lake, account.clearance).tables[table.name]
    since = wanted.since if wanted.since is not None else stock.first
    until = wanted.until if wanted.until is not None else (stock.last or 0) + 1
    if since is None:
        return HistogramOut(since=0, until=0, step_us=0, bins=[])
    if since >= until:
        raise UsageError("api.error.period", since=since, until=until)
    step = -(-(until - since) // min(bins, _MOST_BINS))
    inside = dataclasses.replace(wanted, since=since, until=until)
    counts = _counted(services, account, table, inside, step)
    steps = range(-(-(until - since) // step))
    found = [TimeBin(at=since + n * step, rows=counts.get(n, 0)) for n in steps]
    return HistogramOut(since=since, until=until, step_us=step, bins=found)


def _counted(
    services: Services, account: Account, table: Table, wanted: Filters, step: int
) -> dict[int, int]:
    from kaname.lake import Limits

    where = " AND ".join(conditions(table, wanted))
    sql = (
        f"SELECT (epoch_us(ts) - {wanted.since}) // {step} AS n, count(*) "  # noqa: S608
        f"FROM {table.name} WHERE {where} GROUP BY n ORDER BY n"
    )
    limits = Limits(rows=_MOST_BINS + 1, seconds=float(services.settings.query_seconds))
    with services.queries.running(account.name, "") as cancel:
        found = services.lake.query(sql, limits=limits, clearance=account.clearance, cancel=cancel)
    return {int(n): int(count) for n, count in found.rows()}


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
