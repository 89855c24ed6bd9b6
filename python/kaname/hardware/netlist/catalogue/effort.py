"""How hard a net is to set and to see, and how often it moves."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import Feature

__all__ = ["EFFORT", "TAPS"]

SCOAP = (
    "Goldstein: Controllability/observability analysis of digital circuits, "
    "IEEE Trans. Circuits and Systems 26(9), 1979; Salmani: COTD, IEEE TIFS 12(2), 2017"
)
DENSITY = "Najm: Transition density: a new measure of activity in digital circuits, IEEE TCAD, 1993"

EFFORT = (
    Feature(
        "scoap_cc0",
        "log10",
        "Cost of setting the output to 0 (1 + SCOAP CC0), 7 where it cannot be done",
        "出力を 0 にするコスト(1 + SCOAP CC0)。できないとき 7",
        SCOAP,
    ),
    Feature(
        "scoap_cc1",
        "log10",
        "Cost of setting the output to 1 (1 + SCOAP CC1), 7 where it cannot be done",
        "出力を 1 にするコスト(1 + SCOAP CC1)。できないとき 7",
        SCOAP,
    ),
    Feature(
        "scoap_co",
        "log10",
        "Cost of seeing the output (1 + SCOAP CO), 7 where it cannot be done",
        "出力を観測するコスト(1 + SCOAP CO)。できないとき 7",
        SCOAP,
    ),
    Feature(
        "scoap_harder",
        "log10",
        "The larger of the costs of 0 and 1",
        "0 と 1 にするコストの大きい方",
        SCOAP,
    ),
    Feature(
        "scoap_skew",
        "log10",
        "Cost of 1 over the cost of 0",
        "1 にするコストと 0 にするコストの比",
        SCOAP,
    ),
    Feature(
        "blocked",
        "log10",
        "-log10 of the chance that a change is seen at a primary output on the best way there",
        "変化が最良の経路で外部出力に現れる確率の -log10(最大 12)",
        "Jain, Agrawal: STAFAN: an alternative to fault simulation, DAC 1984",
    ),
    Feature(
        "activity",
        "log10",
        "Transitions in a cycle (transition density), from -12 to 6",
        "1 サイクルあたりの遷移回数(遷移密度、-12 から 6)",
        DENSITY,
    ),
)

TAPS = (
    Feature(
        "scoap_hidden",
        "log10",
        "Cost of the harder value times the cost of seeing it",
        "設定しにくい方の値のコストと観測コストの積",
        SCOAP,
    ),
    Feature(
        "scoap_tap_max",
        "log10",
        "Cost of seeing the cell over that of seeing what it reads, the largest of its pins",
        "セルの観測コストと、読むネットの観測コストの比の最大",
    ),
    Feature(
        "scoap_tap_min",
        "log10",
        "The same, the smallest: above 0 when others show all that the cell reads better",
        "同じ比の最小。読むネットのすべてが他からよく見えるとき正",
    ),
    Feature(
        "in_scoap_harder_max_1",
        "log10",
        "Largest cost of the harder value of what the cell reads",
        "読むネットの、設定しにくい方の値のコストの最大",
        SCOAP,
    ),
    Feature(
        "in_scoap_harder_min_1",
        "log10",
        "Smallest cost of the harder value of what the cell reads",
        "読むネットの、設定しにくい方の値のコストの最小",
        SCOAP,
    ),
    Feature(
        "ffc_root_tap_mean",
        "log10",
        "Cost of seeing the cone's root over that of seeing a leaf, the mean of its leaves",
        "コーンの根の観測コストと葉の観測コストの比の、葉についての平均",
    ),
    Feature(
        "ffc_root_tap_min",
        "log10",
        "The same, the smallest of its leaves",
        "同じ比の、葉についての最小",
    ),
)
