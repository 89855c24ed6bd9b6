"""The 51 features of the random-forest detector, by their published names.

Counts are of walks over data and enable pins (a cell that is reached over two pins counts
twice); they stop at 2^24. Clocks, resets and scan chains are no edges.
"""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import Feature, series

__all__ = ["FEATURES", "PUBLISHED"]

PUBLISHED = (
    "Hasegawa, Yanagisawa, Togawa: Trojan-net feature extraction and its application to "
    "hardware-Trojan detection for gate-level netlists using random forest, "
    "IEICE Trans. Fundamentals E100-A(12), 2017"
)


def counted(name: str, en: str, ja: str) -> tuple[Feature, ...]:
    """One of the nine counts, at one to five levels."""
    return series(range(1, 6), Feature(f"{name}_{{x}}", "count", en, ja, PUBLISHED))


def nearest(name: str, en: str, ja: str) -> Feature:
    """One of the six distances."""
    return Feature(name, "level", en, ja, PUBLISHED)


FEATURES = (
    *counted(
        "fan_in",
        "Input pins {x} levels away on the input side",
        "入力側 {x} 段先にある入力ピンの数",
    ),
    *counted(
        "in_flipflop",
        "Flip-flops and latches up to {x} levels away on the input side",
        "入力側 {x} 段以内にあるフリップフロップとラッチの数",
    ),
    *counted(
        "out_flipflop",
        "Flip-flops and latches up to {x} levels away on the output side",
        "出力側 {x} 段以内にあるフリップフロップとラッチの数",
    ),
    *counted(
        "in_multiplexer",
        "Multiplexers up to {x} levels away on the input side",
        "入力側 {x} 段以内にあるマルチプレクサの数",
    ),
    *counted(
        "out_multiplexer",
        "Multiplexers up to {x} levels away on the output side",
        "出力側 {x} 段以内にあるマルチプレクサの数",
    ),
    *counted(
        "in_loop",
        "Closed walks of up to {x} levels that come back on the input side",
        "入力側から戻る {x} 段以内の閉路の数",
    ),
    *counted(
        "out_loop",
        "Closed walks of up to {x} levels that leave on the output side (the same walks)",
        "出力側へ出る {x} 段以内の閉路の数(in_loop と同じ閉路)",
    ),
    *counted(
        "in_const",
        "Constant input pins up to {x} levels away on the input side, own pins first",
        "入力側 {x} 段以内にある定数入力ピンの数(1 段目は自分のピン)",
    ),
    *counted(
        "out_const",
        "Constant input pins of cells up to {x} levels away on the output side",
        "出力側 {x} 段以内のセルにある定数入力ピンの数",
    ),
    nearest(
        "in_nearest_pin",
        "Levels to the nearest primary input",
        "最も近い外部入力までの段数",
    ),
    nearest(
        "out_nearest_pout",
        "Levels to the nearest primary output",
        "最も近い外部出力までの段数",
    ),
    nearest(
        "in_nearest_flipflop",
        "Levels to the nearest flip-flop on the input side",
        "入力側で最も近いフリップフロップまでの段数",
    ),
    nearest(
        "out_nearest_flipflop",
        "Levels to the nearest flip-flop on the output side",
        "出力側で最も近いフリップフロップまでの段数",
    ),
    nearest(
        "in_nearest_multiplexer",
        "Levels to the nearest multiplexer on the input side",
        "入力側で最も近いマルチプレクサまでの段数",
    ),
    nearest(
        "out_nearest_multiplexer",
        "Levels to the nearest multiplexer on the output side",
        "出力側で最も近いマルチプレクサまでの段数",
    ),
)
