"""``rsdos``: attacks seen by their backscatter, by the rules of CAIDA's corsaro3.

A row is a vector (a victim under a transport protocol) that was reported at the end of an
interval of 60 s; ``ts`` is the interval's start, the source address is the victim, and
counts are those since the vector began (``rust/packets/src/rsdos.rs`` has the rules).
``row_in_src`` is the place of the vector's first packet.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K = Column, Kind

TABLE = Table(
    name="rsdos",
    version=1,
    en="Denial of service seen by backscatter, per victim, protocol and minute (corsaro rules)",
    ja="跳ね返りから見た DoS 攻撃(corsaro の規則、被害者・プロトコル・1 分ごと)",
    order=("ts", "src_hi", "src_lo", "proto"),
    encodings={"row_in_src": Encoding.SPLIT},
    mentions=(Mention("ip", ("src_hi", "src_lo")),),
    columns=(
        _C("proto", _K.INT16, "IP protocol of the attack", "攻撃の IP プロトコル番号"),
        _C("packets", _K.INT64, "packets since the vector began", "開始以降のパケット数"),
        _C("octets", _K.INT64, "bytes of IP datagrams", "IP データグラムのバイト数"),
        _C("max_ppm", _K.INT64, "most packets within 60 s", "60 秒間の最大パケット数"),
        _C("duration_us", _K.INT64, "from first to last, microseconds", "継続時間(マイクロ秒)"),
        _C("first", _K.TIMESTAMP, "first packet", "最初のパケット"),
        _C("last", _K.TIMESTAMP, "last packet", "最後のパケット"),
        _C("uniq_dst", _K.INT64, "distinct monitored addresses", "異なる観測アドレスの数"),
        _C(
            "uniq_attack_port",
            _K.INT64,
            "distinct ports that the attack seems to come from",
            "攻撃元に見える異なるポートの数",
        ),
        _C("uniq_target_port", _K.INT64, "distinct attacked ports", "攻撃された異なるポートの数"),
        _C(
            "mismatches",
            _K.INT64,
            "ICMP errors whose quoted source is not their receiver",
            "引用された送信元が受信者と異なる ICMP エラーの数",
        ),
        _C("attack_port", _K.INT32, "port of the first packet", "最初のパケットの攻撃元ポート"),
        _C("target_port", _K.INT32, "attacked port of the first", "最初に攻撃されたポート"),
    ),
)
