"""What an edge delivers to the nexus: segments with what was odd, and powers by the second.

A few hundred bytes a burst travel instead of every reading.
"""

from __future__ import annotations

from kaname.readers.deliveries.form import Form

__all__ = ["FIRED", "SEGMENTS"]

FIRED = (
    "", "energy", "duration", "shape", "waveform", "interval", "sequence", "novel", "sleep",
    "stir", "rate", "missing",
)  # fmt: skip
_MW = (-1e12, 1e12)
_SCORE = (0.0, 100.0)

SEGMENTS = Form(
    name="segments",
    kind="power_trace",
    reader="power_watch",
    version=1,
    door="hardware/power/segments/{sensor}",
    tables=("power_segments", "power_envelopes"),
    labels={"mode": ("sleep", "active"), "fired": FIRED},
    words=("device", "fleet", "application", "profile"),
    bounds={
        "row_in_src": (0, 1 << 62),
        "duration_us": (0, 1 << 50),
        "energy_uj": (-(1 << 60), 1 << 60),
        "mean_mw": _MW,
        "peak_mw": _MW,
        "base_mw": _MW,
        "level_mw": _MW,
        "low_mw": _MW,
        "high_mw": _MW,
        "rate_hz": (1e-6, 1e12),
        "samples": (1, (1 << 31) - 1),
        "score": _SCORE,
        "score_energy": _SCORE,
        "score_duration": _SCORE,
        "score_shape": _SCORE,
        "score_rate": _SCORE,
    },
)
