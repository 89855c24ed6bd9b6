"""The public key of this nexus, for sensors and peers that seal for it."""

from __future__ import annotations

import msgspec
from litestar import get

from kaname.api.services import Injected

__all__ = ["ROUTES"]


class LinkKeyOut(msgspec.Struct, frozen=True):
    """The present key: its fingerprint, its kind, and the text of its public file.

    ``previous`` is the fingerprint of an older one that is still valid.
    """

    fingerprint: str
    kind: str
    key: str
    previous: str | None


@get("/links/key", public=True, sync_to_thread=True)
def link_key(services: Injected) -> LinkKeyOut:
    """Tell the public key of this nexus; it is no secret, so anybody may ask."""
    current, *older = [one.public for one in services.link_keys.valid]
    return LinkKeyOut(
        fingerprint=current.fingerprint,
        kind=current.to.kem.name,
        key=current.text,
        previous=older[0].fingerprint if older else None,
    )


ROUTES = (link_key,)
