"""How often a normal burst may be called odd, where nobody asked for another rate."""

from __future__ import annotations

from typing import Final

__all__ = ["ALARM"]

ALARM: Final = 0.005
"""A false alarm in two hundred normal bursts."""
