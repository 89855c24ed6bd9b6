"""The sources that the telescope knows: listed, filtered, page by page.

What each did in a day is kept (``source_days``), so a list over months reads a thousandth
of the packets' rows. Sources are never summed over labels: one with three hosts behind it
is one source with three labels and their shares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from kaname.analysis.selection import during, quoted
from kaname.model.address import from_text
from kaname.model.errors import UsageError
from kaname.model.instant import DAY, HOUR

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["MOST", "LabelShare", "SourcePage", "SourceQuery", "SourceRow", "listed", "span_of"]

MOST = 1000  # sources of a page
_ORDERS = {
    "packets": "packets DESC",
    "last": "last DESC",
    "ports": "ports DESC",
    "confidence": "confidence",
}


class SourceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which sources: instants in microseconds, ``until`` excluded; None lets all pass.

    ``network`` is an address or a prefix, ``offset`` the number of sources before the page.
    """

    since: int | None = None
    until: int | None = None
    label: str | None = None
    sensor: str | None = None
    network: str | None = None
    unsure: bool = False
    order: str = "packets"
    limit: int = 50
    offset: int = 0


class LabelShare(msgspec.Struct, frozen=True):
    """A label of a source: its probability, and its share of the source's packets."""

    label: str
    probability: float
    share: float
    packets: int


class SourceRow(msgspec.Struct, frozen=True):
    """One source over the time asked for; ``ports`` are those of its busiest day."""

    source: str
    first: int
    last: int
    packets: int
    ports: int
    port: int
    sessions: int
    days: int
    tool: str
    labels: tuple[LabelShare, ...]


class SourcePage(msgspec.Struct, frozen=True):
    """A page of sources. ``total`` counts all that fit; ``days`` says whether any are kept."""

    items: tuple[SourceRow, ...]
    total: int
    days: bool
    next: int | None
    sql: str


def listed(lake: Lake, query: SourceQuery, clearance: Tlp) -> SourcePage:
    """A page of the sources that ``query`` describes.

    Raises:
        UsageError: an order that is not known, or a network that is none.
    """
    from kaname.lake.records import Limits

    if query.order not in _ORDERS:
        raise UsageError("telescope.error.order", found=query.order, known=", ".join(_ORDERS))
    sql = _page(query)
    rows = lake.query(sql, limits=Limits(rows=query.limit + 1), clearance=clearance)
    found = rows.table.to_pylist()
    shares = _shares(lake, query, found[: query.limit], clearance)
    items = tuple(_row(each, shares) for each in found[: query.limit])
    more = len(found) > query.limit
    total = int(found[0]["total"]) if found else 0
    following = query.offset + query.limit if more else None
    return SourcePage(items, total, rows.files > 0, following, sql)


def _where(query: SourceQuery, *more: str) -> str:
    parts = [span_of(query.since, query.until), *more]
    if query.sensor:
        parts.append(f"sensor = {quoted(query.sensor)}")
    return " AND ".join(part for part in parts if part) or "true"


def span_of(since: int | None, until: int | None) -> str:
    """The condition on ``ts``, empty where there is no bound."""
    if since is None and until is None:
        return ""
    # the last instant that time stamps of the lake may have, well before that of the type
    last = 253_402_300_799_000_000 - DAY
    return during(since or 0, until if until is not None else last + HOUR)


def _page(query: SourceQuery) -> str:
    chosen = []
    if query.label:
        chosen.append(f"bool_or(label = {quoted(query.label)})")
    if query.unsure:
        chosen.append("bool_or(label = 'unsure')")
    near = _near(query.network)
    having = f"\nHAVING {' AND '.join(chosen)}" if chosen else ""
    # every literal is quoted or a number
    return (
        "SELECT src_hi, src_lo, ip(src_hi, src_lo) AS source, min(ts) AS first,\n"
        "  max(last) AS last, CAST(sum(packets) AS BIGINT) AS packets, max(ports) AS ports,\n"
        "  arg_max(port, port_packets) AS port, CAST(sum(sessions) AS BIGINT) AS sessions,\n"
        "  count(DISTINCT CAST(ts AS DATE)) AS days, max(tool) AS tool,\n"
        "  min(confidence) AS confidence, count(*) OVER () AS total\n"
        f"FROM source_days\nWHERE {_where(query, near)}\n"
        f"GROUP BY src_hi, src_lo{having}\n"
        f"ORDER BY {_ORDERS[query.order]}, src_hi, src_lo\n"
        f"LIMIT {query.limit + 1} OFFSET {query.offset}"
    )


def _near(network: str | None) -> str:
    if not network:
        return ""
    if "/" in network:
        import ipaddress

        try:
            prefix = ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise UsageError("telescope.error.network", found=network, reason=error) from None
        return f"in_net(src_hi, src_lo, {quoted(str(prefix))})"
    hi, lo = from_text(network)
    return f"src_hi = {hi} AND src_lo = {lo}"


def _shares(
    lake: Lake, query: SourceQuery, found: list[dict[str, Any]], clearance: Tlp
) -> dict[tuple[int, int], list[LabelShare]]:
    """Labels of the sources of a page: the likeliest of each label, with all its packets."""
    if not found:
        return {}
    pairs = ", ".join(f"({each['src_hi']}, {each['src_lo']})" for each in found)
    sql = (
        "SELECT src_hi, src_lo, label, CAST(sum(packets) AS BIGINT) AS packets,\n"
        "  sum(confidence * packets) / sum(packets) AS probability\n"
        f"FROM source_days\nWHERE {_where(query)} AND (src_hi, src_lo) IN ({pairs})\n"
        "GROUP BY src_hi, src_lo, label\nORDER BY src_hi, src_lo, packets DESC, label"
    )
    whole = {(each["src_hi"], each["src_lo"]): each["packets"] for each in found}
    shares: dict[tuple[int, int], list[LabelShare]] = {}
    for each in lake.query(sql, clearance=clearance).table.to_pylist():
        key = (each["src_hi"], each["src_lo"])
        share = each["packets"] / whole[key]
        shares.setdefault(key, []).append(
            LabelShare(
                each["label"], round(each["probability"], 4), round(share, 4), each["packets"]
            )
        )
    return shares


def _row(each: dict[str, Any], shares: dict[tuple[int, int], list[LabelShare]]) -> SourceRow:
    return SourceRow(
        source=each["source"],
        first=_us(each["first"]),
        last=_us(each["last"]),
        packets=each["packets"],
        ports=each["ports"],
        port=each["port"],
        sessions=each["sessions"],
        days=each["days"],
        tool=each["tool"] or "",
        labels=tuple(shares.get((each["src_hi"], each["src_lo"]), ())),
    )


def _us(instant: Any) -> int:
    """Microseconds of an aware datetime, without floating point."""
    import datetime as dt

    since = instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return int(since // dt.timedelta(microseconds=1))
