"""Why a net is suspicious, in words of both languages."""

from __future__ import annotations

import msgspec

from kaname.model.messages import text

__all__ = ["KeptReason", "reason_text"]

_SURROUNDINGS = "surroundings"


class KeptReason(msgspec.Struct, frozen=True):
    """A feature that speaks for a net, as the lake keeps it; see `routes.shapes.Reason`."""

    feature: str
    value: float
    inside: float | None
    clean: float | None
    weight: float


def reason_text(one: KeptReason) -> dict[str, str]:
    """The sentence on a reason."""
    return {language: _said(one, language) for language in ("en", "ja")}


def _said(one: KeptReason, language: str) -> str:
    if one.feature == _SURROUNDINGS:
        share = round(100 * one.value, 1)
        return text("hardware.reason.surroundings", language, percent=share)
    about = {"feature": one.feature, "meaning": _meaning(one.feature, language),
             "value": f"{one.value:.4g}"}  # fmt: skip
    if one.inside is None or one.clean is None:
        return text("hardware.reason.plain", language, **about)
    return text("hardware.reason.feature", language, **about, inside=f"{one.inside:.1f}",
                clean=f"{one.clean:.1f}")  # fmt: skip


def _meaning(feature: str, language: str) -> str:
    """What a feature is, as the catalogue has it."""
    from kaname.hardware.netlist.census import CENSUS
    from kaname.hardware.netlist.features import CATALOGUE

    found = CATALOGUE.get(feature) or CENSUS.get(feature)
    if found is None:
        return feature
    return str(found.ja if language == "ja" else found.en)
