"""Live input: sockets whose data become rows of the lake every few seconds.

`place` says where to listen, `datagrams` and `streams` take what arrives, `intake`
commits it. Formats are listeners (`kaname.readers.listening`).
"""

from __future__ import annotations

from kaname.readers.live.intake import Intake, Standing
from kaname.readers.live.place import Place, place

__all__ = ["Intake", "Place", "Standing", "place"]
