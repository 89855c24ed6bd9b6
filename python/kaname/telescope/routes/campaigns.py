"""Campaigns of the telescope: the board, one campaign, and alerts of named detectors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

from kaname.telescope.board import Campaign, Similar

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_State = Annotated[
    Literal["new", "growing", "steady", "ended"] | None,
    QueryParameter(name="state", description="of one state only"),
]
_DAYS = 14


class AlertOut(msgspec.Struct, frozen=True):
    """An alert of a named detector."""

    finding: str
    analysis: str
    title: dict[str, str]
    start: int
    end: int


class BoardOut(msgspec.Struct, frozen=True):
    """The board: campaigns without their members, and alerts of the last two weeks."""

    items: list[Campaign]
    alerts: list[AlertOut]
    until: int
    total: int
    next: str | None = None


class ScanCampaignOut(msgspec.Struct, frozen=True):
    """One campaign with its members, why it is one, and what was like it before."""

    campaign: Campaign
    similar: list[Similar]
    because: list[dict[str, str]]


@get("/telescope/campaigns", sync_to_thread=True)
def scan_campaigns(request: _Asking, services: _Services, of: _State = None) -> BoardOut:
    """List campaigns of scanning, those that act first."""
    from kaname.model.instant import DAY
    from kaname.telescope.campaign_book import alerts, campaigns, observed_until

    clearance = request.user.clearance
    found = campaigns(services.knowledge, services.lake, clearance)
    shown = [
        msgspec.structs.replace(one, members=(), features=())
        for one in found
        if of is None or one.state == of
    ]
    until = observed_until(services.lake)
    since = until - _DAYS * DAY
    beside = alerts(services.knowledge, clearance, since=max(0, since))
    told = [AlertOut(**msgspec.structs.asdict(alert)) for alert in beside]
    return BoardOut(items=shown, alerts=told, until=until, total=len(shown))


@get("/telescope/campaigns/{campaign:str}", sync_to_thread=True)
def scan_campaign(
    request: _Asking, services: _Services, campaign: FromPath[str]
) -> ScanCampaignOut:
    """Show one campaign of scanning."""
    from kaname.telescope import campaign_book

    found = campaign_book.campaign(
        services.knowledge, services.lake, request.user.clearance, key=campaign
    )
    return ScanCampaignOut(found.campaign, list(found.similar), list(found.because))


ROUTES = (scan_campaigns, scan_campaign)
