"""``flowtuples``: packets of one minute, gathered by source, destination /24 and service.

The form follows the FlowTuple of CAIDA's telescope (key without the host part of the
destination, since that is what makes years of it storable) with the packet type added
to the key. ``dst_hi``/``dst_lo`` hold the first destination seen; further destinations
of the same /24 (IPv6: /120) are kept exactly, as low bytes, in ``dst_more``.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K = Column, Kind

TABLE = Table(
    name="flowtuples",
    version=2,
    en="Packets per minute, source, destination /24 and service",
    ja="1 分・送信元・宛先 /24・サービスごとのパケット数",
    order=("ts", "src_hi", "src_lo", "ptype", "port", "dst_hi", "dst_lo"),
    # Rows of a minute are sorted by source, so that places in the source jump about.
    encodings={"row_in_src": Encoding.SPLIT},
    mentions=(
        Mention("ip", ("src_hi", "src_lo")),
        Mention("ip", ("dst_hi", "dst_lo")),
        Mention("ip", ("vic_hi", "vic_lo")),
    ),
    columns=(
        _C("dst_hi", _K.INT64, "first destination, high 64 bits", "最初の宛先の上位 64 ビット"),
        _C(
            "dst_lo",
            _K.INT64,
            "first destination, low 64 bits",
            "最初の宛先の下位 64 ビット",
            Encoding.SPLIT,
        ),
        _C(
            "dst_more",
            _K.INT16_LIST,
            "low bytes of the other destinations in the same /24",
            "同じ /24 内の他の宛先の下位バイト",
            nullable=True,
        ),
        _C("uniq_dst", _K.INT16, "distinct destinations", "異なる宛先の数", Encoding.SPLIT),
        _C(
            "port",
            _K.INT32,
            "service: destination port of requests, source port of answers, ICMP type*256+code",
            "サービスのポート(要求は宛先、応答は送信元、ICMP は type*256+code)",
        ),
        _C("proto", _K.INT16, "IP protocol number", "IP プロトコル番号"),
        _C("ptype", _K.LABEL, "packet type", "パケット種別"),
        _C("packets", _K.INT32, "packets", "パケット数", Encoding.SPLIT),
        _C(
            "octets", _K.INT64, "bytes of IP datagrams", "IP データグラムのバイト数", Encoding.SPLIT
        ),
        _C(
            "uniq_sport",
            _K.INT32,
            "distinct source ports",
            "異なる送信元ポートの数",
            Encoding.SPLIT,
        ),
        _C("ttl_mode", _K.INT16, "most frequent TTL", "最も多い TTL", Encoding.SPLIT),
        _C("win_first", _K.INT32, "TCP window of the first packet", "最初の TCP ウィンドウ"),
        _C(
            "opt_first",
            _K.INT32,
            "hash of the first TCP option layout",
            "最初の TCP オプション構成",
        ),
        _C(
            "pay_first",
            _K.INT32,
            "hash of the first 8 payload bytes",
            "先頭ペイロード 8 バイトのハッシュ",
        ),
        _C(
            "fp_all",
            _K.INT32,
            "fingerprint bits that all packets have",
            "全パケットに共通の指紋ビット",
        ),
        _C("fp_any", _K.INT32, "fingerprint bits that any packet has", "いずれかが持つ指紋ビット"),
        _C(
            "first_s",
            _K.INT16,
            "second of the minute of the first packet",
            "最初のパケットの秒",
            Encoding.SPLIT,
        ),
        _C(
            "vic_hi",
            _K.INT64,
            "victim named by the header inside an ICMP error, high 64 bits",
            "ICMP エラー内ヘッダーの示す被害先の上位 64 ビット",
            nullable=True,
        ),
        _C("vic_lo", _K.INT64, "the same, low 64 bits", "同じく下位 64 ビット", nullable=True),
        _C(
            "vic_proto", _K.INT16, "protocol of the inner header", "内側のプロトコル", nullable=True
        ),
        _C(
            "vic_port", _K.INT32, "victim's port in the inner header", "内側のポート", nullable=True
        ),
        _C(
            "inv_all",
            _K.INT32,
            "relations of header fields to the destination that all packets satisfy (bits)",
            "全パケットが満たすヘッダー項目と宛先の関係(ビット)",
            nullable=True,
        ),
    ),
)
