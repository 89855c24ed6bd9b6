"""``observations``: one row per observation of the fusion store.

``src`` is its first address with the role ``src``, where it has one. The lake knows no
sharing groups: what is limited to some is marked RED here.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="observations",
    version=1,
    en="Observations that were fused",
    ja="融合した観測",
    mentions=(_M("text", ("artifacts",)),),
    columns=(
        _C("id", _K.STRING, "identifier of the observation", "観測の識別子", Encoding.PLAIN),
        _C("source", _K.STRING, "who saw or said it", "情報源"),
        _C("what", _K.STRING, "kind: scan, download, listing, report, finding ...", "観測の種類"),
        _C(
            "received",
            _K.INT64,
            "when it came, microseconds",
            "受信時刻(マイクロ秒)",
            Encoding.DELTA,
        ),
        _C("org", _K.STRING, "organisation it is from", "組織", nullable=True),
        _C("groups", _K.STRING_LIST, "sharing groups it is limited to", "共有グループ"),
        _C("pap", _K.STRING, "permissible actions (PAP)", "許容される行動(PAP)"),
        _C("weight", _K.FLOAT64, "how sure the source is, 0 to 1", "確からしさ(0〜1)"),
        _C("behaviours", _K.STRING_LIST, "what it shows an artifact doing", "振る舞い"),
        _C("finding", _K.STRING, "the finding that it is", "検出結果の識別子", nullable=True),
        _C("artifacts", _K.STRING_LIST, "values of the artifacts it mentions", "触れた対象の値"),
        _C("artifact_kinds", _K.STRING_LIST, "their kinds", "対象の種別"),
        _C("roles", _K.STRING_LIST, "their roles", "対象の役割"),
        _C("body", _K.STRING, "whatever else was in it, JSON", "その他の内容(JSON)", nullable=True),
    ),
)
