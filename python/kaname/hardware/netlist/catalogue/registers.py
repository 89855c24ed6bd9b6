"""Clocks, resets and enables of flip-flops; what cells that keep nothing get is in each text."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import YES_NO, Feature

__all__ = ["REGISTERS"]

REGISTERS = (
    Feature(
        "clock_share",
        "share",
        "Share of flip-flops that have the same clock, buffers followed back; 1 for gates",
        "同じクロック(バッファは遡る)のフリップフロップの割合。ゲートでは 1",
    ),
    Feature(
        "clock_derived",
        YES_NO,
        "Whether the clock comes from a cell that is no buffer",
        "クロックがバッファ以外のセルから来るかどうか",
    ),
    Feature(
        "clock_rareness",
        "log10",
        "Rareness of the cell that the clock comes from; 0.3 for a primary input, 0 for gates",
        "クロックの元のセルの希少さ。外部入力なら 0.3、ゲートでは 0",
    ),
    Feature(
        "reset_share",
        "share",
        "Share of flip-flops that have the same set or reset; 1 where there is none",
        "同じセット・リセットのフリップフロップの割合。ないとき 1",
    ),
    Feature(
        "reset_derived",
        YES_NO,
        "Whether the set or reset comes from a cell that is no buffer",
        "セット・リセットがバッファ以外のセルから来るかどうか",
    ),
    Feature(
        "reset_rareness",
        "log10",
        "Rareness of the cell that the set or reset comes from; 0 where there is none",
        "セット・リセットの元のセルの希少さ。ないとき 0",
    ),
    Feature(
        "has_reset",
        YES_NO,
        "Whether a flip-flop has a set or reset that is no constant",
        "定数でないセット・リセットを持つフリップフロップかどうか",
    ),
    Feature(
        "reset_missing",
        "share",
        "Share of flip-flops with a reset, where this one has none; else 0",
        "自分にリセットがないとき、リセットを持つフリップフロップの割合。それ以外は 0",
    ),
    Feature(
        "enable_share",
        "share",
        "Share of flip-flops that have the same load enable; 1 where there is none",
        "同じイネーブルのフリップフロップの割合。ないとき 1",
    ),
    Feature(
        "self_loop",
        "count",
        "Cells from a flip-flop's output over gates back to its input, up to 8; 0 for none",
        "フリップフロップの出力からゲートを経て自分の入力に戻るまでのセル数(8 まで)。なければ 0",
    ),
    Feature(
        "near_clock_share",
        "share",
        "Smallest clock share of the cell and of those it reads and feeds",
        "セルとその前後のセルの clock_share の最小",
    ),
    Feature(
        "sequential_in",
        "level",
        "Fewest flip-flops on a way from primary inputs, the cell included",
        "外部入力からの経路上のフリップフロップの最少数(自分を含む)",
    ),
    Feature(
        "sequential_out",
        "level",
        "Fewest flip-flops on a way to primary outputs, the cell included",
        "外部出力までの経路上のフリップフロップの最少数(自分を含む)",
    ),
)
