"""How rare the rarer value of a net is, and what is rare around it."""

from __future__ import annotations

from kaname.hardware.netlist.catalogue.frame import Feature, series

__all__ = ["RARITY"]

CHANCES = (
    "Parker, McCluskey: Probabilistic treatment of general combinational networks, "
    "IEEE Trans. Computers C-24(6), 1975; rareness as in Chakraborty et al.: MERO, CHES 2009"
)
SIDES = {
    "in": ("input side", "入力側"),
    "out": ("output side", "出力側"),
}


def side(name: str, en: str, ja: str) -> tuple[Feature, ...]:
    """The features of one side."""
    return (
        *series(
            range(1, 5),
            Feature(
                f"{name}_rareness_max_{{x}}",
                "log10",
                f"Largest rareness of a cell within {{x}} steps on the {en}",
                f"{ja} {{x}} 段以内のセルの希少さの最大",
                CHANCES,
            ),
        ),
        *series(
            range(1, 5),
            Feature(
                f"{name}_rareness_mean_{{x}}",
                "log10",
                f"Mean rareness where a random walk of {{x}} steps on the {en} ends",
                f"{ja}へ {{x}} 段のランダムウォークで着くセルの希少さの平均",
                CHANCES,
            ),
        ),
        *series(
            (1, 2, 3, 4, 6),
            Feature(
                f"{name}_nearest_rare_{{x}}",
                "level",
                f"Levels to the nearest cell of rareness {{x}} or more on the {en}",
                f"{ja}で希少さ {{x}} 以上の最も近いセルまでの段数",
                CHANCES,
            ),
        ),
    )


RARITY = (
    Feature(
        "probability",
        "chance",
        "Chance of the output to be 1 when inputs are even and independent",
        "入力が 0/1 等確率で独立のとき出力が 1 になる確率",
        CHANCES,
    ),
    Feature(
        "rareness",
        "log10",
        "Rareness: -log10 of the chance of the rarer value, at most 12",
        "希少さ: 起こりにくい方の値の確率の -log10(最大 12)",
        CHANCES,
    ),
    Feature(
        "rareness_gain",
        "log10",
        "Rareness, less the largest of what the cell reads",
        "希少さから、読むセルの希少さの最大を引いたもの",
        CHANCES,
    ),
    Feature(
        "rareness_gain_mean",
        "log10",
        "Rareness, less the mean of what the cell reads",
        "希少さから、読むセルの希少さの平均を引いたもの",
        CHANCES,
    ),
    *(one for name, (en, ja) in SIDES.items() for one in side(name, en, ja)),
)
