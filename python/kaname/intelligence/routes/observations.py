"""Observations by HTTP: JSON lines, packed or not; good lines are kept beside bad ones."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Request, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kaname.intelligence.connectors.frame import MOST_REASONS
from kaname.intelligence.connectors.ndjson import deliveries, lines_of
from kaname.intelligence.connectors.shapes import Defaults
from kaname.model.errors import InputError, LimitError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

__all__ = ["ROUTES"]

_MOST_BODY = 64 << 20
_MOST_PLAIN = 512 << 20
_CHUNK = 1 << 18


class RejectedOut(msgspec.Struct, frozen=True):
    """A line that could not be used, and why."""

    line: int
    reason: str


class AbsorbedOut(msgspec.Struct, frozen=True):
    """What became of the lines; of those rejected the first hundred are described."""

    new: int
    duplicates: int
    conflicts: int
    rejected: list[RejectedOut]
    rejected_total: int


@post(
    "/observations",
    opt={"role": "analyst"},
    status_code=200,
    request_max_body_size=_MOST_BODY,
)
async def add_observations(
    request: Request[Any, Any, Any], services: NamedDependency[SkipValidation[Any]]
) -> AbsorbedOut:
    """Take observations in: JSON lines, as they are or packed with gzip or zstd."""
    body = await request.body()
    packed = request.headers.get("content-encoding", "")
    return await sync_to_thread(_absorb, services, request.user, body, packed)


def _absorb(services: Any, account: Any, body: bytes, packed: str) -> AbsorbedOut:
    fusion = services.part("intelligence")
    # Nobody may add what he could not see afterwards, and who says nothing says AMBER.
    defaults = Defaults(source=account.name, tlp=Tlp.AMBER, received=now_us())
    new = duplicates = conflicts = rejected = 0
    reasons: list[RejectedOut] = []
    for part in deliveries(lines_of(_plain(body, packed)), defaults):
        if part.observations:
            added = fusion.absorb(part.observations)
            new, duplicates = new + added.new, duplicates + added.duplicates
            conflicts += added.conflicts
        rejected += part.rejected
        reasons += [
            RejectedOut(int(one.place), one.reason(account.language)) for one in part.reasons
        ]
    details = {"new": new, "rejected": rejected}
    services.knowledge.audit(account.name, "observations.add", "", details)
    return AbsorbedOut(new, duplicates, conflicts, reasons[:MOST_REASONS], rejected)


def _plain(body: bytes, packed: str) -> Iterator[bytes]:
    """The body unpacked, a piece at a time, so that a bomb is found before it bursts."""
    total = 0
    for chunk in _pieces(body, packed.strip().lower()):
        total += len(chunk)
        if total > _MOST_PLAIN:
            raise LimitError("intelligence.error.unpacked", most=_MOST_PLAIN >> 20)
        yield chunk


def _pieces(body: bytes, packed: str) -> Iterator[bytes]:
    if packed in ("", "identity"):
        yield body
    elif packed == "gzip":
        yield from _gunzip(body)
    elif packed == "zstd":
        yield from _unzstd(body)
    else:
        raise InputError("intelligence.error.packing", found=packed)


def _gunzip(body: bytes) -> Iterator[bytes]:
    unpack = zlib.decompressobj(wbits=31)
    try:
        while body and not unpack.eof:
            yield unpack.decompress(body, _CHUNK)
            body = unpack.unconsumed_tail
    except zlib.error as error:
        raise InputError("intelligence.error.unpack", reason=str(error)) from None
    if not unpack.eof:
        raise InputError("intelligence.error.unpack", reason="truncated")


def _unzstd(body: bytes) -> Iterator[bytes]:
    import pyarrow as pa

    try:
        with pa.CompressedInputStream(io.BytesIO(body), "zstd") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (OSError, pa.ArrowException) as error:
        raise InputError("intelligence.error.unpack", reason=str(error)) from None


ROUTES = (add_observations,)
