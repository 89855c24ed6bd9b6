"""``telescope_windows``: totals and synchrony of a sensor per ten minutes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from kaname.analysis.frame import Context, Parameter
from kaname.model.instant import DAY
from kaname.telescope.traffic import dark

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pyarrow as pa

__all__ = ["TelescopeWindows", "network"]

SLOT = 600  # seconds
_WIDTH = 50  # seconds of a bin of Dark-GLASSO


class TelescopeWindows:
    """One row for each ten minutes of one sensor."""

    name: ClassVar[str] = "telescope.telescope_windows"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("flowtuples",)
    output: ClassVar[str] = "telescope_windows"
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "graph",
            "thresholded",
            None,
            None,
            "",
            "graph of networks: the thresholded covariance, or the graphical lasso itself "
            "(slow; needs scikit-learn)",
            "ネットワークのグラフ。共分散のしきい値処理、または graphical lasso そのもの"
            "(低速、scikit-learn が必要)",
            choices=("thresholded", "lasso"),
        ),
        Parameter(
            "hosts",
            1000,
            500,
            100_000,
            "networks",
            "networks that the graphical lasso is given at most, drawn by a fixed seed",
            "graphical lasso に渡すネットワーク数の上限(固定の乱数で選ぶ)",
        ),
    )

    def run(self, context: Context) -> Iterable[pa.RecordBatch]:
        """The rows of the day, by time."""
        import pyarrow as pa

        rows = dark(context.tables["flowtuples"])
        totals = _totals(rows)
        if not totals:
            return
        counts = dict(_counts(rows))
        lasso, most = context.text("graph") == "lasso", context.number("hosts")
        found = [_row(row, counts.get(row["slot"]), lasso=lasso, most=most) for row in totals]
        names = [name for name in found[0] if name != "ts"]
        columns: dict[str, Any] = {name: pa.array([row[name] for row in found]) for name in names}
        at = pa.array([row["ts"] for row in found], pa.int64())
        columns["ts"] = at.cast(pa.timestamp("us", tz="UTC"))
        yield pa.RecordBatch.from_pydict(columns)


def network(rows: ir.Table) -> ir.IntegerValue:
    """The /16 of the source (IPv6: /32) as one number."""
    import ibis

    return ibis.ifelse(rows.src_hi == 0, rows.src_lo // 65536, rows.src_hi // (1 << 32))


def _totals(rows: ir.Table) -> list[dict[str, Any]]:
    own = rows.mutate(slot=rows["at"] // SLOT)
    each = own.group_by("slot", "src_hi", "src_lo").aggregate(
        packets=own.packets.sum().cast("int64")
    )
    sums = each.group_by("slot").aggregate(
        packets=each.packets.sum().cast("int64"), hosts=each.count().cast("int64")
    )
    return list(sums.order_by("slot").to_pyarrow().to_pylist())


def _counts(rows: ir.Table) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
    """By slot, the packets [bin, network] of TCP."""
    import numpy as np

    tcp = rows.filter(rows.proto == 6)
    own = tcp.mutate(slot=tcp["at"] // SLOT, bin=tcp["at"] % SLOT // _WIDTH, network=network(tcp))
    sums = own.group_by("slot", "bin", "network").aggregate(packets=own.packets.sum().cast("int64"))
    table = sums.order_by("slot", "network", "bin").to_pyarrow()
    columns = [table[n].to_numpy().astype(np.int64) for n in table.column_names]
    slot, place, name, packets = columns
    for one in np.unique(slot):
        mine = slot == one
        names, host = np.unique(name[mine], return_inverse=True)
        grid = np.zeros((SLOT // _WIDTH, len(names)))
        grid[place[mine], host] = packets[mine]
        yield int(one), grid


def _row(
    totals: dict[str, Any], counts: np.ndarray[Any, Any] | None, *, lasso: bool, most: int
) -> dict[str, Any]:
    import numpy as np

    from kaname.telescope.synchrony import RHOS, densities

    found: dict[str, Any] = {
        "ts": totals["slot"] * SLOT * 1_000_000,
        "packets": totals["packets"],
        "hosts": totals["hosts"],
        "networks": 0 if counts is None else counts.shape[1],
    }
    if counts is not None and lasso and counts.shape[1] > most:
        drawn = np.random.default_rng(totals["slot"]).permutation(counts.shape[1])[:most]
        counts = counts[:, np.sort(drawn)]
    own = (0.0,) * len(RHOS) if counts is None else densities(counts, exact=lasso)
    return found | {f"density_{round(10 * rho)}": one for rho, one in zip(RHOS, own, strict=True)}
