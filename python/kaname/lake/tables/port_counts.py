"""``port_counts``: how many asked for a service in ten minutes.

Made from ``flowtuples`` by the derivation of the same name, for questions about the course
of ports over weeks. Sources are distinct within the ten minutes and the packet type;
those that ask for very many services (surveys) are counted apart, and crowds before one address
(forged floods, peers of a P2P network) are left out.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Table

__all__ = ["TABLE"]

_C, _K = Column, Kind

TABLE = Table(
    name="port_counts",
    version=1,
    en="Sources and packets per service and ten minutes",
    ja="サービス・10 分ごとの送信元数とパケット数",
    order=("ts", "ptype", "port"),
    mentions=(),
    columns=(
        _C("ptype", _K.LABEL, "packet type", "パケット種別"),
        _C("port", _K.INT32, "service, as in `flowtuples`", "サービス(`flowtuples` と同じ)"),
        _C("packets", _K.INT64, "packets", "パケット数", Encoding.SPLIT),
        _C("uniq_src", _K.INT32, "distinct sources", "異なる送信元の数", Encoding.SPLIT),
        _C(
            "uniq_src16",
            _K.INT32,
            "distinct /16 of the sources (IPv6: /32)",
            "送信元の異なる /16 の数(IPv6 は /32)",
            Encoding.SPLIT,
        ),
        _C(
            "wide_src",
            _K.INT32,
            "sources among them that asked for 30 services or more in the hour",
            "そのうち 1 時間に 30 以上のサービスへ送った送信元の数",
            Encoding.SPLIT,
        ),
        _C(
            "top_packets",
            _K.INT64,
            "packets of the source that sent most",
            "最も多く送った送信元のパケット数",
            Encoding.SPLIT,
        ),
        _C("family", _K.LABEL, "family of packets with most sources", "送信元が最も多い系統"),
        _C(
            "family_src",
            _K.INT32,
            "sources in that family",
            "その系統の送信元の数",
            Encoding.SPLIT,
        ),
    ),
)
