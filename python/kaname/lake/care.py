"""Keeping the lake well: verify, compact, retain, sweep."""

from __future__ import annotations

from kaname.lake.compaction import compact
from kaname.lake.retention import retain
from kaname.lake.sweeping import sweep
from kaname.lake.verification import verify

__all__ = ["compact", "retain", "sweep", "verify"]
