"""Which language a client reads: the header ``Accept-Language`` of RFC 9110."""

from __future__ import annotations

from kaname.model.messages import LANGUAGES

__all__ = ["negotiate"]


def negotiate(header: str, fallback: str = "en") -> str:
    """The best of our languages for an ``Accept-Language`` header, else ``fallback``."""
    best, weight = fallback, 0.0
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        quality = _quality(parameter)
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
