"""``crypto_assets``: one row per certificate, key, suite, group, setting or use of cryptography.

Rows of one inventory have its digest and its time. ``src`` is the address of an endpoint that
is named by one. ``alike`` is a digest of all that a policy looks at besides validity: items
that have the same are judged alike, wherever they are.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="crypto_assets",
    version=1,
    en="Cryptography in use: certificates, keys, protocols, suites, settings, code",
    ja="使用中の暗号(証明書・鍵・プロトコル・暗号スイート・設定・コード)",
    order=("ts", "inventory", "location"),
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("domain", ("host",)),
        _M("sha256", ("evidence",)),
        _M("sha256", ("inventory",)),
    ),
    columns=(
        _C("inventory", _K.STRING, "SHA-256 of the inventory", "インベントリーの SHA-256"),
        _C("name", _K.STRING, "what it is an inventory of", "インベントリーの対象"),
        _C("item", _K.STRING, "id of what was found", "項目の ID"),
        _C("asset", _K.LABEL, "certificate, private-key, cipher-suite, group, code-use ...",
           "種類(証明書、秘密鍵、暗号スイート、グループ、コードなど)"),
        _C("location", _K.STRING, "file, or endpoint (host:port)",
           "ファイルまたは接続先(ホスト:ポート)"),
        _C("line", _K.INT32, "line in the file, from 1", "ファイル内の行(1 から)", nullable=True),
        _C("byte_offset", _K.INT64, "byte in the file", "ファイル内のバイト位置", nullable=True),
        _C("host", _K.STRING, "host of an endpoint", "接続先のホスト", nullable=True),
        _C("port", _K.INT32, "port of an endpoint", "接続先のポート", nullable=True),
        _C("algorithm", _K.STRING, "algorithm", "アルゴリズム"),
        _C("parameter", _K.STRING, "bits of the key, or curve", "鍵のビット数または曲線",
           nullable=True),
        _C("use", _K.LABEL, "sign, kem, key-agreement, aead, cipher, hash, mac, kdf, tls",
           "用途(署名、鍵共有、暗号化など)", nullable=True),
        _C("strength", _K.INT32, "classical strength in bits", "古典的な安全性(ビット)",
           nullable=True),
        _C("quantum_vulnerable", _K.BOOL, "whether a quantum computer breaks it",
           "量子コンピューターで破られるか"),
        _C("not_before", _K.TIMESTAMP, "valid from", "有効期間の開始",
           nullable=True),
        _C("not_after", _K.TIMESTAMP, "valid until", "有効期間の終了",
           nullable=True),
        _C("subject", _K.STRING, "subject of a certificate", "証明書のサブジェクト", nullable=True),
        _C("issuer", _K.STRING, "issuer of a certificate", "証明書の発行者", nullable=True),
        _C("signature_hash", _K.STRING, "hash of the issuer's signature", "署名のハッシュ関数",
           nullable=True),
        _C("suite", _K.STRING, "TLS cipher suite, by its IANA name", "暗号スイート(IANA 名)",
           nullable=True),
        _C("evidence", _K.STRING, "SHA-256 of the bytes that say it (DER of a certificate)",
           "根拠となるバイト列の SHA-256(証明書は DER)"),
        _C("alike", _K.STRING, "digest of what a policy looks at", "判定に使う項目のダイジェスト"),
        _C("details", _K.STRING, "what else is known of it, JSON", "その他の詳細(JSON)"),
    ),
)  # fmt: skip
