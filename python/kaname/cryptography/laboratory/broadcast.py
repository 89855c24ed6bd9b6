"""A secret for many recipients, really made and opened, and how long it is beside others."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from kaname.cryptography.laboratory.failure import failure
from kaname.cryptography.laboratory.multi import MemberKey, encapsulate
from kaname.model.errors import IntegrityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaname.cryptography.laboratory.parameters import Parameters

__all__ = ["IDENT", "MOST", "Broadcast", "broadcast", "octets"]

MOST = 100_000
IDENT = 8  # bytes that say whose a part is
WRAP = 40  # bytes of a wrapped key, where each recipient has a KEM of its own


class Broadcast(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes and times. ``separate``: a ciphertext and a wrapped key for each recipient.

    ``failure``: base-2 logarithm of the probability that any recipient fails, at most.
    ``opened`` of the recipients opened theirs here, and all found the secret.
    """

    name: str
    recipients: int
    common: int
    own: int
    octets: int
    octets_with_ids: int
    separate: int
    failure: float
    opened: int
    keys_seconds: float
    seal_seconds: float
    open_seconds: float


def octets(parameters: Parameters, recipients: int) -> int:
    """Bytes for ``recipients``, with ids of 8 bytes."""
    return parameters.common + recipients * (parameters.own + IDENT)


def separate(parameters: Parameters, recipients: int) -> int:
    """Bytes when each recipient gets a ciphertext of its own, with an id and a wrapped key."""
    return recipients * (parameters.ciphertext + IDENT + WRAP)


def broadcast(
    parameters: Parameters, recipients: int, opened: int,
    told: Callable[[int, int], None] | None = None,
) -> Broadcast:  # fmt: skip
    """Make keys, seal for all of them, open with the first ``opened``.

    Raises:
        UsageError: there are no recipients, or more than 100,000.
        IntegrityError: a recipient did not find the secret.
    """
    from math import log2

    if not 0 < recipients <= MOST:
        raise UsageError("cryptography.error.lab_recipients", most=MOST)
    start = time.perf_counter()
    keys = []
    for at in range(recipients):
        if told is not None and at % 100 == 0:
            told(at, recipients)
        keys.append(MemberKey(parameters))
    made = time.perf_counter()
    sent = encapsulate(parameters, [key.public for key in keys])
    sealed = time.perf_counter()
    tried = list(zip(keys, sent.own, strict=True))[: max(1, opened)]
    missed = sum(key.decapsulate(sent.common, own) != sent.secret for key, own in tried)
    if missed:
        raise IntegrityError("cryptography.error.lab_missed", missed=missed, tried=len(tried))
    done = time.perf_counter()
    return Broadcast(
        name=f"LAB-multi-{parameters.name}", recipients=recipients,
        common=parameters.common, own=parameters.own, octets=sent.octets,
        octets_with_ids=octets(parameters, recipients), separate=separate(parameters, recipients),
        failure=min(0.0, failure(parameters).bound + log2(recipients)), opened=len(tried),
        keys_seconds=round(made - start, 4), seal_seconds=round(sealed - made, 4),
        open_seconds=round(done - sealed, 4),
    )  # fmt: skip
