"""MISP: its events taken in and given out, its feeds, and the REST that PyMISP speaks.

Every event is kept byte for byte; observations are derived from it and can be derived
again. The format is that of https://www.misp-standard.org/rfc/misp-standard-core.html.
"""

from __future__ import annotations
