"""Live input: sockets whose data become rows of the lake every few seconds.

`place` says where to listen, `datagrams` and `streams` take what arrives, `interface` and
`rotation` packets; `intake` commits it. Formats are listeners (`kaname.readers.listening`).
"""

from __future__ import annotations

from kaname.readers.live.intake import Intake
from kaname.readers.live.place import Place, place
from kaname.readers.live.rotation import Rotation, state_folder
from kaname.readers.live.standing import Standing

__all__ = ["Intake", "Place", "Rotation", "Standing", "place", "state_folder"]
