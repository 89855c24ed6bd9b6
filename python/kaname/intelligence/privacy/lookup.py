"""The asking side of the k-anonymous look-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kaname.intelligence.privacy.buckets import Parameters, digest, prefix_of
from kaname.model.artifact import guess

__all__ = ["private_lookup"]

Bucket = Callable[[str], Sequence[str]]


def private_lookup(
    values: Sequence[str], parameters: Parameters, bucket: Bucket
) -> list[tuple[str, bool | None]]:
    """(value, whether the server has an indicator of it); None: it is no artifact.

    Only prefixes of digests are given to ``bucket``, each once, in the order of their
    numbers and not of the values.
    """
    pepper = bytes.fromhex(parameters.pepper)
    digests: list[str | None] = []
    for value in values:
        found = guess(value)
        digests.append(digest(pepper, f"{found[0].value}:{found[1]}") if found else None)
    prefixes = sorted({prefix_of(one) for one in digests if one})
    known = {one for prefix in prefixes for one in bucket(prefix)}
    return [
        (value, None if one is None else one in known)
        for value, one in zip(values, digests, strict=True)
    ]
