"""What a cell is, and what kinds of cells are one and two steps away."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import YES_NO, Feature, series

__all__ = ["AROUND", "OWN"]

KINDS = {
    "buffer": ("a buffer", "buffers", "バッファ"),
    "inverter": ("an inverter", "inverters", "インバータ"),
    "and": ("an AND or NAND", "ANDs and NANDs", "AND・NAND"),
    "or": ("an OR or NOR", "ORs and NORs", "OR・NOR"),
    "xor": ("an XOR or XNOR", "XORs and XNORs", "XOR・XNOR"),
    "mux": ("a multiplexer", "multiplexers", "マルチプレクサ"),
    "and_or": ("an AND-OR (AO, AOI)", "AND-ORs", "AO・AOI"),
    "or_and": ("an OR-AND (OA, OAI)", "OR-ANDs", "OA・OAI"),
    "adder": ("an adder or majority", "adders and majorities", "加算器・多数決"),
    "flipflop": ("a flip-flop", "flip-flops", "フリップフロップ"),
    "latch": ("a latch", "latches", "ラッチ"),
    "other": ("of another or unknown function", "cells of other functions", "その他のセル"),
}

OWN = (
    *(
        Feature(f"is_{kind}", YES_NO, f"Whether the cell is {one}", f"セルが{ja}かどうか")
        for kind, (one, _, ja) in KINDS.items()
    ),
    Feature(
        "is_inverting",
        YES_NO,
        "Whether the cell's output is inverted",
        "セルの出力が反転しているかどうか",
    ),
    Feature("inputs", "count", "Data and enable pins of the cell", "データ・イネーブルピンの数"),
    Feature(
        "fan_out",
        "count",
        "Pins of any kind and primary outputs that the cell drives",
        "セルが駆動するピン(種類を問わない)と外部出力の数",
    ),
    Feature(
        "loads_flipflop",
        "count",
        "Data pins of flip-flops that the cell drives",
        "セルが駆動するフリップフロップのデータピンの数",
    ),
    Feature(
        "reads_pins", "count", "Pins of the cell on primary inputs", "外部入力につながるピンの数"
    ),
    Feature("reads_constants", "count", "Pins of the cell on constants", "定数につながるピンの数"),
    Feature(
        "reads_nothing",
        "count",
        "Pins of the cell that nothing drives",
        "何にも駆動されていないピンの数",
    ),
    Feature(
        "drives_pouts", "count", "Primary outputs that the cell drives", "駆動する外部出力の数"
    ),
    Feature(
        "drives_clocks", "count", "Clock pins that the cell drives", "駆動するクロックピンの数"
    ),
    Feature(
        "drives_resets",
        "count",
        "Set and reset pins that the cell drives",
        "駆動するセット・リセットピンの数",
    ),
    Feature("drives_scan", "count", "Scan pins that the cell drives", "駆動するスキャンピンの数"),
    Feature(
        "in_nearest_const",
        "level",
        "Levels to the nearest constant on the input side",
        "入力側で最も近い定数までの段数",
    ),
)

COUNTED = {kind: (many, ja) for kind, (_, many, ja) in KINDS.items()} | {
    "inverting": ("cells with an inverted output", "反転出力のセル")
}
SIDES = {"in": ("input", "入力側"), "out": ("output", "出力側")}

AROUND = tuple(
    feature
    for side, (en_side, ja_side) in SIDES.items()
    for far in (1, 2)
    for kind, (many, ja) in COUNTED.items()
    for feature in series(
        [far],
        Feature(
            f"{side}_{kind}_at_{{x}}",
            "count",
            f"Number of {many} exactly {{x}} steps away on the {en_side} side",
            f"{ja_side}のちょうど {{x}} 段先にある{ja}の数",
        ),
    )
)
