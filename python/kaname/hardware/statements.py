"""What the analyses of hardware have in common: how rows are named in findings."""

from __future__ import annotations

from kaname.analysis.frame import ALL, Context
from kaname.analysis.selection import Selection, during, quoted

__all__ = ["bursts", "rows_of", "sums", "suspects", "verdicts"]


def rows_of(context: Context, *more: str, since: int | None = None) -> str:
    """The SQL condition of the rows that ``context`` is about, for which ``more`` hold."""
    window = context.window
    own = [during(window.start if since is None else since, window.end)]
    if context.sensor != ALL:
        own.append(f"sensor = {quoted(context.sensor)}")
    return "\n  AND ".join((*own, *more))


def suspects(condition: str) -> Selection:
    """Ranked nets, as a verifier reads them."""
    keys = (("digest", "digest"), ("rank", "rank"), ("net", "net"), ("cell", "cell"),
            ("region", "region"))  # fmt: skip
    return Selection("suspect_nets", condition, keys, (("max(probability)", "probability"),))


def verdicts(condition: str) -> Selection:
    """Designs with what was said of them."""
    keys = (("digest", "digest"), ("name", "name"), ("model", "model"))
    sums = (
        ("max(probability)", "probability"),
        ("max(flagged)", "flagged"),
        ("max(cells)", "cells"),
    )
    return Selection("netlists", condition, keys, sums)


def bursts(condition: str) -> Selection:
    """Segments of devices."""
    keys = (("ts", "start"), ("device", "device"), ("mode", "mode"))
    sums = (
        ("CAST(sum(duration_us) AS BIGINT)", "duration_us"),
        ("CAST(sum(energy_uj) AS BIGINT)", "energy_uj"),
        ("max(peak_mw)", "peak_mw"),
    )
    return Selection("power_segments", condition, keys, sums)


def sums(condition: str) -> Selection:
    """What devices are compared by: all of a group, since each is held against the others."""
    keys = (("device", "device"), ("mode", "mode"))
    counted = (
        ("count(*)", "segments"),
        ("CAST(sum(duration_us) AS BIGINT)", "duration_us"),
        ("CAST(sum(energy_uj) AS BIGINT)", "energy_uj"),
        ("max(peak_mw)", "peak_mw"),
    )
    return Selection("power_segments", condition, keys, counted)
