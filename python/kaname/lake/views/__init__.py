"""Rows in the words of others: OCSF events and n6 events, made of the rows as they are asked for.

A row is a mapping from column to value, with addresses as text (``src`` for ``src_hi``
and ``src_lo``) and no nulls; see `kaname.lake.views.rows`.
"""

from __future__ import annotations

from kaname.lake.views.n6 import n6_event, n6_tables
from kaname.lake.views.ocsf import OCSF_VERSION, ocsf_event, ocsf_tables
from kaname.lake.views.rows import readable

__all__ = ["OCSF_VERSION", "n6_event", "n6_tables", "ocsf_event", "ocsf_tables", "readable"]
