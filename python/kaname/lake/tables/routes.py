"""``routes``: one row per prefix announced, withdrawn or listed. ``src`` is the peer."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="routes",
    version=1,
    en="BGP updates and tables",
    ja="BGP の更新と経路表",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("prefix_hi", "prefix_lo")),
        _M("ip", ("next_hop_hi", "next_hop_lo")),
    ),
    columns=(
        _C(
            "op",
            _K.LABEL,
            "A: announced, W: withdrawn, R: in the table",
            "A=広告、W=取り消し、R=経路表",
        ),
        _C("prefix_hi", _K.INT64, "prefix, high 64 bits", "プレフィックスの上位 64 ビット"),
        _C("prefix_lo", _K.INT64, "prefix, low 64 bits", "プレフィックスの下位 64 ビット"),
        _C("plen", _K.INT16, "length of the prefix as written (IPv4: 0 to 32)", "プレフィックス長"),
        _C("peer_as", _K.INT64, "AS of the peer", "ピアの AS"),
        _C("origin_as", _K.INT64, "last AS of the path", "経路の起点 AS", nullable=True),
        _C("path", _K.STRING, "AS path, as bgpdump writes it", "AS パス"),
        _C("path_len", _K.INT32, "ASes in the path", "パス長"),
        _C(
            "communities", _K.STRING, "communities, blanks between", "コミュニティー", nullable=True
        ),
        _C("next_hop_hi", _K.INT64, "next hop, high 64 bits", "ネクストホップの上位 64 ビット"),
        _C("next_hop_lo", _K.INT64, "next hop, low 64 bits", "ネクストホップの下位 64 ビット"),
        _C("collector", _K.LABEL, "collector", "コレクター", nullable=True),
    ),
)
