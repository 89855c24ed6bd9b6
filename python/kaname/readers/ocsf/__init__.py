"""Events in the Open Cybersecurity Schema Framework."""

from __future__ import annotations

from kaname.readers.ocsf.reader import OcsfReader

__all__ = ["OcsfReader"]
