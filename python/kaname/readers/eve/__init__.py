"""Suricata's events (EVE JSON)."""

from __future__ import annotations

from kaname.readers.eve.reader import EveReader

__all__ = ["EveReader"]
