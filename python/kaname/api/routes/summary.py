"""The first page: what changed."""

from __future__ import annotations

from litestar import get

from kaname.api.identity import Asking, viewer
from kaname.api.parameters import Since, Until, instant
from kaname.api.services import Injected
from kaname.api.shapes import SummaryOut
from kaname.api.summaries import summarise

__all__ = ["ROUTES"]


@get("/summary", guards=[viewer], sync_to_thread=True)
def summary(
    services: Injected, account: Asking, since: Since = None, until: Until = None
) -> SummaryOut:
    """What changed against the period before, of the same length."""
    return summarise(services, account.clearance, instant(since), instant(until))


ROUTES = (summary,)
