"""``tls``: one row per TLS handshake."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="tls",
    version=1,
    en="TLS handshakes",
    ja="TLS ハンドシェイク",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("dst_hi", "dst_lo")),
        _M("domain", ("sni",)),
        _M("text", ("ja3",)),
        _M("text", ("ja4",)),
        _M("sha256", ("cert_sha256",)),
    ),
    columns=(
        _C("dst_hi", _K.INT64, "server, high 64 bits", "サーバーの上位 64 ビット"),
        _C("dst_lo", _K.INT64, "server, low 64 bits", "サーバーの下位 64 ビット"),
        _C("sport", _K.INT32, "client's port", "クライアントのポート", Encoding.SPLIT),
        _C("dport", _K.INT32, "server's port", "サーバーのポート"),
        _C("sni", _K.STRING, "server name asked for", "SNI", nullable=True),
        _C("version", _K.LABEL, "protocol version", "バージョン", nullable=True),
        _C("cipher", _K.LABEL, "cipher suite", "暗号スイート", nullable=True),
        _C("ja3", _K.STRING, "JA3 of the client (MD5, hex)", "クライアントの JA3", nullable=True),
        _C("ja3s", _K.STRING, "JA3S of the server", "サーバーの JA3S", nullable=True),
        _C("ja4", _K.STRING, "JA4 of the client", "クライアントの JA4", nullable=True),
        _C(
            "subject",
            _K.STRING,
            "subject of the certificate",
            "証明書のサブジェクト",
            nullable=True,
        ),
        _C("issuer", _K.STRING, "issuer of the certificate", "証明書の発行者", nullable=True),
        _C(
            "cert_sha256",
            _K.STRING,
            "SHA-256 of the certificate, hex",
            "証明書の SHA-256",
            nullable=True,
        ),
        _C("established", _K.BOOL, "the handshake was completed", "確立したか", nullable=True),
        _C("validation", _K.LABEL, "result of the validation", "検証結果", nullable=True),
    ),
)
