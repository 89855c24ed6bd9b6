"""The logic around a cell: loops, cones, depths, dominators, and what looks the same."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import Feature, series

__all__ = ["LEAVES", "SHAPE"]

DOMINATORS = (
    "Lengauer, Tarjan: A fast algorithm for finding dominators in a flowgraph, "
    "ACM TOPLAS 1(1), 1979; Georgiadis, Tarjan, Werneck: Finding dominators in practice, "
    "JGAA 10(1), 2006"
)
CONE = "Cong, Ding: On area/depth trade-off in LUT-based FPGA mapping, IEEE TVLSI 2(2), 1994"
REFINEMENT = (
    "Weisfeiler, Leman: The reduction of a graph to canonical form, 1968; "
    "Shervashidze et al.: Weisfeiler-Lehman graph kernels, JMLR 12, 2011"
)

LOOPS = (
    Feature(
        "loop_size",
        "log2",
        "Cells that read each other by way of any others, this one among them; 0 outside of loops",
        "互いに読み合う(ループをなす)セルの数。ループの外では 0",
        "Tarjan: Depth-first search and linear graph algorithms, SIAM J. Computing 1(2), 1972",
    ),
)

TREES = (
    Feature(
        "ffc_cells",
        "log2",
        "Cells of the fan-out-free cone: the tree of cells that only this one reads",
        "ファンアウトフリーコーン(このセルだけが読む木)のセル数",
        CONE,
    ),
    Feature(
        "ffc_leaves",
        "log2",
        "Leaves of the fan-out-free cone: the inputs of the one wide gate that it is",
        "ファンアウトフリーコーンの葉の数(1 個の多入力ゲートとみなしたときの入力数)",
        CONE,
    ),
    Feature(
        "ffc_depth",
        "count",
        "Levels of the fan-out-free cone",
        "ファンアウトフリーコーンの段数",
        CONE,
    ),
    Feature(
        "ffc_spread",
        "count",
        "Levels between the deepest and the shallowest leaf of the cone",
        "コーンの最も深い葉と最も浅い葉の段数の差",
        CONE,
    ),
    Feature(
        "ffc_rareness",
        "log10",
        "Rareness of the output when the leaves of the cone are even: exact, as it is a tree",
        "コーンの葉を 0/1 等確率としたときの出力の希少さ(木なので厳密)",
        CONE,
    ),
    Feature(
        "ffc_to_root",
        "count",
        "Steps to the root of the fan-out-free cone that the cell is in",
        "属するファンアウトフリーコーンの根までの段数",
        CONE,
    ),
    Feature(
        "ffc_root_cells",
        "log2",
        "Cells of the whole cone that the cell is in",
        "属するコーン全体のセル数",
        CONE,
    ),
    Feature(
        "ffc_root_leaves",
        "log2",
        "Leaves of the whole cone that the cell is in",
        "属するコーン全体の葉の数",
        CONE,
    ),
    Feature(
        "ffc_root_rareness",
        "log10",
        "Rareness of the root of the cone that the cell is in",
        "属するコーンの根の希少さ",
        CONE,
    ),
    Feature(
        "ffc_root_ffc_rareness",
        "log10",
        "Rareness of that root when the leaves of its cone are even",
        "コーンの葉を 0/1 等確率としたときの根の希少さ",
        CONE,
    ),
)

CONES = (
    Feature(
        "cone_in_cells",
        "log2",
        "Gates before the cell up to flip-flops, level by level to the first 32",
        "フリップフロップまでの手前のゲート数(段ごとに数え、32 で止める)",
    ),
    Feature(
        "cone_in_flipflops",
        "log2",
        "Flip-flops that the gates of that cone read",
        "そのコーンが読むフリップフロップの数",
    ),
    Feature(
        "cone_in_pins",
        "log2",
        "Pins of that cone on primary inputs",
        "そのコーンの、外部入力につながるピンの数",
    ),
    Feature(
        "cone_out_cells",
        "log2",
        "Gates behind the cell up to flip-flops, level by level to the first 32",
        "フリップフロップまでの先のゲート数(段ごとに数え、32 で止める)",
    ),
    Feature(
        "cone_out_flipflops",
        "log2",
        "Flip-flops that the gates of that cone feed",
        "そのコーンが入るフリップフロップの数",
    ),
    Feature(
        "cone_out_pouts",
        "log2",
        "Primary outputs that the gates of that cone drive",
        "そのコーンが駆動する外部出力の数",
    ),
    Feature(
        "cone_funnel",
        "log2",
        "Size of the cone before the cell over that of the cone behind it",
        "手前のコーンと先のコーンの大きさの比",
    ),
    Feature(
        "paths_in",
        "log2",
        "Paths of gates from flip-flops, inputs and constants to the cell",
        "フリップフロップ・入力・定数からセルまでの経路の数",
    ),
    Feature(
        "paths_out",
        "log2",
        "Paths of gates from the cell to flip-flops and primary outputs",
        "セルからフリップフロップ・外部出力までの経路の数",
    ),
    Feature(
        "paths_funnel",
        "log2",
        "Paths to the cell over paths from it",
        "セルまでの経路数とセルからの経路数の比",
    ),
    Feature(
        "depth_in",
        "count",
        "Gates on the longest path from where values start to the cell, itself included",
        "値の始まりからセルまでの最長経路のゲート数(自分を含む)",
    ),
    Feature(
        "depth_out",
        "count",
        "Gates on the longest path from the cell to where values end, itself included",
        "セルから値の終わりまでの最長経路のゲート数(自分を含む)",
    ),
    Feature(
        "delay_chain",
        "count",
        "Length of the chain of one-input cells through the cell",
        "セルを通る 1 入力セルの連鎖の長さ",
    ),
)

GATES = (
    Feature(
        "gathers_cells",
        "log2",
        "Cells that reach primary outputs only through this one, itself included",
        "このセルを通らなければ外部出力に届かないセルの数(自分を含む)",
        DOMINATORS,
    ),
    Feature(
        "gathers_flipflops",
        "log2",
        "Flip-flops among those cells",
        "そのうちのフリップフロップの数",
        DOMINATORS,
    ),
    Feature(
        "gathers_pins",
        "log2",
        "Pins over which the rest of the design reaches those cells",
        "設計の残りからそれらのセルへ入るピンの数",
        DOMINATORS,
    ),
    Feature(
        "gathers_share",
        "share",
        "Share of the design's cells that reach primary outputs only through this one",
        "このセルを通らなければ外部出力に届かないセルの割合",
        DOMINATORS,
    ),
    Feature(
        "gate_rareness",
        "log10",
        "Rareness of the gate: the rarest cell on all ways from this one to primary outputs",
        "関門(外部出力への全経路が通るセルのうち最も希少なもの)の希少さ",
        DOMINATORS,
    ),
    Feature(
        "gate_distance",
        "count",
        "Cells that all ways pass between this one and its gate",
        "関門までに全経路が通るセルの数",
        DOMINATORS,
    ),
    Feature(
        "gate_cells",
        "log2",
        "Cells that leave only through that gate",
        "その関門を通らなければ出られないセルの数",
        DOMINATORS,
    ),
    Feature(
        "gate_flipflops",
        "log2",
        "Flip-flops that leave only through that gate",
        "その関門を通らなければ出られないフリップフロップの数",
        DOMINATORS,
    ),
    Feature(
        "gate_pins",
        "log2",
        "Pins over which the rest of the design reaches what leaves through that gate",
        "その関門から出るセルへ、設計の残りから入るピンの数",
        DOMINATORS,
    ),
    Feature(
        "feeds_cells",
        "log2",
        "Cells that inputs reach only through this one, itself included",
        "このセルを通らなければ入力が届かないセルの数(自分を含む)",
        DOMINATORS,
    ),
)

ALIKE = series(
    range(4),
    Feature(
        "alike_{x}",
        "log2",
        "Cells of the design whose neighbourhood of {x} steps looks the same, itself included",
        "{x} 段以内の近傍が同じ形のセルの数(自分を含む)",
        REFINEMENT,
    ),
)

SHAPE = (*LOOPS, *TREES, *CONES, *GATES, *ALIKE)

LEAVES = (
    Feature(
        "ffc_root_scatter",
        "share",
        "How unrelated the leaves of the cone are: 1 when no two share a source or a reader",
        "コーンの葉どうしの無関係さ。どの 2 つも元や読み手を共有しないとき 1",
    ),
    Feature(
        "ffc_root_groups",
        "log2",
        "Groups of leaves that share sources up to two steps before, or readers elsewhere",
        "2 段以内の元か、他の読み手を共有する葉のグループの数",
    ),
    Feature(
        "ffc_root_leaf_rareness_mean",
        "log10",
        "Mean rareness of the leaves of the cone that the cell is in",
        "属するコーンの葉の希少さの平均",
    ),
    Feature(
        "ffc_root_leaf_rareness_min",
        "log10",
        "Smallest rareness of the leaves of the cone that the cell is in",
        "属するコーンの葉の希少さの最小",
    ),
    Feature(
        "in_rareness_min_1",
        "log10",
        "Smallest rareness of what the cell reads",
        "セルが読むものの希少さの最小",
    ),
)
