"""``suspect_nets``: the nets of a judged design that a verifier looks at, the surest first.

A net is judged by the cell that drives it; ``place`` is that cell's number in the design and
``row_in_src`` the same. Kept are all nets above the threshold (5,000 at most), and the next
twenty. Names are as the file has them and were no part of the judgement.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="suspect_nets",
    version=1,
    en="Nets of judged designs, ranked by the probability of a Trojan",
    ja="判定した設計のネット(トロイである確率の順)",
    order=("ts", "digest", "rank"),
    mentions=(_M("sha256", ("digest",)),),
    columns=(
        _C("digest", _K.STRING, "SHA-256 of the netlist's bytes", "ネットリストの SHA-256"),
        _C("design", _K.STRING, "name of the (top) module", "(最上位)モジュール名"),
        _C("suspicious", _K.BOOL, "whether the design is judged to have a Trojan",
           "設計をトロイありと判定したか"),
        _C("design_probability", _K.FLOAT64, "probability that the design has a Trojan",
           "設計にトロイが含まれる確率", Encoding.SPLIT),
        _C("place", _K.INT64, "number of the driving cell in the design",
           "駆動セルの設計内での番号", Encoding.DELTA),
        _C("rank", _K.INT32, "place in the order of suspicion, from 1", "疑わしさの順位(1 から)",
           Encoding.DELTA),
        _C("net", _K.STRING, "net", "ネット名"),
        _C("instance", _K.STRING, "driving cell", "駆動セルのインスタンス名"),
        _C("cell", _K.LABEL, "its type in the library", "ライブラリーのセル名"),
        _C("family", _K.LABEL, "what it does", "セルの種類"),
        _C("probability", _K.FLOAT64, "probability that the net belongs to a Trojan",
           "ネットがトロイに属する確率", Encoding.SPLIT),
        _C("threshold", _K.FLOAT64, "probability from which on a net is flagged",
           "ネットを疑わしいとする確率の下限", Encoding.SPLIT),
        _C("flagged", _K.BOOL, "whether it is at or above the threshold", "下限以上か"),
        _C("region", _K.INT32, "suspicious region, from 1; 0 where it is in none",
           "疑わしい領域の番号(1 から、なければ 0)"),
        _C("region_cells", _K.INT64, "cells of the region", "領域のセル数"),
        _C("region_probability", _K.FLOAT64, "probability that the region is a Trojan",
           "領域がトロイである確率", Encoding.SPLIT),
        _C("role", _K.LABEL, "what it looks like: trigger, counter, payload ...",
           "役割の推定(トリガー、カウンター、ペイロードなど)"),
        _C("reasons", _K.STRING, "features that speak for it, JSON", "根拠となる特徴(JSON)"),
        _C("around", _K.STRING, "the sub-circuit around it, JSON", "周辺の部分回路(JSON)"),
        _C("model", _K.LABEL, "model and its version", "モデルと版"),
    ),
)  # fmt: skip
