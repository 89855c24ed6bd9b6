"""``crawl``: one row per page that a client honeypot visited. ``src`` is the server's address."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="crawl",
    version=1,
    en="Visits of client honeypots",
    ja="クライアントハニーポットの巡回",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("url", ("page_url",)),
        _M("url", ("final_url",)),
        _M("url", ("resource_urls",)),
        _M("domain", ("domains",)),
        _M("sha256", ("sha256s",)),
    ),
    columns=(
        _C("page_url", _K.STRING, "page that was asked for", "要求したページ"),
        _C("final_url", _K.STRING, "where it ended", "到達したページ", nullable=True),
        _C("title", _K.STRING, "title", "題名", nullable=True),
        _C("status", _K.INT32, "HTTP status", "ステータス", nullable=True),
        _C("redirects", _K.STRING_LIST, "URLs passed through", "リダイレクト", nullable=True),
        _C(
            "resources",
            _K.STRING,
            "resources: url, ip, mime, status, len, sha256; JSON",
            "リソース(JSON)",
            nullable=True,
        ),
        _C("resource_urls", _K.STRING_LIST, "their URLs", "リソースの URL", nullable=True),
        _C("domains", _K.STRING_LIST, "distinct hosts contacted", "接続先ホスト", nullable=True),
        _C(
            "sha256s",
            _K.STRING_LIST,
            "distinct SHA-256 of resources",
            "リソースの SHA-256",
            nullable=True,
        ),
        _C("verdict", _K.LABEL, "malicious, suspicious, benign or null", "判定", nullable=True),
        _C("engine", _K.LABEL, "what visited it", "巡回ソフト", nullable=True),
    ),
)
