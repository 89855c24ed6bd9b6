"""Parts of a design that hold together, and what they are like."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import Feature

__all__ = ["PARTS", "REGIONS"]

PROPAGATION = (
    "Raghavan, Albert, Kumara: Near linear time algorithm to detect community structures "
    "in large-scale networks, Physical Review E 76, 2007"
)


def part(name: str, unit: str, en: str, ja: str) -> Feature:
    """A feature of the part that a cell is in."""
    return Feature(name, unit, en, ja, PROPAGATION)


PARTS = (
    part("cluster_cells", "log2", "Cells of the part that the cell is in", "属する部分のセル数"),
    part(
        "cluster_cut",
        "share",
        "Share of the part's pins that cross its border",
        "部分のピンのうち境界をまたぐものの割合",
    ),
    part(
        "cluster_pins_in",
        "log2",
        "Pins of the part that are driven from outside",
        "外から駆動される部分のピンの数",
    ),
    part(
        "cluster_pins_out",
        "log2",
        "Pins outside and primary outputs that the part drives",
        "部分が駆動する外のピンと外部出力の数",
    ),
    part(
        "cluster_rare_share",
        "share",
        "Share of the part's cells with rareness of 2 or more",
        "部分のセルのうち希少さ 2 以上のものの割合",
    ),
    part(
        "cluster_flipflop_share",
        "share",
        "Share of flip-flops among the part's cells",
        "部分のセルのうちフリップフロップの割合",
    ),
    part(
        "cluster_rareness_mean",
        "log10",
        "Mean rareness of the part's cells",
        "部分のセルの希少さの平均",
    ),
    part(
        "cluster_rareness_max",
        "log10",
        "Largest rareness in the part",
        "部分のセルの希少さの最大",
    ),
    part(
        "cluster_share",
        "share",
        "Share of the design's cells that are in the part",
        "設計のセルのうち部分に属するものの割合",
    ),
    part(
        "at_border",
        "log2",
        "Pins between the cell and other parts",
        "セルと他の部分とをつなぐピンの数",
    ),
)

MODULARITY = (
    "Blondel, Guillaume, Lambiotte, Lefebvre: Fast unfolding of communities in large networks, "
    "J. Statistical Mechanics P10008, 2008"
)


def region(name: str, unit: str, en: str, ja: str) -> Feature:
    """A feature of the region that a cell is in."""
    return Feature(name, unit, en, ja, MODULARITY)


REGIONS = (
    region(
        "region_cells",
        "log2",
        "Cells of the region (parts merged by modularity) that the cell is in",
        "属する領域(部分をモジュラリティで束ねたもの)のセル数",
    ),
    region(
        "region_share",
        "share",
        "Share of the design's cells that are in the region",
        "設計のセルのうち領域に属するものの割合",
    ),
    region(
        "region_cut",
        "share",
        "Share of the region's pins that cross its border",
        "領域のピンのうち境界をまたぐものの割合",
    ),
    region(
        "region_pins_in",
        "log2",
        "Pins of the region that cells outside drive",
        "外のセルが駆動する領域のピンの数",
    ),
    region(
        "region_pins_out",
        "log2",
        "Pins outside that cells of the region drive",
        "領域のセルが駆動する外のピンの数",
    ),
    region(
        "region_ports_in",
        "log2",
        "Pins of the region on primary inputs",
        "外部入力につながる領域のピンの数",
    ),
    region(
        "region_ports_out",
        "log2",
        "Primary outputs that the region drives",
        "領域が駆動する外部出力の数",
    ),
    region(
        "region_flipflop_share",
        "share",
        "Share of flip-flops among the region's cells",
        "領域のセルのうちフリップフロップの割合",
    ),
    region(
        "region_rareness_mean",
        "log10",
        "Mean rareness of the region's cells",
        "領域のセルの希少さの平均",
    ),
)
