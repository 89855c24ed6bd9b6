"""``hops``: one row per hop of a traceroute; ``src`` is the probing host."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="hops",
    version=1,
    en="Traceroute hops",
    ja="traceroute のホップ",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("dst_hi", "dst_lo")),
        _M("ip", ("hop_hi", "hop_lo")),
    ),
    columns=(
        _C("dst_hi", _K.INT64, "target, high 64 bits", "宛先の上位 64 ビット"),
        _C("dst_lo", _K.INT64, "target, low 64 bits", "宛先の下位 64 ビット"),
        _C("trace", _K.STRING, "the run that the hop belongs to", "計測の識別子"),
        _C("ttl", _K.INT16, "TTL of the probe", "プローブの TTL"),
        _C(
            "hop_hi",
            _K.INT64,
            "router that answered, :: when none did, high 64 bits",
            "応答したルーター(なければ ::)の上位 64 ビット",
        ),
        _C(
            "hop_lo",
            _K.INT64,
            "router that answered, :: when none did, low 64 bits",
            "応答したルーター(なければ ::)の下位 64 ビット",
        ),
        _C("rtt_us", _K.INT64, "round trip, microseconds", "往復時間(マイクロ秒)", nullable=True),
        _C("asn", _K.INT64, "AS of the router", "ルーターの AS", nullable=True),
        _C("tool", _K.LABEL, "scamper, atlas or traceroute", "ツール"),
    ),
)
