"""``dns``: one row per DNS exchange: query and response joined where both were seen.

``src`` is the client, ``dst`` the server. ``state`` is query, response or both.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="dns",
    version=1,
    en="DNS queries and responses",
    ja="DNS の問い合わせと応答",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("dst_hi", "dst_lo")),
        _M("domain", ("qname",)),
        _M("domain", ("regdom",)),
        _M("text", ("answers",)),
    ),
    columns=(
        _C("dst_hi", _K.INT64, "server, high 64 bits", "サーバーの上位 64 ビット"),
        _C("dst_lo", _K.INT64, "server, low 64 bits", "サーバーの下位 64 ビット"),
        _C(
            "sport",
            _K.INT32,
            "client's port, 0 when unknown",
            "クライアントのポート(不明なら 0)",
            Encoding.SPLIT,
        ),
        _C("dport", _K.INT32, "server's port, 0 when unknown", "サーバーのポート(不明なら 0)"),
        _C("transport", _K.LABEL, "udp, tcp, tls, https, quic or unknown", "トランスポート"),
        _C(
            "dns_id",
            _K.INT32,
            "message id, 0 when unknown",
            "メッセージ ID(不明なら 0)",
            Encoding.SPLIT,
        ),
        _C(
            "qname",
            _K.STRING,
            "name asked, lower case, no root dot; odd bytes as \\DDD (RFC 1035, 5.1)",
            "問い合わせ名(小文字、末尾のドットなし)",
        ),
        _C(
            "regdom",
            _K.STRING,
            "registered domain by the Public Suffix List; null when the name is none",
            "登録ドメイン(Public Suffix List による)",
            nullable=True,
        ),
        _C("qtype", _K.INT32, "type asked", "問い合わせ型"),
        _C("qclass", _K.INT32, "class asked", "問い合わせクラス"),
        _C(
            "rcode",
            _K.INT16,
            "response code with the extended bits; null without a response",
            "応答コード(拡張ビット含む。応答がなければ null)",
            nullable=True,
        ),
        _C("state", _K.LABEL, "query, response or both", "query・response・both のいずれか"),
        _C(
            "rtt_us",
            _K.INT64,
            "from query to response, microseconds",
            "問い合わせから応答まで(マイクロ秒)",
            Encoding.SPLIT,
            nullable=True,
        ),
        _C("opcode", _K.INT16, "operation code", "オペレーションコード"),
        _C(
            "head_bits",
            _K.INT32,
            "flags word of the header, of the response when there is one (RFC 1035, 4.1.1)",
            "ヘッダーのフラグ(応答があればその値)",
        ),
        _C("edns_do", _K.BOOL, "the client asked for DNSSEC", "DO ビット"),
        _C(
            "ecs",
            _K.STRING,
            "client subnet (RFC 7871), as a prefix",
            "クライアントサブネット",
            nullable=True,
        ),
        _C("an_count", _K.INT32, "answers", "回答数", nullable=True),
        _C("ns_count", _K.INT32, "authority records", "権威レコード数", nullable=True),
        _C("ar_count", _K.INT32, "additional records", "追加レコード数", nullable=True),
        _C(
            "answers",
            _K.STRING_LIST,
            "data of the answer records in presentation form",
            "回答レコードのデータ",
            nullable=True,
        ),
        _C("answer_types", _K.STRING_LIST, "their types", "その型", nullable=True),
        _C("min_ttl", _K.INT64, "least TTL of the answers", "回答の最小 TTL", nullable=True),
        _C(
            "req_len",
            _K.INT32,
            "bytes of the query message",
            "問い合わせのバイト数",
            Encoding.SPLIT,
            nullable=True,
        ),
        _C(
            "res_len",
            _K.INT32,
            "bytes of the response message",
            "応答のバイト数",
            Encoding.SPLIT,
            nullable=True,
        ),
    ),
)
