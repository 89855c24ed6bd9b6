"""``flows``: one row per flow record: NetFlow, IPFIX, sFlow samples, Zeek conn, EVE, Argus.

``packets`` and ``octets`` are the counters of the record; volumes are counter times
``sampling`` (1: every packet was seen). ``src`` is the side that the record calls source.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="flows",
    version=1,
    en="Flow records and sampled packets",
    ja="フローレコードとサンプルされたパケット",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("dst_hi", "dst_lo")),
        _M("ip", ("exporter_hi", "exporter_lo")),
    ),
    # Rows stand in the order of time, in which addresses come back but do not ascend.
    encodings={"src_lo": Encoding.DICTIONARY},
    columns=(
        _C("dst_hi", _K.INT64, "destination, high 64 bits", "宛先の上位 64 ビット"),
        _C("dst_lo", _K.INT64, "destination, low 64 bits", "宛先の下位 64 ビット"),
        _C(
            "sport",
            _K.INT32,
            "source port, 0 where there is none",
            "送信元ポート(なければ 0)",
            Encoding.SPLIT,
        ),
        _C(
            "dport",
            _K.INT32,
            "destination port; ICMP type*256+code",
            "宛先ポート(ICMP は type*256+code)",
            Encoding.SPLIT,
        ),
        _C("proto", _K.INT16, "IP protocol number", "IP プロトコル番号"),
        _C(
            "tcp_bits", _K.INT16, "union of TCP flags, 0 when unknown", "TCP フラグの和(不明なら 0)"
        ),
        _C(
            "packets",
            _K.INT64,
            "packets counted, before multiplying with sampling",
            "パケット数(サンプリング補正前)",
            Encoding.SPLIT,
        ),
        _C(
            "octets",
            _K.INT64,
            "bytes counted, before multiplying with sampling",
            "バイト数(サンプリング補正前)",
            Encoding.SPLIT,
        ),
        _C(
            "dur_us",
            _K.INT64,
            "from first to last packet, microseconds",
            "最初から最後のパケットまで(マイクロ秒)",
        ),
        _C(
            "sampling",
            _K.INT32,
            "one of how many packets was looked at; 1: all",
            "サンプリング間隔(1 は全パケット)",
        ),
        _C(
            "packets_rev",
            _K.INT64,
            "packets of the other direction, 0 when not a biflow",
            "逆方向のパケット数(片方向なら 0)",
        ),
        _C("octets_rev", _K.INT64, "bytes of the other direction", "逆方向のバイト数"),
        _C(
            "direction",
            _K.LABEL,
            "in or out, as the exporter says",
            "向き(エクスポーターの申告)",
            nullable=True,
        ),
        _C(
            "state",
            _K.LABEL,
            "state of the connection as Zeek spells it (S0, SF, REJ ...)",
            "接続状態(Zeek の表記)",
            nullable=True,
        ),
        _C("app", _K.LABEL, "application protocol", "アプリケーションプロトコル", nullable=True),
        _C("in_if", _K.INT32, "input interface", "入力インターフェース", nullable=True),
        _C("out_if", _K.INT32, "output interface", "出力インターフェース", nullable=True),
        _C("src_as", _K.INT64, "AS of the source", "送信元 AS", nullable=True),
        _C("dst_as", _K.INT64, "AS of the destination", "宛先 AS", nullable=True),
        _C("exporter_hi", _K.INT64, "exporter, high 64 bits", "エクスポーターの上位 64 ビット"),
        _C("exporter_lo", _K.INT64, "exporter, low 64 bits", "エクスポーターの下位 64 ビット"),
        _C(
            "obs_domain",
            _K.INT64,
            "observation domain, source id or sub-agent",
            "観測ドメイン(source id、sub-agent)",
        ),
        _C("vlan", _K.INT32, "VLAN id", "VLAN 番号", nullable=True),
    ),
)
