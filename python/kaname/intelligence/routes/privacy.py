"""Asking without showing: k-anonymous look-up, a filter to take home, noisy counts."""

from __future__ import annotations

import weakref
from fractions import Fraction
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from kaname.intelligence.privacy.audience import Audiences
from kaname.intelligence.privacy.buckets import Parameters
from kaname.intelligence.privacy.counts import Release, SightingCounts
from kaname.intelligence.records import Item
from kaname.model.artifact import canonical
from kaname.model.errors import UsageError
from kaname.model.instant import DAY, now_us
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

__all__ = ["BUDGET", "EPSILON", "ROUTES"]

EPSILON: Final = Fraction(1, 2)
"""What one count of one indicator on one day costs."""
BUDGET: Final = Fraction(50)
"""What one account may spend in all."""

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_audiences: weakref.WeakKeyDictionary[Any, Audiences] = weakref.WeakKeyDictionary()


class Bucket(msgspec.Struct, frozen=True):
    """All digests that begin with the prefix."""

    digests: list[str]


class CountsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Indicators ("kind:value") and a day (days since 1970, UTC) that is over."""

    indicators: Annotated[list[str], msgspec.Meta(min_length=1, max_length=1000)]
    day: Annotated[int, msgspec.Meta(ge=0)]


class CountsOut(msgspec.Struct, frozen=True):
    """Noisy counts, what each new one cost, and what is left."""

    counts: list[Release]
    epsilon: float
    left: float


def _of(services: Any) -> Audiences:
    knowledge = services.knowledge
    found = _audiences.get(knowledge)
    if found is None:
        found = _audiences[knowledge] = Audiences(knowledge)
    return found


@get("/private/parameters", sync_to_thread=True)
def private_parameters(request: _Asking, services: _Services) -> Parameters:
    """Give what one has to know to ask for buckets."""
    return _of(services).buckets(request.user.clearance).parameters


@get("/private/buckets/{prefix:str}", sync_to_thread=True)
def private_bucket(request: _Asking, services: _Services, prefix: FromPath[str]) -> Bucket:
    """Give the digests of all indicators whose digest begins with these 20 bits."""
    return Bucket(_of(services).buckets(request.user.clearance).bucket(prefix))


@get("/private/filter", sync_to_thread=True)
def private_filter(request: _Asking, services: _Services) -> Response[bytes]:
    """Give a filter of all indicators that the account may see, to ask at home."""
    data = _of(services).filter(request.user.clearance)
    name = 'attachment; filename="indicators.bloom"'
    return Response(
        data, media_type="application/octet-stream", headers={"Content-Disposition": name}
    )


@post("/private/counts", sync_to_thread=True, status_code=200)
def private_counts(request: _Asking, services: _Services, data: JSONBody[CountsIn]) -> CountsOut:
    """Give noisy numbers of members that saw each indicator; the account's budget pays."""
    if data.day >= now_us() // DAY:
        # A count of a day that goes on would be released once and be wrong ever after.
        raise UsageError("intelligence.error.count_day")
    store = services.part("intelligence").store

    def items(key: str) -> list[Item]:
        # One answer for all who ask: of what every member may see, whoever asks first.
        kind, _, value = key.partition(":")
        return list(store.items(ArtifactKind(kind), value, clearance=Tlp.GREEN))

    counts = SightingCounts(services.knowledge, items, epsilon=EPSILON, budget=BUDGET)
    released = counts.ask(request.user.name, [_key(one) for one in data.indicators], data.day)
    return CountsOut(released, float(EPSILON), float(counts.left(request.user.name)))


def _key(text: str) -> str:
    """The canonical spelling of "kind:value".

    Raises:
        UsageError: it is none.
    """
    name, _, value = text.partition(":")
    spelled = canonical(ArtifactKind(name), value) if name in set(ArtifactKind) else None
    if spelled is None:
        raise UsageError("intelligence.error.count_key", found=text[:200])
    return f"{name}:{spelled}"


ROUTES = (private_parameters, private_bucket, private_filter, private_counts)
