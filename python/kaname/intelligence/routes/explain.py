"""Why an indicator scores what it does, and what analysts think of it.

What is explained is derived anew from what the asker may see, never read from what was
derived for somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.intelligence.score.explanation import Explanation
from kaname.intelligence.score.uncertain import answered
from kaname.intelligence.score.verdicts import Opinion, said, statement
from kaname.intelligence.telling import tell
from kaname.knowledge.assertions import Assertions
from kaname.model.errors import NotFoundError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.intelligence.score.desk import Told
    from kaname.intelligence.service import Intelligence

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Lang = Annotated[str, QueryParameter(pattern="^(en|ja)$", description="en or ja")]
_LONGEST = 4_000  # characters of a note


class VerdictIn(msgspec.Struct, frozen=True):
    """An opinion; without ``tlp`` it is marked as what the analyst saw of the indicator."""

    verdict: Opinion
    note: Annotated[str, msgspec.Meta(max_length=_LONGEST)] = ""
    tlp: Tlp | None = None


class VerdictOut(msgspec.Struct, frozen=True):
    """An opinion that was given."""

    id: str
    verdict: str
    analyst: str
    at: int
    tlp: Tlp
    note: str


class VerdictsOut(msgspec.Struct, frozen=True):
    """All opinions on an indicator, the oldest first."""

    items: list[VerdictOut]


@get("/indicators/{indicator:str}/explanation", sync_to_thread=True)
def explanation(
    request: _Asking, services: _Services, indicator: FromPath[str], lang: _Lang = "en"
) -> Explanation:
    """Terms, evidence, counterfactuals and a curve, signed."""
    from kaname.intelligence.score.signing import sign

    fusion: Intelligence = services.part("intelligence")
    now = now_us()
    shown = _told(services, indicator, request.user.clearance, now).explanation(now, lang)
    return msgspec.structs.replace(
        shown, signature=sign(msgspec.to_builtins(shown), fusion.signing_key)
    )


@post("/indicators/{indicator:str}/verdict", sync_to_thread=True, opt={"role": "analyst"})
def give_verdict(
    request: _Asking, services: _Services, indicator: FromPath[str], data: JSONBody[VerdictIn]
) -> VerdictOut:
    """Say what you think of it; the score follows at once."""
    clearance: Tlp = request.user.clearance
    found = services.knowledge.indicator(indicator, clearance=clearance)
    kept, evidence = statement(
        found.artifact, data.verdict, analyst=request.user.name, at=now_us(),
        tlp=data.tlp or found.tlp, note=data.note,
    )  # fmt: skip
    services.knowledge.part(Assertions).record([kept])
    answered(services.knowledge, found.id, data.verdict, by=request.user.name)
    services.part("intelligence").absorb([evidence])
    return _shown(kept)


@get("/indicators/{indicator:str}/verdicts", sync_to_thread=True)
def verdicts(request: _Asking, services: _Services, indicator: FromPath[str]) -> VerdictsOut:
    """What analysts said of it."""
    clearance: Tlp = request.user.clearance
    found = services.knowledge.indicator(indicator, clearance=clearance)
    return VerdictsOut([_shown(one) for one in said(services.knowledge, found.artifact, clearance)])


def _told(services: Any, key: str, clearance: Tlp, now: int) -> Told:
    fusion: Intelligence = services.part("intelligence")
    stored = services.knowledge.indicator(key, clearance=clearance)
    found = tell(fusion, stored.artifact, clearance, now)
    if found is None:
        raise NotFoundError("knowledge.error.no_indicator", id=key)
    return found


def _shown(one: Any) -> VerdictOut:
    return VerdictOut(one.id, one.value, one.source, one.at, one.tlp, one.note)


ROUTES = (explanation, give_verdict, verdicts)
