"""The rows behind a finding, said as SQL that anybody can run again.

A selection has all literals inside and a total order, so its result has one digest. It
groups the rows by what an analyst reads (minute, source, destination block, service) and
leaves out where they were stored: files that arrive in another order, or a capture that
was cut in two, give the same digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kaname.model.instant import format_us, parse_us

__all__ = ["Selection", "among", "during", "flowtuples", "quoted", "span"]

_DURING = re.compile(r"ts >= TIMESTAMPTZ '([^']+)' AND ts < TIMESTAMPTZ '([^']+)'")
_STRING = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class Selection:
    """One SELECT over ``table``; ``condition`` picks rows, ``keys`` group and order them.

    ``keys`` and ``sums`` are (expression, column name); expressions of ``keys`` must be
    distinct for distinct rows of the result, which makes the order total.
    """

    table: str
    condition: str
    keys: tuple[tuple[str, str], ...]
    sums: tuple[tuple[str, str], ...]

    @property
    def query(self) -> str:
        """The SELECT whose result is digested and shown."""
        shown = ", ".join(f"{expression} AS {name}" for expression, name in self.keys + self.sums)
        places = ", ".join(str(n) for n in range(1, len(self.keys) + 1))
        return (
            f"SELECT {shown}\nFROM {self.table}\nWHERE {self.condition}\n"
            f"GROUP BY {places}\nORDER BY {places}"
        )

    @property
    def origins(self) -> str:
        """A SELECT of batch, tlp and first place: where the same rows came from."""
        return (
            f"SELECT batch, tlp, min(row_in_src) AS place\nFROM {self.table}\n"
            f"WHERE {self.condition}\nGROUP BY batch, tlp\nORDER BY batch, tlp"
        )


def quoted(text: str) -> str:
    """``text`` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def during(start: int, end: int) -> str:
    """The condition start <= ts < end (microseconds)."""
    first, last = (format_us(t).replace("T", " ").replace("Z", "+00:00") for t in (start, end))
    return f"ts >= TIMESTAMPTZ '{first}' AND ts < TIMESTAMPTZ '{last}'"


def span(condition: str) -> tuple[int, int] | None:
    """The time that ``condition`` keeps to, when it is ``during(...) AND ...``; else None."""
    outside = _outside_parentheses(condition)
    found = _DURING.search(outside)
    if found is None or re.search(r"\bOR\b", _STRING.sub("", outside), re.IGNORECASE):
        return None
    joined = outside[: found.start()].rstrip().upper()
    if joined and not joined.endswith("AND"):
        return None
    return parse_us(found[1].replace(" ", "T", 1)), parse_us(found[2].replace(" ", "T", 1))


def _outside_parentheses(text: str) -> str:
    """``text`` without what stands in parentheses; strings count as a whole."""
    kept, depth = [], 0
    for part in re.split(r"('(?:[^']|'')*'|[()])", text):
        if part == "(":
            depth += 1
        elif part == ")":
            depth -= 1
        elif depth == 0:
            kept.append(part)
    return "".join(kept)


def among(column: str, addresses: Iterable[tuple[int, int]]) -> str:
    """The condition that the address in ``column`` is one of ``addresses`` (high, low)."""
    by_high: dict[int, list[int]] = {}
    for hi, lo in sorted(set(addresses)):
        by_high.setdefault(hi, []).append(lo)
    parts = [_same_high(column, hi, lows) for hi, lows in by_high.items()]
    return parts[0] if len(parts) == 1 else "(" + " OR ".join(parts or ["false"]) + ")"


def _same_high(column: str, hi: int, lows: list[int]) -> str:
    if len(lows) == 1:
        return f"{column}_hi = {hi} AND {column}_lo = {lows[0]}"
    return f"{column}_hi = {hi} AND {column}_lo IN ({', '.join(map(str, lows))})"


def flowtuples(condition: str, *, source: str = "", by_source: bool = False) -> Selection:
    """Rows of the table ``flowtuples``: one a minute and service, or one a source.

    Where all rows are of one ``source`` (its text), it is written as such, which is
    cheaper than to spell the address of every row.
    """
    sums = (
        ("CAST(sum(packets) AS BIGINT)", "packets"),
        ("CAST(sum(octets) AS BIGINT)", "octets"),
        ("CAST(bit_and(fp_all & 63) AS INTEGER)", "marks"),
    )
    sender = (quoted(source) if source else "ip(src_hi, src_lo)", "source")
    if by_source:
        return Selection("flowtuples", condition, (sender,), sums)
    keys = (
        ("ts", "minute"),
        sender,
        ("ip(dst_hi, dst_lo & -256)", "block"),
        ("ptype", "kind"),
        ("port", "port"),
    )
    return Selection("flowtuples", condition, keys, sums)
