"""``port_days``: packets and hosts of one packet type and service during one day (UTC).

Hosts are counted exactly within the day, with and without what is labelled a survey; they
cannot be added up over days, since a host may come again.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Table

__all__ = ["TABLE"]

_C, _K = Column, Kind

TABLE = Table(
    name="port_days",
    version=1,
    en="Packets and hosts of each service in a day",
    ja="サービスごとの 1 日のパケット数とホスト数",
    order=("ts", "ptype", "port"),
    mentions=(),
    columns=(
        _C("ptype", _K.LABEL, "packet type", "パケット種別"),
        _C("port", _K.INT32, "service, as in flowtuples", "サービス(flowtuples と同じ)",
           Encoding.SPLIT),
        _C("packets", _K.INT64, "packets", "パケット数", Encoding.SPLIT),
        _C("hosts", _K.INT64, "distinct sources", "異なる送信元の数", Encoding.SPLIT),
        _C("packets_rest", _K.INT64, "packets without surveys", "調査目的を除くパケット数",
           Encoding.SPLIT),
        _C("hosts_rest", _K.INT64, "distinct sources without surveys",
           "調査目的を除く送信元の数", Encoding.SPLIT),
    ),
)  # fmt: skip
