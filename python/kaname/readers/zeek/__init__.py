"""Logs of Zeek, as tab-separated text or as JSON lines."""

from __future__ import annotations

from kaname.readers.zeek.reader import ZeekReader

__all__ = ["ZeekReader"]
