"""What flows through the fusion: an observation, its mentions, and evidence made of them.

All instants are microseconds, UTC. Values of artifacts are canonical
(`kaname.model.artifact`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind, Pap

__all__ = ["Item", "Mention", "Observation"]


class Mention(msgspec.Struct, frozen=True):
    """An artifact in an observation, and what it does there.

    Roles: src, dst, host (an internal one), query, answer, payload, process, from, body,
    attachment, listed, subject, reference, attacker, victim, benign...
    """

    kind: ArtifactKind
    value: str
    role: str = ""


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a source saw or said, once; never changed afterwards.

    ``kind`` is what it is: scan, download, resolution, process-network, mail, listing,
    report, sighting, finding, verdict... ``weight`` (0 to 1) is how sure the source is.
    ``groups`` are sharing groups that it is limited to; none: whoever the marking allows.
    ``behaviours`` are what it shows an artifact doing (payload, c2, beacon, phishing,
    scan ...). ``body`` is whatever else was in it, ready for JSON.
    """

    id: str
    source: str
    kind: str
    at: int
    received: int
    mentions: tuple[Mention, ...]
    tlp: Tlp
    org: str = ""
    groups: tuple[str, ...] = ()
    pap: Pap = Pap.CLEAR
    weight: float = 1.0
    behaviours: tuple[str, ...] = ()
    finding: str = ""  # the id of the finding that it is, if it is one
    body: dict[str, Any] = {}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An observation as evidence about one artifact: what a score is derived from."""

    id: str
    source: str
    kind: str
    role: str
    at: int
    tlp: Tlp
    org: str = ""
    groups: tuple[str, ...] = ()
    pap: Pap = Pap.CLEAR
    weight: float = 1.0
    behaviours: tuple[str, ...] = ()
    finding: str = ""
