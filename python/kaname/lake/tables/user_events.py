"""``user_events``: one row per act of a user, ``src`` is the client."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="user_events",
    version=1,
    en="User behaviour: proxy, web, login",
    ja="利用者の行動(プロキシー・Web・ログイン)",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("dst_hi", "dst_lo")),
        _M("user", ("user",)),
        _M("host", ("host",)),
        _M("url", ("url",)),
        _M("domain", ("domain",)),
        _M("domain", ("regdom",)),
    ),
    columns=(
        _C("app", _K.LABEL, "proxy, web, ssh, auth, vpn, ids, firewall or other", "種別"),
        _C("user", _K.STRING, "account", "アカウント", nullable=True),
        _C("host", _K.STRING, "machine that logged it", "記録したホスト", nullable=True),
        _C("dst_hi", _K.INT64, "server, high 64 bits", "サーバーの上位 64 ビット"),
        _C("dst_lo", _K.INT64, "server, low 64 bits", "サーバーの下位 64 ビット"),
        _C("dport", _K.INT32, "server's port, 0 when unknown", "サーバーのポート"),
        _C("method", _K.LABEL, "HTTP method or kind of login", "メソッド", nullable=True),
        _C("url", _K.STRING, "URL", "URL", nullable=True),
        _C("domain", _K.STRING, "host in the URL", "URL のホスト", nullable=True),
        _C("regdom", _K.STRING, "its registered domain", "登録ドメイン", nullable=True),
        _C("status", _K.INT32, "status code", "ステータス", nullable=True),
        _C("octets_in", _K.INT64, "bytes to the client", "受信バイト数", nullable=True),
        _C("octets_out", _K.INT64, "bytes from the client", "送信バイト数", nullable=True),
        _C("ua", _K.STRING, "user agent", "ユーザーエージェント", nullable=True),
        _C("referrer", _K.STRING, "referrer", "リファラー", nullable=True),
        _C("mime", _K.LABEL, "media type", "メディア型", nullable=True),
        _C(
            "result", _K.LABEL, "success, failure, denied or as the log says", "結果", nullable=True
        ),
        _C("message", _K.STRING, "text of the entry", "本文", nullable=True),
    ),
)
