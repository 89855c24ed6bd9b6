"""``source_days``: what one source did in one way during one day (UTC).

Made from ``flowtuples`` by the derivation of the same name, for everything that counts
hosts over days and months. Hosts are never summed over finer times: a row is a source and
a family of packets, ``part`` numbers the rows of a source from 0, and so the rows with part
0 are the hosts of a day. What is a survey comes last, so that hosts without surveys are the
rows with part 0 that are no survey. Where an address belongs is looked up when it is asked.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Table

__all__ = ["TABLE"]

_C, _K = Column, Kind

TABLE = Table(
    name="source_days",
    version=1,
    en="What each source did in a day, with its label",
    ja="各送信元の 1 日の活動とラベル",
    order=("ts", "src_hi", "src_lo", "part"),
    columns=(
        _C("last", _K.TIMESTAMP, "last packet of the day", "その日の最後のパケット",
           Encoding.DELTA),
        _C("part", _K.INT16, "number of the row among those of the source and day",
           "同じ送信元・同じ日の中での行番号"),
        _C("family", _K.LABEL, "family of packets (see the manual on labels)",
           "パケットの系統(マニュアルのラベルの章を参照)"),
        _C("ptype", _K.LABEL, "most frequent packet type", "最も多いパケット種別"),
        _C("label", _K.LABEL, "what the source did", "送信元の活動のラベル"),
        _C("confidence", _K.FLOAT64, "probability of the label", "ラベルの確率", Encoding.SPLIT),
        _C("tool", _K.LABEL, "tool that left its mark, empty where none did",
           "痕跡を残したツール(なければ空)"),
        _C("packets", _K.INT64, "packets", "パケット数", Encoding.SPLIT),
        _C("octets", _K.INT64, "bytes of IP datagrams", "IP データグラムのバイト数",
           Encoding.SPLIT),
        _C("minutes", _K.INT32, "minutes with packets", "パケットのあった分の数", Encoding.SPLIT),
        _C("sessions", _K.INT32, "sessions", "セッション数"),
        _C("ports", _K.INT32, "distinct services", "異なるサービスの数", Encoding.SPLIT),
        _C("port", _K.INT32, "service with the most packets", "最もパケットの多いサービス",
           Encoding.SPLIT),
        _C("port_packets", _K.INT64, "packets to that service", "そのサービス宛のパケット数",
           Encoding.SPLIT),
        _C("destinations", _K.INT64, "distinct destinations, at least",
           "異なる宛先の数(下限)", Encoding.SPLIT),
    ),
)  # fmt: skip
