"""A few rows that show what a host sends, decoded, without where they went.

The unused addresses that received them belong to others, and are not told: who knows them
avoids them. Neither are fields that tools derive from the destination: the sequence number
(Mirai) and the identification (Masscan).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaname.knowledge.organisation_records import Alert
from kaname.model.errors import KanameError
from kaname.model.instant import format_us

if TYPE_CHECKING:
    from kaname.lake import Lake

__all__ = ["samples"]

_MOST = 3
_PACKET = {
    "at": "ts", "kind": "ptype", "protocol": "proto", "source_port": "sport",
    "destination_port": "dport", "ttl": "ttl", "length": "ip_len",
    "tcp_flags": "tcp_bits", "tcp_window": "tcp_win",
}  # fmt: skip
_ROW = {
    "at": "ts", "kind": "ptype", "protocol": "proto", "service": "port", "packets": "packets",
    "octets": "octets", "ttl": "ttl_mode", "tcp_window": "win_first", "marks": "fp_all",
}  # fmt: skip


def samples(lake: Lake, alert: Alert) -> tuple[dict[str, Any], ...]:
    """Packets of the host where single packets are kept, else rows of a minute each."""
    whole = alert.query
    # Families are told apart by bits of flowtuples; of packets the source must suffice.
    sender = "\n  AND ".join(whole.split("\n  AND ")[:2])
    for table, columns, condition in (("packets", _PACKET, sender), ("flowtuples", _ROW, whole)):
        found = _rows(lake, table, columns, condition)
        if found:
            return found
    return ()


def _rows(
    lake: Lake, table: str, columns: dict[str, str], condition: str
) -> tuple[dict[str, Any], ...]:
    shown = ", ".join(f"{column} AS {name}" for name, column in columns.items() if name != "at")
    sql = (
        f"SELECT epoch_us(ts) AS at, {shown} FROM {table}\n"  # noqa: S608 - names and numbers
        f"WHERE {condition}\nORDER BY ts, {columns['kind']}, row_in_src LIMIT {_MOST}"
    )
    try:
        rows = lake.query(sql).table.to_pylist()
    except KanameError:
        return ()  # an alert without samples is better than none
    return tuple({**row, "at": format_us(row["at"])} for row in rows)
