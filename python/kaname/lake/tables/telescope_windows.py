"""``telescope_windows``: one sensor in ten minutes, as detectors of change look at it.

Made from ``flowtuples`` by the derivation of the same name: totals for ChangeFinder, and
how densely sources move together for Dark-GLASSO, which both are asked of days at a time.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Table

__all__ = ["TABLE"]

_C, _K = Column, Kind

TABLE = Table(
    name="telescope_windows",
    version=1,
    en="Totals and synchrony of a sensor per ten minutes",
    ja="センサーごと・10 分ごとの合計と同期の度合い",
    order=("ts",),
    mentions=(),
    columns=(
        _C("packets", _K.INT64, "packets", "パケット数", Encoding.SPLIT),
        _C("hosts", _K.INT64, "distinct sources", "異なる送信元の数", Encoding.SPLIT),
        _C(
            "networks",
            _K.INT64,
            "/16 networks that send TCP, as used for the densities",
            "密度の計算に使った、TCP を送る /16 の数",
            Encoding.SPLIT,
        ),
        *(
            _C(
                f"density_{tenth}",
                _K.FLOAT64,
                f"density of the graph of networks at rho 0.{tenth}",
                f"ネットワークのグラフの密度(rho 0.{tenth})",
                Encoding.SPLIT,
            )
            for tenth in range(4, 10)
        ),
    ),
)
