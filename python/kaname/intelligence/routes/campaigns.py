"""Campaigns: what looks like one, why, and what analysts say to it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, SkipValidation

from kaname.intelligence.fusion.book import Book
from kaname.intelligence.fusion.campaign_records import Campaign, CampaignMember
from kaname.knowledge.review_records import Step, review_id
from kaname.knowledge.reviews import Reviews
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.messages import text

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]


class CampaignOut(msgspec.Struct, frozen=True):
    """A campaign in a list; ``sources`` counts those that may be told, in ``named``."""

    id: str
    name: str
    state: str
    artifacts: int
    sources: int
    named: list[str]
    first_seen: int
    last_seen: int
    reason: dict[str, str]
    tlp: str


class BecauseOut(msgspec.Struct, frozen=True):
    """What joined two parts: the link, and how telling it is (``idf``, 0 to 1)."""

    kind: str
    value: str
    observations: int
    idf: float
    weight: float
    evidence: list[str]


class MergeOut(msgspec.Struct, frozen=True):
    """A merge, the assertion that states it, and whether it was undone."""

    a: str
    b: str
    because: BecauseOut
    assertion: str
    undone: bool


class CampaignDetail(CampaignOut, frozen=True):
    """A campaign with its members and merges."""

    members: list[CampaignMember]
    merges: list[MergeOut]


class CampaignsOut(msgspec.Struct, frozen=True):
    """All campaigns that may be seen."""

    items: list[CampaignOut]
    next: str | None
    total: int


class DecisionIn(msgspec.Struct, frozen=True):
    """What an analyst says; undoing names the assertion of the merge."""

    decision: Literal["confirm", "reject", "undo"]
    assertion: str = ""
    note: str = ""


@get("/campaigns", sync_to_thread=True)
def list_campaigns(request: _Asking, services: _Services) -> CampaignsOut:
    """Campaigns, the last seen first."""
    found = Book(services.knowledge).campaigns(clearance=request.user.clearance)
    return CampaignsOut([CampaignOut(**_row(one)) for one in found], None, len(found))


@get("/campaigns/{campaign:str}", sync_to_thread=True)
def show_campaign(request: _Asking, services: _Services, campaign: FromPath[str]) -> CampaignDetail:
    """One campaign: its artifacts, and what holds them together."""
    book = Book(services.knowledge)
    return _detail(book.campaign(campaign, clearance=request.user.clearance))


@post(
    "/campaigns/{campaign:str}/decision",
    opt={"role": "analyst"},
    status_code=200,
    sync_to_thread=True,
)
def decide_campaign(
    request: _Asking, services: _Services, campaign: FromPath[str], data: JSONBody[DecisionIn]
) -> CampaignDetail:
    """Confirm or reject a campaign, or undo one of its merges."""
    asking = request.user
    decided = Book(services.knowledge).decide(
        campaign,
        data.decision,
        by=asking.name,
        assertion=data.assertion,
        note=data.note,
        clearance=asking.clearance,
    )
    _answer_review(services, decided, data, asking.name)
    services.knowledge.audit(asking.name, f"campaign.{data.decision}", campaign)
    services.part("intelligence").campaigns_decided()
    return _detail(decided)


def _answer_review(services: Any, campaign: Campaign, data: JSONBody[DecisionIn], by: str) -> None:
    """The question about a campaign is answered by the same word."""
    step = Step.APPROVE if data.decision == "confirm" else Step.REJECT
    try:
        reviews = services.knowledge.part(Reviews)
        reviews.step(review_id("campaign", campaign.id), step, by=by, note=data.note)
    except (NotFoundError, ConflictError):
        return  # never asked, or answered already


def _row(one: Campaign) -> dict[str, Any]:
    values = {"artifacts": len(one.members), "merges": len(one.merges)}
    return {
        "id": one.id,
        "name": one.name,
        "state": one.state.value,
        "artifacts": len(one.members),
        "sources": len(one.sources),
        "named": list(one.sources),
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
        "reason": {
            language: text("intelligence.campaign.proposed", language, **values)
            for language in ("en", "ja")
        },
        "tlp": one.tlp.value,
    }


def _detail(one: Campaign) -> CampaignDetail:
    merges = [
        MergeOut(
            a=merge.a,
            b=merge.b,
            because=BecauseOut(
                kind=merge.kind,
                value=f"{merge.role_a} - {merge.role_b}",
                observations=merge.observations,
                idf=merge.idf,
                weight=merge.weight,
                evidence=list(merge.evidence),
            ),
            assertion=merge.assertion,
            undone=merge.undone,
        )
        for merge in one.merges
    ]
    return CampaignDetail(**_row(one), members=list(one.members), merges=merges)


ROUTES = (list_campaigns, show_campaign, decide_campaign)
