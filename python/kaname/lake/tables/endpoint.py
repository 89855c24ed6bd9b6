"""``endpoint``: one row per event of an endpoint: process, network, file, registry, logon.

``src`` is the host's address where the event has one, else ``::``.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="endpoint",
    version=1,
    en="Endpoint events",
    ja="エンドポイントの事象",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("dst_hi", "dst_lo")),
        _M("host", ("host",)),
        _M("user", ("user",)),
        _M("sha256", ("sha256",)),
        _M("md5", ("md5",)),
        _M("domain", ("qname",)),
    ),
    columns=(
        _C("host", _K.STRING, "name of the host", "ホスト名"),
        _C(
            "event_class",
            _K.LABEL,
            "process, network, file, registry, logon, dns, module, service, alert or other",
            "事象の種別",
        ),
        _C("event_code", _K.INT32, "number that the provider gives the event", "イベント番号"),
        _C("provider", _K.LABEL, "provider of the event", "プロバイダー"),
        _C("user", _K.STRING, "account", "アカウント", nullable=True),
        _C("pid", _K.INT64, "process id", "プロセス ID", nullable=True),
        _C("ppid", _K.INT64, "parent's process id", "親プロセス ID", nullable=True),
        _C("image", _K.STRING, "executable", "実行ファイル", nullable=True),
        _C("cmdline", _K.STRING, "command line", "コマンドライン", nullable=True),
        _C("parent_image", _K.STRING, "parent's executable", "親の実行ファイル", nullable=True),
        _C(
            "parent_cmdline",
            _K.STRING,
            "parent's command line",
            "親のコマンドライン",
            nullable=True,
        ),
        _C("sha256", _K.STRING, "SHA-256, lower-case hex", "SHA-256", nullable=True),
        _C("md5", _K.STRING, "MD5, lower-case hex", "MD5", nullable=True),
        _C(
            "target_path",
            _K.STRING,
            "file, module or service acted on",
            "対象のパス",
            nullable=True,
        ),
        _C("reg_key", _K.STRING, "registry key", "レジストリーキー", nullable=True),
        _C("dst_hi", _K.INT64, "other end, high 64 bits", "相手の上位 64 ビット"),
        _C("dst_lo", _K.INT64, "other end, low 64 bits", "相手の下位 64 ビット"),
        _C("sport", _K.INT32, "local port, 0 when none", "送信元ポート"),
        _C("dport", _K.INT32, "remote port, 0 when none", "宛先ポート"),
        _C("proto", _K.INT16, "IP protocol number, 0 when none", "IP プロトコル番号"),
        _C("qname", _K.STRING, "name asked or host named", "問い合わせ名", nullable=True),
        _C("logon_type", _K.INT16, "Windows logon type", "ログオン種別", nullable=True),
        _C("result", _K.LABEL, "success or failure", "結果", nullable=True),
        _C("record_id", _K.INT64, "number of the record in its log", "レコード番号", nullable=True),
        _C("message", _K.STRING, "text of the event", "本文", nullable=True),
    ),
)
