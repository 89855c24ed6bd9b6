"""``mail``: one row per message. ``src`` is the first hop that the receiver did not trust."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="mail",
    version=1,
    en="Mail messages",
    ja="メール",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("domain", ("from_dom",)),
        _M("email", ("from_addr",)),
        _M("email", ("env_from",)),
        _M("url", ("urls",)),
        _M("domain", ("url_regdoms",)),
        _M("sha256", ("attach_sha256",)),
    ),
    columns=(
        _C(
            "from_addr",
            _K.STRING,
            "address in From, lower case; empty when there is none",
            "From のアドレス(小文字。なければ空)",
        ),
        _C("from_dom", _K.STRING, "its domain", "そのドメイン"),
        _C("from_name", _K.STRING, "display name in From", "From の表示名", nullable=True),
        _C(
            "env_from",
            _K.STRING,
            "envelope sender (Return-Path)",
            "エンベロープ送信者",
            nullable=True,
        ),
        _C("rcpt", _K.STRING_LIST, "recipients", "宛先", nullable=True),
        _C(
            "helo",
            _K.STRING,
            "name in HELO of the first untrusted hop",
            "最初の信頼できないホップの HELO",
            nullable=True,
        ),
        _C("rdns", _K.STRING, "reverse name of that hop", "その逆引き名", nullable=True),
        _C("hops", _K.STRING, "all hops, newest first, JSON", "全ホップ(JSON)", nullable=True),
        _C("subject", _K.STRING, "subject, decoded", "件名"),
        _C("msgid", _K.STRING, "Message-ID", "Message-ID", nullable=True),
        _C("urls", _K.STRING_LIST, "URLs in the bodies", "本文の URL", nullable=True),
        _C(
            "url_regdoms",
            _K.STRING_LIST,
            "their registered domains, distinct",
            "その登録ドメイン",
            nullable=True,
        ),
        _C(
            "attach",
            _K.STRING,
            "attachments: name, mime, sha256, len; JSON",
            "添付(JSON)",
            nullable=True,
        ),
        _C(
            "attach_sha256",
            _K.STRING_LIST,
            "SHA-256 of the attachments, hex",
            "添付の SHA-256",
            nullable=True,
        ),
        _C("lang", _K.LABEL, "language of the body", "本文の言語", nullable=True),
        _C("charset", _K.LABEL, "charset of the first text body", "文字コード", nullable=True),
        _C(
            "body_simhash",
            _K.INT64,
            "64-bit simhash of the words of the body, 0 when empty",
            "本文の simhash",
            Encoding.PLAIN,
        ),
        _C("size", _K.INT64, "bytes of the message", "バイト数"),
        _C(
            "auth",
            _K.STRING,
            "results of SPF, DKIM, DMARC as the receiver wrote them",
            "SPF・DKIM・DMARC の結果",
            nullable=True,
        ),
        _C("trap", _K.LABEL, "trap that received it", "受信した罠", nullable=True),
    ),
)
