"""``exposure``: one row per exposed service as a scanner reports it; ``src`` is the host."""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="exposure",
    version=1,
    en="Exposed services (open resolvers, Shadowserver reports)",
    ja="公開サービス(オープンリゾルバー、Shadowserver レポート)",
    mentions=(
        _M("ip", ("src_hi", "src_lo")),
        _M("domain", ("hostname",)),
    ),
    columns=(
        _C("port", _K.INT32, "port", "ポート"),
        _C("proto", _K.INT16, "IP protocol number", "IP プロトコル番号"),
        _C("service", _K.LABEL, "service or protocol", "サービス"),
        _C("report", _K.LABEL, "kind of report", "レポート種別"),
        _C(
            "amp_factor",
            _K.FLOAT64,
            "amplification as measured by the reporter",
            "測定された増幅率",
            nullable=True,
        ),
        _C("banner", _K.STRING, "what the service says of itself", "バナー", nullable=True),
        _C("asn", _K.INT64, "AS", "AS 番号", nullable=True),
        _C("cc", _K.LABEL, "country, ISO 3166-1", "国", nullable=True),
        _C("hostname", _K.STRING, "reverse name", "逆引き名", nullable=True),
        _C("severity", _K.LABEL, "as the reporter says", "深刻度", nullable=True),
        _C("tag", _K.LABEL, "tag of the reporter", "タグ", nullable=True),
    ),
)
