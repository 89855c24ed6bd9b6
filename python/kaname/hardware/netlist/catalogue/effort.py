"""How hard a net is to set and to see, and how often it moves."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import Feature

__all__ = ["EFFORT"]

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
