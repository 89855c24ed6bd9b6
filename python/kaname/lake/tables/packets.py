"""``packets``: one row per packet, kept when asked for (``kaname ingest --packets``)."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K = Column, Kind

TABLE = Table(
    name="packets",
    version=1,
    en="One row per packet: headers, no payload",
    ja="パケットごとのヘッダー(ペイロードなし)",
    order=("ts",),
    mentions=(
        Mention("ip", ("src_hi", "src_lo")),
        Mention("ip", ("dst_hi", "dst_lo")),
        Mention("ip", ("vic_hi", "vic_lo")),
    ),
    columns=(
        _C("dst_hi", _K.INT64, "destination, high 64 bits", "宛先の上位 64 ビット"),
        _C("dst_lo", _K.INT64, "destination, low 64 bits", "宛先の下位 64 ビット", Encoding.SPLIT),
        _C(
            "sport",
            _K.INT32,
            "source port, ICMP type",
            "送信元ポート、ICMP は type",
            Encoding.SPLIT,
        ),
        _C("dport", _K.INT32, "destination port, ICMP code", "宛先ポート、ICMP は code"),
        _C("proto", _K.INT16, "IP protocol number", "IP プロトコル番号"),
        _C("ptype", _K.LABEL, "packet type", "パケット種別"),
        _C("ttl", _K.INT16, "TTL or hop limit", "TTL またはホップ制限"),
        _C("ip_len", _K.INT32, "length of the IP datagram", "IP データグラム長"),
        _C("ip_id", _K.INT32, "IPv4 identification", "IPv4 識別子", Encoding.SPLIT),
        _C("tcp_bits", _K.INT16, "TCP flags", "TCP フラグ"),
        _C("tcp_seq", _K.INT64, "TCP sequence number", "TCP シーケンス番号", Encoding.SPLIT),
        _C("tcp_ack", _K.INT64, "TCP acknowledgement number", "TCP 確認応答番号", Encoding.SPLIT),
        _C("tcp_win", _K.INT32, "TCP window", "TCP ウィンドウ"),
        _C("opt_hash", _K.INT32, "hash of the TCP option layout", "TCP オプション構成のハッシュ"),
        _C("payload_len", _K.INT32, "payload bytes", "ペイロード長"),
        _C(
            "payload_hash", _K.INT32, "hash of the first 8 payload bytes", "先頭 8 バイトのハッシュ"
        ),
        _C("fp", _K.INT32, "fingerprint bits", "指紋ビット"),
        _C(
            "vic_hi",
            _K.INT64,
            "victim in an ICMP error, high",
            "ICMP エラーの被害先上位",
            nullable=True,
        ),
        _C(
            "vic_lo",
            _K.INT64,
            "victim in an ICMP error, low",
            "ICMP エラーの被害先下位",
            nullable=True,
        ),
        _C("vic_proto", _K.INT16, "inner protocol", "内側のプロトコル", nullable=True),
        _C("vic_port", _K.INT32, "inner port of the victim", "内側のポート", nullable=True),
    ),
)
