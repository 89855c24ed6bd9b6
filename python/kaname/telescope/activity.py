"""Activities: what one source did in one family during a window, as columns of numbers.

The engine reduces flowtuples to one row per activity; the rest of the telescope works on
these columns. Nothing here depends on the order of rows, on the files they came in, or on
where a capture was cut: only sums, extremes and counts of distinct values are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from kaname.telescope.families import BY_NAME, Mark

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Activities", "activities"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_KEY = ("src_hi", "src_lo", "family")
_PORTS = 1 << 16


@dataclass(frozen=True, slots=True)
class Activities:
    """Columns of equal length, ordered by source and family.

    ``dst_count`` is exact up to two and a lower bound above. ``gap_mean`` (seconds) and
    ``gap_var`` are those of the silences between minutes with packets.
    """

    columns: dict[str, Ints | Floats]

    def __len__(self) -> int:
        return len(self.columns["src_lo"])

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def of(self, *families: str) -> Bools:
        """Which activities are in one of ``families``."""
        return np.isin(self.columns["family"], [BY_NAME[name] for name in families])

    def share(self, name: str) -> Floats:
        """``name`` (a count of packets that equal the first of their minute) per chance.

        The first packet of a minute has nothing to equal, so minutes are taken off.
        """
        chances = np.maximum(1, self["packets"] - self["minutes"])
        shares: Floats = np.minimum(1.0, self[name] / chances)
        return shares


def activities(rows: ir.Table, expiry: int, least: int) -> Activities:
    """The activities in ``rows`` (of `kaname.telescope.traffic.dark`) of ``least`` packets.

    ``expiry``: seconds of silence that end a session.
    """
    reduced = _reduced(rows).filter(lambda t: t.packets >= least)
    rhythm = _rhythm(rows, expiry)
    joined = reduced.join(rhythm, _KEY).order_by(_KEY)
    table = joined.select(*(name for name in joined.columns if not name.endswith("_right")))
    found = table.to_pyarrow()
    return Activities({n: _numbers(found.column(n)) for n in found.column_names})


def _numbers(column: Any) -> Ints | Floats:
    values: Ints | Floats = column.combine_chunks().to_numpy(zero_copy_only=False)
    return values if values.dtype.kind == "f" else values.astype(np.int64)


def _reduced(rows: ir.Table) -> ir.Table:
    """One row per activity; first per port, since that is how a service is counted."""
    held = {"same_seq": Mark.SAME_SEQ, "same_sport": Mark.SAME_SPORT, "clock": Mark.ZMAP4_CLOCK}
    ports = rows.group_by(*_KEY, "port").aggregate(
        packets=rows.packets.sum().cast("int64"),
        octets=rows.octets.sum().cast("int64"),
        first=rows["at"].min(),
        last=rows["at"].max(),
        firsts=rows.dst_lo.nunique(),
        widest=rows.uniq_dst.max(),
        dst_lo=rows.dst_lo.min(),
        dst_hi=rows.dst_hi.min(),
        dst_end=rows.dst_lo.max(),
        again=((rows.fp_any & Mark.RETRANSMISSION) != 0).cast("int64").sum(),
        **_extremes(rows, {"ttl": "ttl_mode", "win": "win_first", "opt": "opt_first"}),
        **{name: _held(rows, bit) for name, bit in held.items()},
    )
    lows = ("first", "dst_lo", "dst_hi", "ttl_low", "win_low", "opt_low")
    highs = ("last", "firsts", "widest", "dst_end", "ttl_high", "win_high", "opt_high")
    sums = ("packets", "octets", "again", *held)
    # pairs of destination and port that were asked, each a probe of its own
    probes = ports.firsts.sum().cast("int64")
    return ports.group_by(*_KEY).aggregate(
        ports=ports.count(),
        top=(ports.packets * _PORTS + ports.port).max(),
        probes=probes,
        **{name: ports[name].sum().cast("int64") for name in sums},
        **{name: ports[name].min() for name in lows},
        **{name: ports[name].max() for name in highs},
    )


def _extremes(rows: ir.Table, of: dict[str, str]) -> dict[str, ir.Scalar]:
    lows = {f"{name}_low": rows[column].min() for name, column in of.items()}
    return lows | {f"{name}_high": rows[column].max() for name, column in of.items()}


def _held(rows: ir.Table, bit: int) -> ir.Scalar:
    """Packets of the rows whose packets all have ``bit``."""
    return ((rows.fp_all & bit) != 0).ifelse(rows.packets, 0).sum().cast("int64")


def _rhythm(rows: ir.Table, expiry: int) -> ir.Table:
    """Sessions, minutes with packets, and the silences between these, per activity."""
    minutes = (
        rows.mutate(minute=rows["at"] // 60)
        .group_by(*_KEY, "minute")
        .aggregate(start=rows["at"].min())
    )
    window = ibis.window(group_by=_KEY, order_by="minute")
    gaps = minutes.mutate(gap=(minutes.start - minutes.start.lag().over(window)).cast("float64"))
    return gaps.group_by(*_KEY).aggregate(
        minutes=gaps.count(),
        sessions=(gaps.gap > expiry).cast("int64").sum().fill_null(0).cast("int64") + 1,
        gap_mean=gaps.gap.mean().fill_null(0.0),
        gap_square=(gaps.gap * gaps.gap).mean().fill_null(0.0),
    )
