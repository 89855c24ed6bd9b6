"""``alerts``: one row per alert of another system: Suricata, Zeek, Wazuh, OCSF findings."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="alerts",
    version=1,
    en="Alerts of other systems",
    ja="他システムの警報",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("ip", ("dst_hi", "dst_lo")),
        _M("domain", ("domain",)),
        _M("url", ("url",)),
    ),
    columns=(
        _C("dst_hi", _K.INT64, "destination, high 64 bits", "宛先の上位 64 ビット"),
        _C("dst_lo", _K.INT64, "destination, low 64 bits", "宛先の下位 64 ビット"),
        _C("sport", _K.INT32, "source port, 0 when none", "送信元ポート"),
        _C("dport", _K.INT32, "destination port, 0 when none", "宛先ポート"),
        _C("proto", _K.INT16, "IP protocol number, 0 when none", "IP プロトコル番号"),
        _C("sid", _K.INT64, "number of the rule, 0 when none", "ルール番号"),
        _C("signature", _K.STRING, "what the alert says", "警報の内容"),
        _C("category", _K.LABEL, "class of the alert", "分類", nullable=True),
        _C(
            "severity",
            _K.INT16,
            "1 (highest) to 5, as OCSF and Suricata order them turned to this scale",
            "深刻度(1 が最高)",
        ),
        _C("engine", _K.LABEL, "system that raised it", "検知システム"),
        _C("action", _K.LABEL, "allowed, blocked", "処置", nullable=True),
        _C("flow_key", _K.STRING, "flow id, uid or community id", "フロー識別子", nullable=True),
        _C("domain", _K.STRING, "host named by the alert", "ホスト名", nullable=True),
        _C("url", _K.STRING, "URL named by the alert", "URL", nullable=True),
    ),
)
