"""Units of power and time, as files name them: ``power_mw``, ``Current(uA)``, ``P [W]``."""

from __future__ import annotations

import re
from typing import NamedTuple

from kaname.model.errors import UsageError

__all__ = ["Unit", "is_fs", "is_time", "quantity", "seconds_factor", "unit_named"]

_PREFIX = {"": 1.0, "k": 1e3, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9}
_UNIT = re.compile(
    r"(?:^|[\s_(\[/.:-])([kmuµμn]?)(watts?|amps?|volts?|w|a|v)(?=$|[\s)\]_/,])", re.IGNORECASE
)
_WORDS = {
    "W": re.compile(r"power|watt|^p$|電力|消費", re.IGNORECASE),
    "A": re.compile(r"current|amp|^i$|電流", re.IGNORECASE),
    "V": re.compile(r"volt|^u$|^v$|電圧", re.IGNORECASE),
}
_TIME = re.compile(r"time|^t$|^ts$|^t[_ (\[]|date|sec|時刻|時間|日時", re.IGNORECASE)
_SECONDS = re.compile(
    r"(?:^|[\s_(\[.])(n|u|µ|μ|m)?(?:s|sec|secs|seconds?)(?=$|[)\]])", re.IGNORECASE
)
_MILLIS = re.compile(r"milli", re.IGNORECASE)
_MICROS = re.compile(r"micro", re.IGNORECASE)
_FS = re.compile(
    r"^(fs|rate|hz|sample_?rate|sampling_?rate|sampling_?frequency|fs_hz)$", re.IGNORECASE
)


class Unit(NamedTuple):
    """What is measured (``W``, ``A``, ``V``, or nothing known) and the factor to it."""

    of: str
    factor: float
    name: str


def unit_named(text: str) -> Unit:
    """A unit as a user says it: W, mW, uW, A, mA, uA, nA."""
    found = re.fullmatch(r"([kmuµμn]?)([WAV])", text.strip())
    if found is None:
        raise UsageError("hardware.power.error.unit", found=text)
    return Unit(found[2], _PREFIX[found[1]], text.strip())


def quantity(heading: str) -> Unit:
    """What a column or an array of this name holds."""
    found = _UNIT.search(heading.strip())
    if found is not None:
        of = found[2][0].upper()
        prefix = found[1] if found[1] in _PREFIX else found[1].lower()
        return Unit(of, _PREFIX[prefix], f"{prefix}{of}")
    for of, words in _WORDS.items():
        if words.search(heading.strip()):
            return Unit(of, 1.0, of)
    return Unit("", 1.0, "")


def is_time(heading: str) -> bool:
    """Whether a column of this name holds times."""
    return _TIME.search(heading.strip()) is not None


def is_fs(name: str) -> bool:
    """Whether an array or attribute of this name holds the sampling rate."""
    return _FS.match(name.strip()) is not None


def seconds_factor(heading: str) -> float | None:
    """Factor from times under this heading to seconds; None: the heading does not say."""
    if _MILLIS.search(heading):
        return 1e-3
    if _MICROS.search(heading):
        return 1e-6
    found = _SECONDS.search(heading.strip())
    return _PREFIX[(found[1] or "").lower()] if found else None
