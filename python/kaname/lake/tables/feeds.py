"""``feeds``: one row per entry of a list of bad things.

``src`` is the address, where the entry is one.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="feeds",
    version=1,
    en="Entries of phishing, malware and other feeds",
    ja="フィッシング・マルウェア等のフィード",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("text", ("value",)),
        _M("domain", ("regdom",)),
        _M("url", ("url",)),
    ),
    columns=(
        _C("value", _K.STRING, "the entry, in canonical form", "値(正規形)"),
        _C("vtype", _K.LABEL, "ip, net, domain, url, sha256, md5, sha1 or email", "値の種別"),
        _C("regdom", _K.STRING, "registered domain", "登録ドメイン", nullable=True),
        _C("url", _K.STRING, "URL, where the entry has one", "URL", nullable=True),
        _C("feed", _K.LABEL, "name of the feed", "フィード名"),
        _C(
            "label",
            _K.LABEL,
            "what it is said to be: phishing, malware, c2, spam, scanner, unknown",
            "ラベル",
        ),
        _C("target", _K.STRING, "brand or victim that is imitated", "標的", nullable=True),
        _C("first_us", _K.INT64, "first seen, microseconds", "初回(マイクロ秒)", nullable=True),
        _C("last_us", _K.INT64, "last seen, microseconds", "最終(マイクロ秒)", nullable=True),
        _C("confidence", _K.INT16, "0 to 100, as the feed says", "信頼度", nullable=True),
        _C("status", _K.LABEL, "online, offline or as the feed says", "状態", nullable=True),
        _C("asn", _K.INT64, "AS", "AS 番号", nullable=True),
        _C("cc", _K.LABEL, "country", "国", nullable=True),
    ),
)
