"""``netlists``: one row per gate-level design that was judged, with the model's verdict.

``ts`` is the time of the file or the one that was told (option ``time``), since a netlist has
no clock. The verdict is that of the model named in the row: the same bytes judged by another
model are another row.
"""

from __future__ import annotations

from kaname.lake.tables.frame import Column, Encoding, Kind, Mention, Table

__all__ = ["TABLE"]

_C, _K, _M = Column, Kind, Mention

TABLE = Table(
    name="netlists",
    version=1,
    en="Gate-level designs, each with the verdict of a model",
    ja="ゲートレベル設計と、モデルによる判定",
    order=("ts", "digest"),
    mentions=(_M("sha256", ("digest",)),),
    columns=(
        _C("digest", _K.STRING, "SHA-256 of the netlist's bytes", "ネットリストの SHA-256"),
        _C("name", _K.STRING, "name of the (top) module", "(最上位)モジュール名"),
        _C("format", _K.LABEL, "verilog, yosys or bench", "形式(verilog、yosys、bench)"),
        _C("cells", _K.INT64, "instances of cells", "セルのインスタンス数", Encoding.SPLIT),
        _C("nets", _K.INT64, "nets", "ネット数", Encoding.SPLIT),
        _C("problems", _K.INT64, "places that could not be read", "読めなかった箇所の数"),
        _C("suspicious", _K.BOOL, "whether the verdict is that there is a Trojan",
           "トロイありと判定したか"),
        _C("probability", _K.FLOAT64, "probability that there is a Trojan in the design",
           "設計にトロイが含まれる確率", Encoding.SPLIT),
        _C("threshold", _K.FLOAT64, "probability from which on a net is flagged",
           "ネットを疑わしいとする確率の下限", Encoding.SPLIT),
        _C("top", _K.FLOAT64, "highest probability of a net", "ネットの確率の最大値",
           Encoding.SPLIT),
        _C("flagged", _K.INT64, "nets at or above the threshold", "下限以上のネット数",
           Encoding.SPLIT),
        _C("regions", _K.INT32, "suspicious regions", "疑わしい領域の数"),
        _C("components", _K.STRING, "the regions, JSON (see the manual)",
           "領域(JSON、マニュアル参照)"),
        _C("picture", _K.STRING, "the regions as one graph, JSON", "全領域のグラフ(JSON)"),
        _C("account", _K.STRING,
           "cells by family and by probability, and what could not be read, JSON",
           "種類別・確率別のセル数と読めなかった箇所(JSON)"),
        _C("model", _K.LABEL, "model and its version", "モデルと版"),
        _C("model_digest", _K.STRING, "SHA-256 of the model", "モデルの SHA-256"),
    ),
)  # fmt: skip
