"""Rare nets that turn another net over, and what leaves a design only through them."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import Feature

__all__ = ["FLIPS"]

#: A flip is a cell that only an XOR reads; of a cell's flips the rarest that all its ways to
#: primary outputs lead through (dominators), and for an XOR also the one that it reads.
FLIPS = (
    Feature(
        "flip_rareness",
        "log10",
        "Rareness of the flip: the rarest cell read by an XOR alone that all ways out lead through",
        "反転元(外部出力への全経路が通り、XOR だけが読むセルのうち最も希少なもの)の希少さ",
    ),
    Feature(
        "flip_ffc_rareness",
        "log10",
        "Rareness of the flip when the leaves of its own fan-out-free cone are even",
        "反転元自身の分岐のないコーンの葉が 0/1 等確率のときの反転元の希少さ",
    ),
    Feature(
        "flip_cells",
        "log2",
        "Cells that leave only through the flip",
        "反転元を通らなければ出られないセルの数",
    ),
    Feature(
        "flip_flipflops",
        "log2",
        "Flip-flops that leave only through the flip",
        "反転元を通らなければ出られないフリップフロップの数",
    ),
    Feature(
        "flip_pins",
        "log2",
        "Pins outside that what leaves through the flip reads",
        "反転元を通って出る部分へ外から入るピンの数",
    ),
    Feature(
        "flip_distance",
        "count",
        "Dominators between the cell and the XOR that the flip turns over; 0 for that XOR",
        "反転元が反転させる XOR までの支配セルの数(その XOR 自身は 0)",
    ),
    Feature(
        "flip_other",
        "log10",
        "Least rareness of what that XOR reads beside the flip",
        "その XOR が反転元の他に読むものの希少さの最小",
    ),
    Feature(
        "gate_ffc_rareness",
        "log10",
        "Rareness of the gate when the leaves of its own fan-out-free cone are even",
        "関門自身の分岐のないコーンの葉が 0/1 等確率のときの関門の希少さ",
    ),
    Feature(
        "gate_drop",
        "log10",
        "Rareness of the gate, less that of the next cell that all ways out lead through",
        "関門の希少さから、外部出力への全経路が次に通るセルの希少さを引いたもの",
    ),
)
