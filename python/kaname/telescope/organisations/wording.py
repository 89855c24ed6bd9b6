"""Labels and reasons in words, wherever an alert is told."""

from __future__ import annotations

from typing import Any

from kaname.model.messages import text

__all__ = ["reason", "word"]


def word(label: str, language: str) -> str:
    """A label in words, where there are any."""
    try:
        return text(f"telescope.label.{label}", language)
    except KeyError:
        return label


def reason(key: str, values: dict[str, Any], language: str) -> str:
    """A reason in one language."""
    shown = dict(values)
    if "label" in shown:
        shown["label"] = word(str(shown["label"]), language)
    return text(key, language, **shown)
